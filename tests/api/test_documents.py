"""Documents over HTTP: PDF and data, sealed by another process, compared by hash, and no trouble for anybody else."""

import hashlib
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from api import ApiSettings, create_app
from gecchain.cli.sealer import sealer_application
from gecchain.documents import Chain, Press
from gecchain.sealing import Seal, check_seal, create_development_seal
from gecchain.store import open_engine
from tests.api.serving import served
from tests.api.story import DEPLOYMENT, WIND, number

GOOD = number(WIND, "2026-08", 130)
CODES = {"certificates": GOOD, "vouchers": "1"}


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return create_development_seal(tmp_path_factory.mktemp("seal") / "seal.p12", "x")


@pytest.fixture(scope="module")
def sealer(settings: ApiSettings, seal: Seal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sealing process at its socket file."""
    socket = tmp_path_factory.mktemp("socket") / "sealer.sock"
    engine = open_engine(settings.database_url)
    chain = Chain(DEPLOYMENT.chain_id, DEPLOYMENT.certificates)
    press = Press(settings.base_url, demo=settings.demo)
    application = sealer_application(engine, chain, press, seal)
    server = uvicorn.Server(uvicorn.Config(application, uds=str(socket), log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    yield socket
    server.should_exit = True
    thread.join()
    engine.dispose()


@pytest.fixture(scope="module")
def sealing(settings: ApiSettings, sealer: Path) -> Iterator[httpx.Client]:
    """An API that has its documents sealed."""
    with served(create_app(replace(settings, sealer=sealer))) as found:
        yield found


def sheet(client: httpx.Client) -> str:
    return str(client.get(f"/v1/certificates/{GOOD}").json()["retirement"])


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("place", ["certificates", "vouchers", "retirements"])
def test_pdf_and_data(client: httpx.Client, place: str) -> None:
    code = CODES.get(place) or sheet(client)
    pdf = client.get(f"/v1/{place}/{code}.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["x-seal"] == "none"
    assert pdf.content.startswith(b"%PDF-1.7")
    again = client.get(f"/v1/{place}/{code}.pdf", headers={"If-None-Match": pdf.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    data = client.get(f"/v1/{place}/{code}.json")
    assert data.json()["code"] == code
    assert data.headers["etag"] == f'"{digest(data.content)}"'
    kind = place.removesuffix("s")
    for content, form in ((pdf.content, "pdf"), (data.content, "data")):
        asked = {"sha256": digest(content), "as_of": data.json()["as_of"]["block"]}
        answer = client.get(f"/v1/documents/{kind}/{code}", params=asked).json()
        assert (answer["verdict"], answer["form"], answer["latest"]) == ("same", form, True)
        assert answer["document_sha256"] == digest(data.content)


def test_the_other_answers_stay_where_they_were(client: httpx.Client) -> None:
    assert client.get(f"/v1/certificates/{GOOD}").json()["number"] == GOOD
    assert client.get("/v1/vouchers/1").json()["trade"] == "1"


def test_what_has_happened_since_is_said(client: httpx.Client) -> None:
    then = client.get("/v1/vouchers/1.json").json()["as_of"]["block"]
    answer = client.get(f"/v1/documents/certificate/{GOOD}", params={"as_of": then}).json()
    assert (answer["as_of"], answer["latest"]) == (then, False)
    assert [one["name"]["code"] for one in answer["since"]] == ["retired"]
    old = client.get(f"/v1/certificates/{GOOD}.pdf", params={"as_of": then}).content
    asked = {"sha256": digest(old), "as_of": then}
    assert client.get(f"/v1/documents/certificate/{GOOD}", params=asked).json()["verdict"] == "same"
    assert (
        client.get(f"/v1/documents/certificate/{GOOD}", params={"sha256": digest(old)}).json()["verdict"] == "different"
    )


@pytest.mark.parametrize("at", [0, 20_000, -1])
def test_an_altered_byte_is_another_file(client: httpx.Client, at: int) -> None:
    changed = bytearray(client.get("/v1/vouchers/1.pdf").content)
    changed[at] ^= 1
    answer = client.get("/v1/documents/voucher/1", params={"sha256": digest(changed)}).json()
    assert (answer["verdict"], answer["form"]) == ("different", None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/vouchers/999.pdf", 404),
        ("/v1/vouchers/x.pdf", 400),
        ("/v1/vouchers/1.pdf?as_of=1", 404),
        ("/v1/vouchers/1.pdf?as_of=-1", 400),
        ("/v1/vouchers/1.pdf?as_of=99999", 404),
        ("/v1/certificates/nothing.json", 400),
        ("/v1/documents/diploma/1", 400),
        ("/v1/documents/voucher/1?sha256=abc", 400),
        ("/v1/documents/voucher/1?press=..", 400),
        ("/zh/documents/voucher/999", 404),
        ("/en/documents/diploma/1", 400),
    ],
)
def test_what_there_is_not_is_told(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_sealed_by_another_process(sealing: httpx.Client, seal: Seal, tmp_path: Path) -> None:
    answer = sealing.get("/v1/vouchers/1.pdf")
    assert answer.headers["x-seal"] == seal.fingerprint
    found = check_seal(answer.content, [seal.certificate])
    assert found is not None
    assert found.good
    assert found.trusted
    plain = sealing.get("/v1/vouchers/1.pdf", params={"sealed": "false"}).content
    assert answer.content.startswith(plain)
    assert sealing.get("/v1/vouchers/1.pdf").content == answer.content
    path = tmp_path / "sealed.pdf"
    path.write_bytes(answer.content)
    said = subprocess.run(["pdfsig", str(path)], check=True, capture_output=True, text=True).stdout
    assert "Signature is Valid." in said


def check(client: httpx.Client, content: bytes, **more: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/documents/voucher/1", params={"sha256": digest(content), **more}).json()
    return found


def test_sealed_and_unsealed_copies_are_known(sealing: httpx.Client, seal: Seal) -> None:
    sealed = sealing.get("/v1/vouchers/1.pdf").content
    plain = sealing.get("/v1/vouchers/1.pdf", params={"sealed": "false"}).content
    assert check(sealing, sealed, seal=seal.fingerprint)["form"] == "sealed_pdf"
    assert check(sealing, sealed)["form"] == "sealed_pdf"
    assert check(sealing, plain)["form"] == "pdf"
    changed = bytearray(sealed)
    changed[-10] ^= 1
    assert check(sealing, bytes(changed), seal=seal.fingerprint)["verdict"] == "different"


def test_another_press_or_seal_cannot_be_compared(sealing: httpx.Client, client: httpx.Client) -> None:
    sealed = sealing.get("/v1/vouchers/1.pdf").content
    assert check(sealing, b"other", press="0" * 16)["verdict"] == "incomparable"
    assert check(sealing, b"other", seal="0" * 16)["verdict"] == "incomparable"
    assert check(client, sealed, seal="0" * 16)["verdict"] == "incomparable"
    assert check(sealing, sealing.get("/v1/vouchers/1.json").content, press="0" * 16)["form"] == "data"


def test_a_seal_that_is_away_is_told(settings: ApiSettings, tmp_path: Path) -> None:
    with served(create_app(replace(settings, sealer=tmp_path / "nobody.sock"))) as alone:
        answer = alone.get("/v1/vouchers/1.pdf")
        assert answer.status_code == 503
        assert "sealed=false" in answer.json()["remedy"]
        assert alone.get("/v1/vouchers/1.pdf", params={"sealed": "false"}).status_code == 200


def test_a_missing_typeface_is_told(settings: ApiSettings, tmp_path: Path) -> None:
    with served(create_app(replace(settings, fonts=tmp_path))) as bare:
        answer = bare.get("/v1/vouchers/1.pdf")
        assert answer.status_code == 503
        assert "GEC_FONTS" in answer.json()["remedy"]
        assert bare.get("/v1/vouchers/1.json").status_code == 200


def test_the_sealer_takes_nothing_but_names(sealer: Path) -> None:
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(sealer)), base_url="http://sealer") as asked:
        assert asked.get("/voucher/999").status_code == 404
        assert asked.get("/diploma/1").status_code == 400
        assert asked.get("/voucher/1", params={"as_of": "x"}).status_code == 400
        assert asked.post("/voucher/1", content=b"%PDF-1.7").status_code == 405


def test_documents_hold_nobody_up(client: httpx.Client) -> None:
    """While more documents are asked for than are set at once, a plain answer comes at once."""
    base = str(client.base_url)
    done: list[int] = []

    def many() -> None:
        with httpx.Client(base_url=base, trust_env=False, timeout=60) as own:
            done.extend(own.get("/v1/vouchers/1.pdf").status_code for _ in range(4))

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        begun = time.perf_counter()
        assert client.get("/v1/health").status_code == 200
        waits.append(time.perf_counter() - begun)
    assert done == [200] * 32
    assert sorted(waits)[len(waits) // 2] < 1


# In a browser


@pytest.fixture
def opens(browser: Browser, sealing: httpx.Client) -> Iterator[tuple[Page, list[str]]]:
    """A page, and every request of it that could have carried a file."""
    base = str(sealing.base_url).rstrip("/")
    context = browser.new_context(base_url=base)
    page = context.new_page()
    sent: list[str] = []
    complaints: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.post_data or request.method != "GET" else None
    )
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page, sent
    context.close()
    assert sent == []
    assert complaints == []


def choose(page: Page, name: str, content: bytes) -> None:
    kind = "application/pdf" if name.endswith(".pdf") else "application/json"
    page.locator("#drop-file").set_input_files([{"name": name, "mimeType": kind, "buffer": content}])


def drop(page: Page, content: bytes) -> None:
    """Drops a file as a mouse does."""
    script = """bytes => {
      const files = new DataTransfer();
      files.items.add(new File([new Uint8Array(bytes)], "document.pdf", { type: "application/pdf" }));
      return files;
    }"""
    files = page.evaluate_handle(script, list(content))
    page.dispatch_event("[data-drop]", "dragover", {"dataTransfer": files})
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": files})


def test_a_dropped_document_is_genuine(opens: tuple[Page, list[str]], sealing: httpx.Client) -> None:
    page, _sent = opens
    page.goto("/zh/")
    drop(page, sealing.get(f"/v1/certificates/{GOOD}.pdf").content)
    expect(page.get_by_role("heading", level=1)).to_have_text("文件真实，未被改动")
    expect(page.get_by_text("带有本登记现用的电子签章")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and unaltered")


def test_an_altered_document_does_not_pass(opens: tuple[Page, list[str]], sealing: httpx.Client) -> None:
    page, _sent = opens
    for at in (5, 30_000, -5):
        changed = bytearray(sealing.get("/v1/vouchers/1.pdf").content)
        changed[at] ^= 1
        page.goto("/en/")
        choose(page, "document.pdf", bytes(changed))
        expect(page.get_by_role("heading", level=1)).to_have_text("Not what the registry says")


def test_data_an_older_document_and_one_that_is_none(opens: tuple[Page, list[str]], sealing: httpx.Client) -> None:
    page, _sent = opens
    then = sealing.get("/v1/vouchers/1.json").json()["as_of"]["block"]
    page.goto(f"/en/verify/{GOOD}")
    choose(page, "document.json", sealing.get(f"/v1/certificates/{GOOD}.json", params={"as_of": then}).content)
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine and unaltered")
    expect(page.get_by_text("Retired")).to_be_visible()
    data = sealing.get("/v1/vouchers/1.json").json()
    choose(page, "document.json", json.dumps(data | {"code": "999"}).encode())
    expect(page.get_by_role("heading", level=1)).to_have_text("No such document")
    choose(page, "other.pdf", b"%PDF-1.7 something else")
    expect(page.get_by_role("status")).to_contain_text("This is no document of this registry")


def test_the_place_for_a_file_is_reached_by_keyboard(opens: tuple[Page, list[str]]) -> None:
    page, _sent = opens
    # Whoever asks for choosers only when one is about to open may ask too late.
    page.on("filechooser", lambda _chooser: None)
    page.goto("/en/")
    page.get_by_role("textbox").focus()
    for _ in range(2):
        page.keyboard.press("Tab")
    expect(page.locator("#drop-file")).to_be_focused()
    with page.expect_file_chooser():
        page.keyboard.press("Space")


def test_without_scripts_there_is_no_place_for_a_file(browser: Browser, sealing: httpx.Client) -> None:
    context = browser.new_context(base_url=str(sealing.base_url).rstrip("/"), java_script_enabled=False)
    page = context.new_page()
    page.goto("/en/")
    expect(page.locator("[data-drop]")).to_be_hidden()
    context.close()
