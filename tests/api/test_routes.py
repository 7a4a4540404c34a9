"""Every route of `/v1`: what it answers, how lists continue, and that a block can be waited for."""

import threading
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from api import ApiSettings, create_app
from gecchain.events import AccountOpened
from gecchain.rules import ProjectKey
from gecchain.store import open_engine
from gecchain.store.indexing import Header, Projection
from tests.api.serving import served
from tests.api.story import (
    BUYER,
    DERIVED,
    HYDRO,
    OWNER,
    PERSON,
    PROVINCE,
    START,
    SUN,
    WAITING,
    WIND,
    address,
    block_hash,
    number,
    tell,
)

AUGUST = "2026-08"
BLOCKS = len(tell().blocks)


def get(client: httpx.Client, path: str, **query: Any) -> Any:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Indexed-Block"] == str(BLOCKS)
    return answer.json()


def everything(client: httpx.Client, path: str, **query: Any) -> list[Any]:
    items: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = get(client, path, **query, **after)
        items += page["items"]
        if page["next"] is None:
            return items
        after = {"after": page["next"]}


def test_certificate_has_the_fields_of_q14(client: httpx.Client) -> None:
    found = get(client, f"/v1/certificates/{number(WIND, AUGUST, 200)}")
    assert found["project_name"].startswith("示例风电场")
    assert (found["project_code"], found["location"], found["province"]["en"]) == (
        WIND.code,
        "Xilingol",
        "Inner Mongolia",
    )
    assert (found["energy_wh"], found["month"], found["valid_until"]) == (1_000_000, AUGUST, "2028-08-31")
    assert (found["technology"]["code"], found["tradable"], found["traded"]) == ("wind", True, True)
    assert (found["holder"]["address"], found["holder_province"]["code"]) == (BUYER, "31")
    assert (found["owner"]["address"], found["owner_credit_code"]) == (OWNER, None)
    assert found["made_up"] == ["owner"]
    assert found["reading"]["derived"] is True
    assert found["reading"]["provider"]["address"] == DERIVED


def test_metered_readings_are_not_called_derived(client: httpx.Client) -> None:
    assert get(client, f"/v1/certificates/{number(SUN, AUGUST, 0)}")["reading"]["derived"] is False


def test_a_retired_certificate_has_no_holder(client: httpx.Client) -> None:
    found = get(client, f"/v1/certificates/{number(WIND, AUGUST, 120)}")
    assert found["holder"] is None
    sheet = get(client, f"/v1/retirements/{found['retirement']}")
    assert (sheet["range"]["start"], sheet["range"]["end"], sheet["range"]["count"]) == (120, 150, 30)
    assert (sheet["reason"]["code"], sheet["claim"]["purpose"]["code"]) == ("consumption", "production")
    assert (sheet["claim"]["period_from"], sheet["claim"]["period_to"]) == (AUGUST, "2026-09")


def test_an_expired_retirement_has_no_claim(client: httpx.Client) -> None:
    found = get(client, f"/v1/certificates/{number(WIND, '2023-10', 3)}")
    sheet = get(client, f"/v1/retirements/{found['retirement']}")
    assert (sheet["reason"]["code"], sheet["claim"]) == ("expired", None)


def test_trace_goes_from_filing_to_retirement(client: httpx.Client) -> None:
    found = get(client, f"/v1/trace/{number(WIND, AUGUST, 120)}")
    steps = [(step["kind"]["code"], step["name"]["code"]) for step in found["steps"]]
    assert steps == [
        ("production", "filing_submitted"),
        ("production", "filing_reviewed"),
        ("production", "filing_submitted"),
        ("production", "filing_reviewed"),
        ("production", "readings_committed"),
        ("production", "issued"),
        ("trading", "listed"),
        ("trading", "traded"),
        ("consumption", "retired"),
    ]
    blocks = [step["place"]["block"] for step in found["steps"]]
    assert blocks == sorted(blocks)
    assert (found["derived"], found["batch_count"]) == (True, 12_346)


@pytest.mark.parametrize(
    ("key", "serial", "last"),
    [
        (WIND, 2000, ("trading", "listed")),
        (WIND, 6000, ("trading", "withdrawn")),
        (WIND, 5000, ("settlement", "frozen")),
        (WIND, 5500, ("settlement", "unfrozen")),
        (HYDRO, 10, ("transmission", "moved")),
        (SUN, 0, ("production", "issued")),
    ],
)
def test_trace_ends_with_what_happened_last(
    client: httpx.Client, key: ProjectKey, serial: int, last: tuple[str, str]
) -> None:
    step = get(client, f"/v1/trace/{number(key, AUGUST, serial)}")["steps"][-1]
    assert (step["kind"]["code"], step["name"]["code"]) == last


def test_project_keeps_every_version_of_its_filing(client: httpx.Client) -> None:
    found = get(client, f"/v1/projects/{WIND.code}")
    assert [(one["version"], one["state"]) for one in found["history"]] == [(1, "sent_back"), (2, "approved")]
    assert (found["filing"]["version"], found["certificates"], found["latest_month"]) == (2, 21_491, AUGUST)
    assert [(row["month"], row["count"], row["derived"]) for row in found["months"]] == [
        ("2023-10", 25, True),
        ("2026-07", 9120, True),
        (AUGUST, 12_346, True),
    ]
    assert get(client, f"/v1/projects/{SUN.code}")["months"][0]["derived"] is False
    lane = found["energy"][0]
    assert int(lane["metered_wh"]) == 1_000_000 * lane["issued"] + int(lane["carry_wh"])


def test_a_waiting_project_has_no_filing_in_force(client: httpx.Client) -> None:
    found = get(client, f"/v1/projects/{WAITING.code}")
    assert (found["filing"], found["certificates"], found["owner"]["address"]) == (None, 0, PERSON)


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_holdings_add_up_whatever_the_page(client: httpx.Client, limit: int) -> None:
    for account in (OWNER, BUYER, PROVINCE):
        sums = get(client, f"/v1/accounts/{account}")
        held = everything(client, f"/v1/accounts/{account}/holdings", limit=limit)
        ended = everything(client, f"/v1/accounts/{account}/holdings", limit=limit, retired=True)
        assert sum(item["range"]["count"] for item in held) == sums["holding"]
        assert sum(item["range"]["count"] for item in ended) == sums["retired"]
        assert len({item["range"]["first_number"] for item in held + ended}) == len(held + ended)


def test_a_person_has_no_name(client: httpx.Client) -> None:
    found = get(client, f"/v1/accounts/{PERSON}")
    assert (found["name"], found["frozen"], found["holding"]) == ("", True, 0)


def test_listings_show_what_is_left(client: httpx.Client) -> None:
    (lot,) = everything(client, "/v1/listings")
    assert (lot["listing"], lot["price_fen"], lot["left"]["start"], lot["left"]["end"]) == ("1", "350", 1120, 4120)
    assert lot["seller"]["address"] == OWNER


def test_voucher_names_three_parties(client: httpx.Client) -> None:
    found = get(client, "/v1/vouchers/1")
    assert (found["seller"]["address"], found["buyer"]["address"], found["range"]["count"]) == (OWNER, BUYER, 1000)
    assert found["range"]["first_number"] == number(WIND, AUGUST, 120)


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_events_are_in_one_order_and_can_be_continued(client: httpx.Client, limit: int) -> None:
    found = everything(client, "/v1/events", limit=limit)
    places = [(event["place"]["block"], event["place"]["log_index"]) for event in found]
    assert places == sorted(set(places))
    assert found == everything(client, "/v1/events", limit=500)
    later = get(client, "/v1/events", after=found[4]["cursor"], limit=500)
    assert later["items"] == found[5:]


@pytest.mark.parametrize("by", ["month", "province", "technology"])
def test_statistics_add_up(client: httpx.Client, by: str) -> None:
    found = get(client, "/v1/stats", by=by)
    assert int(found["metered_wh"]) == 1_000_000 * found["issued"] + int(found["carry_wh"])
    assert sum(row["issued"] for row in found["rows"]) == found["issued"]
    assert sum(row["retired"] for row in found["rows"]) == found["retired"] == 40
    assert sum(row["traded"] for row in found["rows"]) == 1000


def test_health_says_how_far_behind(client: httpx.Client) -> None:
    found = get(client, "/v1/health")
    assert (found["indexed_block"], found["last_seen_head"], found["lag"]) == (BLOCKS, 100, 100 - BLOCKS)
    assert (found["status"], found["node"], found["chain_head"]) == ("behind", "not-configured", None)


def test_an_empty_store_says_so(empty: ApiSettings) -> None:
    with served(create_app(empty)) as client:
        assert client.get("/v1/health").json()["status"] == "empty"
        assert client.get("/v1/health").headers["X-Indexed-Block"] == "none"
        assert client.get("/v1/events").json() == {"items": [], "next": None}
        for path in ("/zh/", "/en/statistics", "/en/market"):
            assert client.get(path).status_code == 200


def test_min_block_waits_for_the_indexer(empty: ApiSettings) -> None:
    engine = open_engine(empty.database_url)
    at = Projection(engine).start("story", Header(0, block_hash(0), block_hash(0), START))
    indexing = threading.Timer(0.4, lambda: _one_block(engine, at))
    app = create_app(empty)
    with served(app) as client:
        assert client.get("/v1/health", params={"min_block": 0}).json()["indexed_block"] == 0
        indexing.start()
        assert client.get("/v1/health", params={"min_block": 1}).json()["indexed_block"] == 1
        app.state.registry.patience = 0.2
        answer = client.get("/v1/stats", params={"min_block": 2})
    assert answer.status_code == 504
    assert answer.json()["type"].endswith("#problem-not-yet-indexed")
    assert answer.json()["remedy"]
    engine.dispose()


def _one_block(engine: Engine, at: Any) -> None:
    story = tell()
    story.blocks.clear()
    story.log(AccountOpened(address(99), 2, 0, address(99), ""))
    header = Header(1, block_hash(1), at.hash, START + 1)
    Projection(engine).extend(at, [(header, story.blocks[0])], 1, undoable=False)
