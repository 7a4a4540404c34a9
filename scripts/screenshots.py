"""Keeps a picture of every page: desktop and phone, Chinese and English, light and dark, so that somebody looks at all.

    python scripts/screenshots.py FOLDER --home YEARS-HOME      serves that home (with its chain) while it works
    python scripts/screenshots.py FOLDER --url http://...       asks a registry that is served already
    python scripts/screenshots.py docs/images --home YEARS-HOME --readme      makes the README's picture anew

What to open is found in the registry itself: a certificate in every state, a trade, a retirement, a batch, a dispute.
"""

import argparse
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, ViewportSize, sync_playwright

SIZES: Final = {"desktop": (1280, 900), "phone": (360, 780)}
README_SIZE: Final[ViewportSize] = {"width": 780, "height": 900}
LANGUAGES: Final = ("zh", "en")
SCHEMES: Final = ("light", "dark")
CHROMIUM: Final = "/usr/bin/chromium"
FLAGS: Final = ("--no-sandbox", "--hide-scrollbars", "--disable-gpu", "--disable-background-networking")


def main() -> int:
    """Takes the pictures; 1 if a page failed, asked anybody else for something, or is wider than a phone."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path, help="where the pictures go")
    asked.add_argument("--home", type=Path, help="a registry's home folder, served while this works")
    asked.add_argument("--url", help="address of a registry that is served already")
    asked.add_argument("--only", default="", help="only pages whose name holds this")
    asked.add_argument(
        "--readme", action="store_true", help="only the README's picture: the answer to a certificate on sale"
    )
    options = asked.parse_args()
    if bool(options.home) == bool(options.url):
        asked.error("give either --home or --url")
    options.folder.mkdir(parents=True, exist_ok=True)
    with served(options.home) if options.home else unserved(options.url) as url:
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            pages = {name: path for name, path in pages_of(client).items() if options.only in name}
        faults = list(shoot_readme(url, pages, options.folder) if options.readme else shoot(url, pages, options.folder))
    count = 1 if options.readme else len(pages) * len(SIZES) * len(LANGUAGES) * len(SCHEMES)
    print(f"{count} pictures in {options.folder}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


@contextmanager
def unserved(url: str) -> Iterator[str]:
    """A registry that somebody else serves."""
    yield url.rstrip("/")


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`gec serve` on free ports, until the pictures are taken."""
    port, chain = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    gec = str(Path(sys.executable).with_name("gec"))
    command = [gec, "--home", str(home), "--rpc", f"http://127.0.0.1:{chain}", "serve", "--with-chain"]
    with subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(url, process)
            yield url
        finally:
            process.terminate()


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(url: str, process: "subprocess.Popen[bytes]", seconds: float = 120) -> None:
    """Until the registry has indexed its whole chain."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{url}/v1/health", trust_env=False, timeout=10).json()["status"] == "ok":
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"{url} did not become ready.")


def pages_of(client: httpx.Client) -> dict[str, str]:
    """Name to path of everything worth a picture in this registry."""
    events = all_events(client)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event)
    pages = {"home": "/", "market": "/market", "market-none": "/market?price=0.01", "statistics": "/statistics"}
    pages |= {"projects": "/projects", "projects-none": "/projects?q=zzz", "cases": "/cases", "docs": "/docs"}
    pages |= {"not-found": "/nothing/here", "wrong-number": "/certificates/wrong", "malformed": "/verify?q=nonsense"}
    for kind, field, name in (("Traded", "trade", "vouchers"), ("CaseOpened", "case_id", "cases")):
        for event in by_kind.get(kind, ())[-4:]:
            pages[f"{name}-{event['data'][field]}"] = f"/{name}/{event['data'][field]}"
    for number, event in enumerate(by_kind.get("Retired", ()), start=1):
        position = event["place"]["block"] << 24 | event["place"]["log_index"]
        pages[f"retirements-{number}"] = f"/retirements/{position}"
    for event in by_kind.get("AccountOpened", ()):  # the last one of each kind
        pages[f"accounts-{event['data']['kind']}"] = f"/accounts/{event['data']['account']}"
    for lot in client.get("/v1/listings", params={"limit": 1}).json()["items"]:
        number = lot["left"]["first_number"]
        pages["certificates-on-sale"] = f"/certificates/{number}"
        pages["verify-on-sale"] = f"/verify/{client.get(f'/v1/verify/{number}').json()['hash']}"
    return pages | certificates_of(client, by_kind)


def certificates_of(client: httpx.Client, by_kind: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Projects and their batches, and the certificates that something happened to."""
    pages = {}
    codes = sorted({code(event) for event in by_kind.get("FilingSubmitted", ())})
    for number, found in enumerate(codes):
        pages[f"projects-{number}"] = f"/projects/{found}"
        for month in client.get(f"/v1/projects/{found}").json()["months"][-1:]:
            pages[f"batches-{number}"] = f"/batches/{month['first_number']}"
    kinds = ("Traded", "Retired", "Moved", "Added", "Deducted", "Frozen", "TradeUndone", "Listed")
    for kind in kinds:
        for event in by_kind.get(kind, ())[-1:]:
            token = int(event["data"]["batch"]) << 32 | int(event["data"]["start"])
            number_text = client.get(f"/v1/verify/{token_number(token)}").json()["number"]
            for page in ("batches", "certificates", "trace", "verify"):
                pages[f"{page}-{kind.lower()}"] = f"/{page}/{number_text}"
    return pages


def code(event: dict[str, Any]) -> str:
    """The project code of a filing."""
    from gecchain.rules import ProjectKey

    return ProjectKey.from_id(int(event["data"]["project"])).code


def token_number(token: int) -> str:
    """The number of a token id."""
    from gecchain.rules import number_of

    return number_of(token)


def all_events(client: httpx.Client) -> list[dict[str, Any]]:
    """The whole feed."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = client.get("/v1/events", params={"limit": 500} | ({"after": after} if after else {})).json()
        found += page["items"]
        after = page["next"]
        if after is None:
            return found


def shoot(url: str, pages: dict[str, str], folder: Path) -> Iterator[str]:
    """Opens every page in every form; yields what is wrong with one."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for size, language, scheme in product(SIZES, LANGUAGES, SCHEMES):
            yield from shoot_one_form(browser, url, pages, folder, size, language, scheme)
        browser.close()


def shoot_readme(url: str, pages: dict[str, str], folder: Path) -> Iterator[str]:
    """The upper part of the answer to a good certificate, small enough for a README."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(viewport=README_SIZE, color_scheme="light")
        page.goto(f"{url}/en{pages['verify-on-sale']}")
        if page.locator("[data-verdict]").get_attribute("data-verdict") not in ("held", "listed", "valid"):
            yield "the README's certificate is not in order"
        page.screenshot(path=folder / "verify-en.png")
        browser.close()


def shoot_one_form(
    browser: Browser, url: str, pages: dict[str, str], folder: Path, size: str, language: str, scheme: str
) -> Iterator[str]:
    """Every page in one size, language and colour scheme."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name, path in pages.items():
        answer = page.goto(f"{url}/{language}{path}")
        if answer is None or answer.status >= 500:
            yield f"{language}{path} failed"
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            yield f"{language}{path} is {wide} wide on {width}"
        page.screenshot(path=folder / f"{name}.{size}.{language}.{scheme}.png", full_page=True)
    yield from (f"asked {one}" for one in asked if not one.startswith(url))
    context.close()


if __name__ == "__main__":
    raise SystemExit(main())
