"""Geometry: every province has its tile, arrows go where they should, charts say no more than their numbers."""

import csv
import io
import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.charts import bars, every_month, history
from api.sheets import csv_answer
from api.tiles import SHADES, SIDE, cartogram, flow
from gecchain.rules.provinces import PROVINCES
from tests.api.story import BUYER, WIND, batch_of, number, retirements

AUGUST = "2026-08"
VALUES = st.dictionaries(st.sampled_from(sorted(PROVINCES)), st.integers(0, 10**12))
PLACES = st.sampled_from([0, 99, *PROVINCES])


@given(VALUES)
def test_every_province_has_one_tile_and_no_two_overlap(values: dict[int, int]) -> None:
    drawn = cartogram(values | {15: 1})
    assert drawn is not None
    assert {tile.province for tile in drawn.tiles} == set(PROVINCES)
    corners = {(tile.x, tile.y) for tile in drawn.tiles}
    assert len(corners) == len(PROVINCES)
    assert all(x + SIDE <= drawn.width and y + SIDE <= drawn.height for x, y in corners)
    assert (
        len({tile.short.zh for tile in drawn.tiles}) == len({tile.short.en for tile in drawn.tiles}) == len(PROVINCES)
    )
    for tile in drawn.tiles:
        assert (tile.shade == 0) == (tile.value == 0)
        if tile.shade:
            first, last = next(step for step in drawn.steps if step[0] <= tile.value <= step[1])
            assert first <= tile.value <= last
    assert max(tile.shade for tile in drawn.tiles) == SHADES


def test_a_map_of_nothing_is_none() -> None:
    assert cartogram({}) is None
    assert cartogram({11: 0}) is None


@given(PLACES, PLACES)
def test_a_flow_is_drawn_from_anywhere_to_anywhere(origin: int, target: int) -> None:
    drawn = flow(origin, target)
    known = [place in PROVINCES for place in (origin, target)]
    assert (drawn.origin is not None, drawn.target is not None) == tuple(known)
    assert (drawn.unknown is None) == all(known)
    assert re.fullmatch(r"(?:[MLCml] ?(?:-?\d+[ ]?)+)+", drawn.path)
    lit = {tile.province for tile in drawn.tiles if tile.shade}
    assert lit == {place for place in (origin, target) if place in PROVINCES}


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=60))
def test_history_stays_inside_its_frame(rows: list[tuple[int, int]]) -> None:
    drawn = history([f"m{at}" for at in range(len(rows))], rows)
    if not any(volume for _price, volume in rows):
        assert drawn is None
        return
    assert drawn is not None
    assert len(drawn.dots) == len(drawn.bars) == sum(volume > 0 for _price, volume in rows)
    assert all(0 < dot.x < drawn.width and 0 < dot.y <= drawn.price_base for dot in drawn.dots)
    assert all(bar.y > drawn.volume_top and bar.y + bar.height == drawn.volume_base for bar in drawn.bars)


def test_months_have_no_gaps_and_end_with_the_newest() -> None:
    labels, rows = every_month({"2025-11": 1, "2026-02": 2}, 0)
    assert (labels, rows) == (["2025-11", "2025-12", "2026-01", "2026-02"], [1, 0, 0, 2])
    assert every_month({"2020-01": 1, "2026-02": 2}, 0, newest=2) == (["2026-01", "2026-02"], [0, 2])
    assert every_month({}, 0) == ([], [])


def test_long_names_are_cut_to_the_chart() -> None:
    (bar,) = bars([("某" * 60, 5)])
    assert bar.name == "某" * 26 + "…"
    assert bars([("a", 0)]) == ()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_spreadsheet_runs_nothing(cell: str) -> None:
    body = bytes(csv_answer("x", ["a"], [[cell]]).body).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(body)))[1] == ["'" + cell]


def sheet(client: httpx.Client, path: str) -> list[list[str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_tables_are_had_as_csv(client: httpx.Client) -> None:
    assert sheet(client, "/zh/statistics.csv?by=province")[0] == ["省份", "核发", "交易", "核销"]
    rows = sheet(client, "/en/statistics.csv?by=month")
    known = client.get("/v1/stats?by=month").json()["rows"]
    series = ("issued", "traded", "retired")
    assert rows[1:] == [[row["group"]["code"], *(str(row[name]) for name in series)] for row in known]
    assert sheet(client, "/en/statistics.csv?by=ranking")[1][2] == "30"
    assert sheet(client, "/en/market.csv")[1][1:] == ["3.50", "1000", "3500.00"]
    assert sheet(client, "/en/market.csv?province=11")[1:] == []
    assert sheet(client, f"/zh/projects/{WIND.code}/months.csv")[1][0] == "2023-10"
    assert sheet(client, "/en/statistics.csv?by=expiring")[0][0] == "Production month"
    assert client.get("/en/statistics.csv?by=names").status_code == 400
    assert client.get("/statistics.csv?by=month").headers["location"] == "/zh/statistics.csv?by=month"


def test_places_are_counted_from_one(client: httpx.Client) -> None:
    """Serial 7 (000000007 in the number) is the eighth."""
    eighth = number(WIND, AUGUST, 7)
    assert "Certificate 8 of 12,346" in client.get(f"/en/certificates/{eighth}").text
    assert "第 8 个，共 12,346 个" in client.get(f"/zh/trace/{eighth}").text
    assert "Certificates 121 to 1,120 of 12,346" in client.get("/en/vouchers/1").text
    consumed, _expired = retirements()
    assert "Certificates 121 to 150 of 12,346" in client.get(f"/en/retirements/{consumed}").text
    batch = client.get(f"/en/batches/{batch_of(WIND, AUGUST)}").text
    assert "Certificates 121 to 150 of 12,346" in batch
    assert "Certificates 151 to 1,120 of 12,346" in batch


def test_a_number_leads_to_its_batch(client: httpx.Client) -> None:
    answer = client.get(f"/en/batches/{number(WIND, AUGUST, 120)}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/en/batches/{batch_of(WIND, AUGUST)}")


def test_a_paper_says_what_was_undone_nowhere_else(client: httpx.Client) -> None:
    for path in ("/en/vouchers/1", f"/en/retirements/{retirements()[0]}"):
        text = client.get(path).text
        assert "undone" not in text.lower()
        assert f'href="/v1{path[3:]}.pdf"' in text
    assert f'href="/en/accounts/{BUYER}"' in client.get("/en/vouchers/1").text


def test_what_cannot_be_read_is_told_beside_the_form(client: httpx.Client) -> None:
    answer = client.get("/en/market", params={"price": "cheap", "from": "2026-13", "technology": "coal"})
    assert answer.status_code == 400
    assert answer.text.count('aria-invalid="true"') == 3
    assert 'value="cheap"' in answer.text
    for field in ("Price up to (yuan)", "Produced from", "Type"):
        assert f"This cannot be read: {field}." in answer.text
    assert client.get("/en/market?price=&from=&province=").status_code == 200


def test_a_filter_stays_on_the_next_page_and_in_the_csv(client: httpx.Client) -> None:
    text = client.get("/en/market?province=15&order=cheapest").text
    assert "/en/market.csv?province=15&amp;order=cheapest" in text
    assert '<option value="15" selected>' in text
