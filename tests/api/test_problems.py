"""Problem details: every kind of error says what is wrong and what to do, and gives nothing else away."""

from pathlib import Path

import httpx
import pytest

from api import ApiSettings, create_app
from api.problems import KINDS
from gecchain.chain.deployment import save_deployment
from gecchain.errors import BadInput, NotFound
from tests.api.serving import served
from tests.api.story import BUYER, DEPLOYMENT, SUN, WIND, number

GOOD = number(WIND, "2026-08", 0)
PROBLEMS = [
    (f"/v1/certificates/{GOOD[:-1]}", 400, "bad-input", "length"),
    (f"/v1/certificates/{GOOD[:16]}0{GOOD[17:]}", 400, "bad-input", "check character"),
    (f"/v1/certificates/{number(WIND, '2026-08', 12_346)}", 404, "not-found", ""),
    (f"/v1/trace/{number(SUN, '2026-07', 0)}", 404, "not-found", ""),
    ("/v1/trace/x", 400, "bad-input", "length"),
    ("/v1/projects/CW01", 400, "bad-input", "length"),
    (f"/v1/projects/{SUN.code.replace('S04', 'S05')}", 400, "bad-input", "check character"),
    ("/v1/accounts/0x12/holdings", 400, "bad-input", "account"),
    (f"/v1/accounts/0x{'0' * 40}/holdings", 404, "not-found", ""),
    (f"/v1/accounts/{BUYER}/holdings?after=bm8", 400, "bad-input", "after"),
    (f"/v1/accounts/{BUYER}/holdings?limit=0", 400, "bad-input", "limit"),
    ("/v1/events?after=%F0%9F%98%80", 400, "bad-input", "after"),
    ("/v1/events?min_block=-1", 400, "bad-input", "min_block"),
    ("/v1/vouchers/abc", 400, "bad-input", "trade"),
    ("/v1/vouchers/99", 404, "not-found", ""),
    (f"/v1/vouchers/{10**18 * 9 + 9**18}", 404, "not-found", ""),
    ("/v1/retirements/9999999999999999999", 404, "not-found", ""),
    ("/v1/retirements/17", 404, "not-found", ""),
    ("/v1/stats?by=colour", 400, "bad-input", "by"),
    ("/v1/nothing", 404, "not-found", ""),
]


@pytest.mark.parametrize(("path", "status", "kind", "field"), PROBLEMS)
def test_every_problem(client: httpx.Client, path: str, status: int, kind: str, field: str) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["type"] == f"/docs#problem-{kind}"
    assert (found["status"], found["field"], found["instance"]) == (status, field, httpx.URL(path).path)
    assert found["title"]
    assert found["detail"]
    if kind == "bad-input":
        assert found["remedy"]


def test_a_cursor_belongs_to_its_list(client: httpx.Client) -> None:
    cursor = client.get("/v1/events?limit=1").json()["next"]
    assert client.get("/v1/listings", params={"after": cursor}).status_code == 400


def test_other_methods_are_refused(client: httpx.Client) -> None:
    answer = client.post("/v1/stats")
    assert (answer.status_code, answer.json()["type"]) == (405, "/docs#problem-method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"
    assert client.delete("/zh/").status_code == 405


def test_a_database_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    save_deployment(tmp_path / "deployment.json", DEPLOYMENT)
    (tmp_path / "store.db").write_text("this is no database, and certainly not one of ours")
    settings = ApiSettings(f"sqlite:///{tmp_path / 'store.db'}", tmp_path / "deployment.json")
    with served(create_app(settings)) as client:
        for path in ("/v1/health", f"/v1/verify/{GOOD}", "/zh/"):
            answer = client.get(path)
            assert answer.status_code in (500, 503)
            assert str(tmp_path) not in answer.text
            assert "Traceback" not in answer.text
            assert "SELECT" not in answer.text


def test_what_nobody_foresaw_is_answered_without_details(settings: ApiSettings) -> None:
    app = create_app(settings)

    def broken() -> None:
        raise ZeroDivisionError("secret")

    app.add_api_route("/v1/broken", broken)
    app.add_api_route("/zh/broken", broken)
    with served(app) as client:
        answer, page = client.get("/v1/broken"), client.get("/zh/broken")
    assert (answer.status_code, answer.json()["type"]) == (500, "/docs#problem-internal")
    assert page.status_code == 500
    assert "服务出错" in page.text
    for found in (answer, page):
        assert "secret" not in found.text
        assert found.headers["content-security-policy"]


def test_settings_that_cannot_work_are_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        create_app(ApiSettings("sqlite://", tmp_path / "none.json"))
    with pytest.raises(BadInput):
        create_app(ApiSettings("no url", tmp_path / "none.json"))


def test_every_kind_has_a_paragraph_on_the_reference_page(client: httpx.Client) -> None:
    page = client.get("/en/docs").text
    for kind in KINDS:
        assert f'id="problem-{kind.name}"' in page
