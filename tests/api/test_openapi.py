"""The OpenAPI document: examples are answers, everything is described, and nothing undocumented is ever answered."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import ApiSettings, create_app
from api.lists import EXPORTS
from api.openapi import examples, success_of
from api.settings import Rates
from gecchain.chain.deployment import save_deployment
from gecchain.store import migrate, open_engine
from gecchain.store.desk import keys
from tests.api.serving import served
from tests.api.story import BUYER, DEPLOYMENT, OWNER, SUN, WIND, index, number
from tests.api.whole import DEAL, DECLARATION, SEA, tell_all

FILE = Path(__file__).parents[2] / "api" / "examples.json"
AUGUST = "2026-08"
ASKED = {
    "/v1/certificates": f"/v1/certificates?owner={BUYER}&state=held&limit=2",
    "/v1/batches": f"/v1/batches?project={WIND.code}&limit=2",
    "/v1/projects": "/v1/projects?province=15&limit=1",
    "/v1/trades": f"/v1/trades?buyer={BUYER}&limit=1",
    "/v1/retirements": f"/v1/retirements?holder={BUYER}&limit=1",
    "/v1/verify/{claim}": f"/v1/verify/{number(WIND, AUGUST, 200)}",
    "/v1/certificates/{number}": f"/v1/certificates/{number(WIND, AUGUST, 200)}",
    "/v1/trace/{number}": f"/v1/trace/{number(WIND, AUGUST, 120)}",
    "/v1/projects/{code}": f"/v1/projects/{SUN.code}",
    "/v1/projects/{code}/ccer": f"/v1/projects/{SEA.code}/ccer",
    "/v1/accounts/{account}": f"/v1/accounts/{BUYER}",
    "/v1/accounts/{account}/holdings": f"/v1/accounts/{BUYER}/holdings?limit=2",
    "/v1/accounts/{account}/mandate": f"/v1/accounts/{OWNER}/mandate",
    "/v1/listings": "/v1/listings?limit=1",
    "/v1/vouchers/{code}": "/v1/vouchers/1",
    "/v1/retirements/{code}": None,
    "/v1/cases": "/v1/cases?limit=1",
    "/v1/cases/{number}": "/v1/cases/1",
    "/v1/declarations": "/v1/declarations?limit=1",
    "/v1/declarations/{declaration}": f"/v1/declarations/{DECLARATION}",
    "/v1/deals": "/v1/deals?limit=1",
    "/v1/deals/{deal}": f"/v1/deals/{DEAL}",
    "/v1/settlements": "/v1/settlements?limit=1",
    "/v1/expiring": "/v1/expiring?limit=1",
    "/v1/events": f"/v1/events?account={BUYER}&limit=2",
    "/v1/events/stream": f"/v1/events/stream?account={BUYER}&kind=Traded",
    "/v1/stats": "/v1/stats?by=technology",
    "/v1/health": "/v1/health",
}
# Files, and what is for those who are known: described, without an answer as an example.
OTHERS = {
    "/v1/certificates/{number}.json",
    "/v1/certificates/{number}.pdf",
    "/v1/vouchers/{code}.json",
    "/v1/vouchers/{code}.pdf",
    "/v1/retirements/{code}.json",
    "/v1/retirements/{code}.pdf",
    "/v1/documents/{kind}/{code}",
    "/v1/evidence/{hash}",
    "/v1/registry",
    "/v1/session",
    "/v1/session/challenge",
    "/v1/requests",
    "/v1/requests/prepare",
    "/v1/requests/{digest}",
    "/v1/webhooks",
}
PROBLEMS = {
    "400": ("/v1/listings?fields=price", {}),
    "401": (f"/v1/evidence/0x{'ab' * 32}", {}),
    "404": ("/v1/vouchers/99", {}),
    "406": ("/v1/trades", {"Accept": "image/png"}),
}
NOW = 1_844_640_000  # 2028-06-15, when certificates of the story are about to expire


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiSettings]:
    folder = tmp_path_factory.mktemp("whole")
    url = f"sqlite:///{folder / 'store.db'}"
    engine = open_engine(url)
    migrate(engine)
    index(engine, tell_all(), head=100)
    engine.dispose()
    save_deployment(folder / "deployment.json", DEPLOYMENT)
    desk = f"sqlite:///{folder / 'desk.db'}"
    return ApiSettings(
        url, folder / "deployment.json", base_url="https://gec.example", desk_url=desk, rates=Rates("", "", "")
    )


@pytest.fixture(scope="module")
def app(whole: ApiSettings) -> Any:
    found = create_app(whole)
    found.state.registry.now = lambda: NOW
    return found


@pytest.fixture(scope="module")
def client(app: Any) -> Iterator[httpx.Client]:
    with served(app) as found:
        yield found


def asked_again(client: httpx.Client, app: Any) -> dict[str, Any]:
    """Every question of `ASKED`, and every problem, as they are answered now."""
    paths: dict[str, Any] = {}
    for path, question in ASKED.items():
        ask = question or f"/v1/retirements/{client.get('/v1/retirements').json()['items'][0]['retirement']}"
        paths[path] = answers(client, ask, path)
    problems = {status: client.get(path, headers=more).json() for status, (path, more) in PROBLEMS.items()}
    app.state.registry.patience = 0.0
    problems["504"] = client.get("/v1/health?min_block=1000").json()
    turns = app.state.exports
    for _ in range(EXPORTS):
        turns.acquire()
    problems["503"] = client.get("/v1/trades?format=csv").json()
    for _ in range(EXPORTS):
        turns.release()
    return {"paths": paths, "problems": dict(sorted(problems.items()))}


def answers(client: httpx.Client, ask: str, path: str) -> dict[str, Any]:
    if path.endswith("/stream"):
        with client.stream("GET", ask) as answer:
            text = "".join(line + "\n" for _, line in zip(range(6), answer.iter_lines(), strict=False))
        return {"ask": ask, "stream": text}
    found = {"ask": ask, "json": client.get(ask).raise_for_status().json()}
    if "limit=" in ask:
        for word in ("csv", "ndjson"):
            found[word] = client.get(f"{ask}&format={word}").raise_for_status().text
    return found


def test_examples_are_what_is_answered(client: httpx.Client, app: Any) -> None:
    found = asked_again(client, app)
    if os.environ.get("GEC_WRITE_DOCS"):
        FILE.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    assert found == orjson.loads(FILE.read_bytes()), "GEC_WRITE_DOCS=1 writes api/examples.json anew"


@pytest.mark.parametrize(
    "word", [None, "1", "0", "-1", "绿证", "a%20b", "%00", "1" * 20, "x" * 400, "x" * 401, "9" * 4_000]
)
def test_a_path_alone_is_answered_like_a_path_with_a_query(client: httpx.Client, app: Any, word: str | None) -> None:
    """The endpoint answers the one at once, and FastAPI reads the parameters of the other."""
    paths = [path for path in ASKED if "{" in path and not path.endswith("/stream")]
    given = {"claim": number(WIND, AUGUST, 200), "number": number(WIND, AUGUST, 120), "code": WIND.code}
    given |= {"account": BUYER, "declaration": DECLARATION, "deal": DEAL}
    for path in ["/v1/health", "/v1/registry", "/v1/stats", *paths]:
        words = {name: value if word is None else word for name, value in given.items()}
        ask = path.format(**words)
        alone, beside = client.get(ask), client.get(ask, params={"nothing": "1"})
        assert (alone.status_code, alone.json()) == (beside.status_code, beside.json()), ask
        assert set(alone.headers) == set(beside.headers), ask
        assert word is not None or alone.status_code in (200, 400, 404), ask


def test_every_operation_is_documented(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
            assert all(one.get("description") for one in operation.get("parameters", [])), path
            assert {"400", "500", "503", "504"} <= set(operation["responses"]), path
            assert "default" not in operation["responses"]
            assert "422" not in operation["responses"]
            if path in ASKED:
                contents = operation["responses"][success_of(operation["responses"])]["content"].values()
                assert all("example" in one for one in contents), path
    found = {path for path in document["paths"] if not path.startswith("/v1/webhooks/")}
    assert found == {*ASKED, *OTHERS}
    assert set(examples()["paths"]) == set(ASKED)


def test_the_reference_page_shows_examples_and_problems(client: httpx.Client) -> None:
    page = client.get("/en/docs").text
    assert "示例制造有限公司" in page
    assert "application/x-ndjson" in page
    document = client.get("/openapi.json").json()
    assert page.count("<h3><span") == sum(map(len, document["paths"].values()))
    assert 'id="problem-not-acceptable"' in page


def no_server_error(_context: Any, response: Any, _case: Any) -> None:
    """504 says that a block asked for with `min_block` is not indexed yet, which is nobody's fault."""
    assert response.status_code < 500 or (response.status_code == 504 and "min_block" in response.request.url)


CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def test_nothing_undocumented_is_answered(client: httpx.Client, app: Any) -> None:
    """Schemathesis over every operation but the stream, which does not end (test_stream.py has it)."""
    app.state.registry.patience = 0.0
    base = str(client.base_url)
    with app.state.desk.writing() as db:
        _key, secret = keys.grant(db, "Platform", now=NOW)
    schema = schemathesis.openapi.from_dict(app.openapi())
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path == "/v1/events/stream":
            continue
        for headers in ({}, {"Authorization": f"Bearer {secret}"}) if "security" in operation.definition.raw else ({},):
            tried += _try(operation, base, headers)
    assert tried > 5 * len(ASKED)


def _try(operation: Any, base: str, headers: dict[str, str]) -> int:
    count = 0

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: Any) -> None:
        nonlocal count
        count += 1
        case.call_and_validate(base_url=base, checks=CHECKS, headers=headers)

    given(case=operation.as_strategy())(attempt)()
    return count
