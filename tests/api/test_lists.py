"""Lists as platforms read them: filters, chosen fields, tags, HEAD, gzip, and exports that are whole and flat."""

import csv
import io
import json
import socket
import threading
import tracemalloc
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api import ApiSettings, create_app
from api.exporting import columns, csv_rows
from api.lists import EXPORTS
from gecchain.answers import Named, OwnedAnswer
from gecchain.chain.deployment import save_deployment
from gecchain.store import connected, migrate, open_engine
from tests.api.serving import served
from tests.api.story import (
    BUYER,
    DEPLOYMENT,
    HYDRO,
    OWNER,
    PERSON,
    PLATFORM,
    PROVINCE,
    SUN_OWNER,
    WAITING,
    WIND,
    batch_of,
    index,
    tell,
)
from tests.api.test_routes import everything, get

LISTS = [
    "/v1/certificates",
    "/v1/batches",
    "/v1/projects",
    "/v1/trades",
    "/v1/retirements",
    "/v1/listings",
    "/v1/events",
    "/v1/cases",
    "/v1/declarations",
    "/v1/deals",
    "/v1/settlements",
    "/v1/expiring",
    f"/v1/accounts/{OWNER}/holdings",
]
CSV, NDJSON = "text/csv", "application/x-ndjson"
PLAIN = {"Accept-Encoding": "identity"}


def counted(items: list[Any]) -> int:
    return sum(item["range"]["count"] for item in items)


# Filters


@pytest.mark.parametrize("limit", [1, 500])
def test_all_ranges_are_all_certificates(client: httpx.Client, limit: int) -> None:
    found = everything(client, "/v1/certificates", limit=limit)
    assert counted(found) == get(client, "/v1/stats")["issued"]
    assert found == everything(client, "/v1/certificates", limit=500)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"state": "listed"}, 3000),
        ({"state": "frozen"}, 10),
        ({"state": "retired"}, 40),
        ({"state": "retired", "owner": BUYER}, 30),
        ({"traded": True}, 1000),
        ({"traded": True, "owner": OWNER}, 0),
        ({"project": WIND.code, "from": "2026-08"}, 12_346),
        ({"project": WIND.code, "until": "2026-08"}, 9145),
        ({"province": "44"}, 4),
        ({"technology": "hydro", "owner": BUYER}, 30),
        ({"tradable": False}, 158),
        ({"electricity": "self_use"}, 0),
        ({"expiring_before": "2026-01-01"}, 15),
        ({"expiring_before": "2025-12-31"}, 0),
    ],
)
def test_filters_of_certificates(client: httpx.Client, wanted: dict[str, Any], count: int) -> None:
    assert counted(everything(client, "/v1/certificates", **wanted, limit=3)) == count


def test_batches_and_projects(client: httpx.Client) -> None:
    found = everything(client, "/v1/batches", owner=OWNER, limit=2)
    assert sum(item["count"] for item in found) == 25 + 9120 + 12_346 + 77 + 81
    assert {item["holder"] for item in found if item["technology"]["code"] == "hydro"} == {PROVINCE}
    assert [item["month"] for item in everything(client, "/v1/batches", province="15", limit=1)] == [
        "2023-10",
        *["2026-07"] * 2,
        *["2026-08"] * 2,
    ]
    plants = everything(client, "/v1/projects", limit=1)
    assert {item["project_code"] for item in plants} >= {WIND.code, HYDRO.code, WAITING.code}
    assert [item["project_code"] for item in get(client, "/v1/projects", state="submitted")["items"]] == [WAITING.code]
    assert get(client, "/v1/projects", owner=SUN_OWNER)["items"][0]["certificates"] == 4


def test_trades_and_retirements(client: httpx.Client) -> None:
    (trade,) = get(client, "/v1/trades", buyer=BUYER, seller=OWNER, platform=PLATFORM, month="2026-08")["items"]
    assert trade == get(client, f"/v1/vouchers/{trade['trade']}")
    (sheet,) = get(client, "/v1/retirements", holder=BUYER, project=WIND.code)["items"]
    assert sheet == get(client, f"/v1/retirements/{sheet['retirement']}")
    since = trade["traded"]["block"]
    assert len(get(client, "/v1/trades", since_block=since)["items"]) == 1
    assert get(client, "/v1/trades", since_block=since + 1)["items"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/certificates?fields=range,colour", "fields"),
        ("/v1/trades?fields=", "fields"),
        ("/v1/certificates?from=2026-13", "from"),
        ("/v1/batches?until=soon", "until"),
        ("/v1/certificates?province=99", "province"),
        ("/v1/projects?technology=steam", "technology"),
        ("/v1/certificates?expiring_before=tomorrow", "expiring_before"),
        ("/v1/certificates?state=expired", "state"),
        ("/v1/trades?buyer=0x12", "account"),
        ("/v1/retirements?since_block=-1", "since_block"),
        ("/v1/trades?format=xml", "format"),
        ("/v1/events?kind=Traded&kind=Stolen", "kind"),
        ("/v1/events?project=CW01", "length"),
        (f"/v1/events?after={'MDA'}", "after"),
    ],
)
def test_what_cannot_be_asked_is_named(client: httpx.Client, path: str, field: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.json()["remedy"]


@pytest.mark.parametrize("path", ["/v1/events", "/v1/certificates", "/v1/trades"])
def test_an_empty_cursor_is_the_beginning(client: httpx.Client, path: str) -> None:
    first = client.get(path).json()["items"]
    assert first
    assert client.get(f"{path}?after=").json()["items"] == first


def test_a_cursor_belongs_to_its_filters(client: httpx.Client) -> None:
    cursor = get(client, "/v1/certificates", owner=OWNER, limit=1)["next"]
    assert get(client, "/v1/certificates", owner=OWNER, after=cursor, fields="range")["items"]
    for other in ({}, {"owner": BUYER}, {"owner": OWNER, "state": "held"}):
        assert client.get("/v1/certificates", params={**other, "after": cursor}).status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_fields_choose(client: httpx.Client, path: str) -> None:
    whole = get(client, path, limit=500)["items"]
    for name in list(whole[0])[:3] if whole else []:
        assert get(client, path, limit=500, fields=name)["items"] == [{name: item[name]} for item in whole]
    assert "Choose among" in client.get(path, params={"fields": "nothing"}).json()["remedy"]


# Exports


@pytest.mark.parametrize("path", LISTS)
def test_exports_are_the_whole_list(client: httpx.Client, path: str) -> None:
    items = everything(client, path, limit=500)
    lines = client.get(path, headers={"Accept": NDJSON})
    assert lines.headers["content-type"].startswith(NDJSON)
    assert [json.loads(line) for line in lines.content.decode().splitlines()] == items
    table = client.get(path, params={"format": "csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert table.headers["content-disposition"].startswith("attachment; filename=")
    assert table.content.count(b"\n") >= table.content.count(b"\r\n") > len(items)
    rows = list(csv.DictReader(io.StringIO(table.content.decode(), newline="")))
    assert len(rows) == len(items)
    for row, item in zip(rows, items, strict=True):
        assert {name.split(".")[0] for name in row} == set(item)
        for name, cell in row.items():
            assert cell in (written(item, name), "'" + written(item, name))


def written(item: Any, name: str) -> str:
    for part in name.split("."):
        item = item and item[part]
    if item is None:
        return ""
    if isinstance(item, bool):
        return str(item).lower()
    return item if isinstance(item, str) else str(item) if isinstance(item, int) else json_text(item)


def json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_an_export_goes_on_after_a_cursor_and_chooses_fields(client: httpx.Client) -> None:
    page = get(client, "/v1/events", limit=3)
    rest = client.get("/v1/events", params={"format": "ndjson", "after": page["next"], "fields": "cursor,kind"})
    items = [json.loads(line) for line in rest.text.splitlines()]
    assert [item["cursor"] for item in items] == [item["cursor"] for item in everything(client, "/v1/events")[3:]]
    assert set(items[0]) == {"cursor", "kind"}
    assert client.get("/v1/events?format=csv&fields=kind&limit=2").text == "kind\r\nAccountOpened\r\nAccountOpened\r\n"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_a_cell_is_never_a_formula(name: str) -> None:
    (row,) = csv.reader(
        io.StringIO(
            csv_rows(Named, frozenset({"zh", "en"}), [Named(code="", zh=name, en='a"b,\n')]).decode(), newline=""
        )
    )
    assert row == ["'" + name, 'a"b,\n']


def test_columns_have_stable_names() -> None:
    """Whoever reads a file of ours by its columns finds them there next year."""
    assert [".".join(path) for path in columns(OwnedAnswer, frozenset(OwnedAnswer.model_fields))][:12] == [
        "range.batch",
        "range.start",
        "range.end",
        "range.count",
        "range.first_number",
        "range.last_number",
        "holder.role",
        "holder.address",
        "holder.name",
        "state.code",
        "state.zh",
        "state.en",
    ]


COUNT = 12_000


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The story, with twelve thousand ranges of one account more, and a quarter as many of another."""
    folder: Path = tmp_path_factory.mktemp("many")
    url = f"sqlite:///{folder / 'store.db'}"
    if request.param == "postgresql":
        admin = open_engine(request.getfixturevalue("postgres_url")).execution_options(isolation_level="AUTOCOMMIT")
        with admin.connect() as db:
            db.exec_driver_sql("CREATE DATABASE many")
        admin.dispose()
        url = request.getfixturevalue("postgres_url").rsplit("/", 1)[0] + "/many"
    engine = open_engine(url)
    migrate(engine)
    index(engine, tell(), head=100)
    with connected(engine, writes=True) as db:
        for owner, months, count in ((OWNER, 1, COUNT), (PERSON, 2, COUNT // 4)):
            numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
            batch = batch_of(WIND, "2026-08") + 16 * months
            insert = f"INSERT INTO segments {numbers} SELECT {batch}, i * 7, i * 7 + 7, '{owner}', 1, 0, 1 FROM n"
            db.execute(text(insert))
    engine.dispose()
    save_deployment(folder / "deployment.json", DEPLOYMENT)
    return create_app(ApiSettings(url, folder / "deployment.json"))


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_an_export_takes_the_same_memory_however_long(many: FastAPI, form: str) -> None:
    with served(many) as client:
        few, _ = _peak(client, f"/v1/certificates?owner={PERSON}&format={form}")
        whole, size = _peak(client, f"/v1/certificates?owner={OWNER}&format={form}")
    assert size > 4_000_000
    assert whole < few + 1_000_000, (few, whole)


def _peak(client: httpx.Client, path: str) -> tuple[int, int]:
    """The most memory that was taken while an answer was read and dropped, and its length."""
    with client.stream("GET", "/v1/health") as answer:
        answer.read()
    tracemalloc.start()
    try:
        with client.stream("GET", path) as answer:
            length = sum(len(part) for part in answer.iter_bytes())
        return tracemalloc.get_traced_memory()[1], length
    finally:
        tracemalloc.stop()


def test_an_export_is_of_one_instant(many: FastAPI) -> None:
    """What is written while it is on its way is not in it."""
    with served(many) as client:
        path = f"/v1/certificates?owner={OWNER}&format=ndjson&fields=range,state"
        with client.stream("GET", path) as answer:
            lines = answer.iter_lines()
            first = [next(lines) for _ in range(3)]
            with connected(many.state.registry.engine, writes=True) as db:
                db.execute(text(f"UPDATE segments SET state = 3 WHERE owner = '{OWNER}'"))
            rest = list(lines)
        states = {json.loads(line)["state"]["code"] for line in first + rest}
        with connected(many.state.registry.engine, writes=True) as db:
            db.execute(text(f"UPDATE segments SET state = 1 WHERE owner = '{OWNER}' AND \"end\" % 7 = 0"))
    assert len(first + rest) > COUNT
    assert "held" in states
    assert json.loads(rest[-1])["state"]["code"] == "held"


def test_exports_give_their_place_back(many: FastAPI) -> None:
    """Also when the reader goes away; and one too many is told to come back."""
    little = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    with (
        served(many) as client,
        httpx.Client(base_url=client.base_url, transport=little, timeout=20, headers=PLAIN) as slow,
    ):
        path = f"/v1/certificates?owner={OWNER}&format=csv"
        with ExitStack() as held:
            parts = [held.enter_context(slow.stream("GET", path)).iter_bytes() for _ in range(EXPORTS)]
            assert all(next(part) for part in parts)
            answer = client.get(path)
            assert (answer.status_code, answer.headers.get("retry-after")) == (503, "5")
        for _ in range(100):
            if many.state.exports._value == EXPORTS:
                break
            threading.Event().wait(0.05)
        assert client.get(path + "&limit=1").status_code == 200


# Heads, tags, encodings, negotiation

ANY = [*LISTS, "/v1/stats", "/v1/health", f"/v1/accounts/{BUYER}", "/v1/vouchers/1", f"/v1/projects/{WIND.code}"]


@pytest.mark.parametrize("path", [*ANY, "/openapi.json", "/v1/events?format=csv", "/zh/", "/en/docs", "/favicon.ico"])
def test_head_has_the_headers_of_get(client: httpx.Client, path: str) -> None:
    got, headed = client.get(path), client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    for name in ("content-type", "etag", "vary", "content-language", "x-indexed-block", "content-encoding"):
        assert headed.headers.get(name) == got.headers.get(name), name


def test_head_of_what_is_not_there(client: httpx.Client) -> None:
    assert client.head("/v1/vouchers/99").status_code == 404
    assert client.head("/zh/nothing").status_code == 404


@pytest.mark.parametrize("path", [*ANY, "/openapi.json", "/v1/events?format=csv", "/v1/events?format=ndjson"])
def test_what_is_known_is_not_sent_again(client: httpx.Client, path: str) -> None:
    tag = client.get(path).headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["x-indexed-block"]
        assert "content-type" not in again.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_forms_of_a_list_have_tags_of_their_own(client: httpx.Client) -> None:
    tags = [client.get(f"/v1/events?format={form}").headers["etag"] for form in ("json", "csv", "ndjson")]
    accepted = client.get("/v1/events", headers={"Accept": CSV, "If-None-Match": tags[0]})
    assert (accepted.status_code, len(set(tags))) == (200, 3)


def test_a_problem_has_no_tag(client: httpx.Client) -> None:
    assert "etag" not in client.get("/v1/vouchers/99", headers={"If-None-Match": "*"}).headers


@pytest.mark.parametrize("path", ["/v1/events", "/v1/events?format=csv", "/v1/events?format=ndjson", "/en/docs"])
def test_large_answers_are_squeezed_for_who_wants_it(client: httpx.Client, path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    squeezed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert squeezed.headers["content-encoding"] == "gzip"
    assert squeezed.content == plain.content
    for answer in (plain, squeezed):
        assert "Accept-Encoding" in answer.headers["vary"]
    if path.startswith("/v1"):
        assert "Accept" in [name.strip() for name in plain.headers["vary"].split(",")]


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("*/*", "application/json"),
        ("", "application/json"),
        ("text/csv", CSV),
        ("application/x-ndjson;q=0.9, text/csv;q=0.5", NDJSON),
        ("text/*", CSV),
        ("application/json;q=0, */*", CSV),
        ("text/html, */*;q=0.1", "application/json"),
    ],
)
def test_accept_is_heard(client: httpx.Client, accept: str, found: str) -> None:
    assert client.get("/v1/trades", headers={"Accept": accept}).headers["content-type"].split(";")[0] == found


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "application/json;q=2", "nonsense"])
def test_what_is_not_to_be_had_is_said(client: httpx.Client, accept: str) -> None:
    answer = client.get("/v1/trades", headers={"Accept": accept})
    assert (answer.status_code, answer.json()["type"]) == (406, "/docs#problem-not-acceptable")
    assert client.get("/v1/trades?format=json", headers={"Accept": accept}).status_code == 200
