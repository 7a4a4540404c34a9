import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import BEIJING, Month, expires_at, expiring_within, last_valid_day
from gecchain.rules.months import MAX_MONTH_INDEX

VECTORS = Path(__file__).parents[1] / "vectors"
EXPIRY = json.loads((VECTORS / "expiry.json").read_text())["cases"]
MONTHS = json.loads((VECTORS / "numbers.json").read_text())["months"]

months = st.integers(0, MAX_MONTH_INDEX).map(Month)


@pytest.mark.parametrize("case", EXPIRY, ids=lambda case: case["production_month"])
def test_q28_validity_ends_with_the_vectors(case):
    month = Month.parse(case["production_month"])
    assert expires_at(month) == case["expires_at"]
    assert datetime.fromtimestamp(expires_at(month), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") == case["expires_at_utc"]
    assert last_valid_day(month).isoformat() == case["last_day"]


@given(months)
def test_q28_validity_is_24_months_after_production_or_the_transition(month):
    if month < Month.parse("2024-01"):
        assert expires_at(month) == Month.parse("2025-12").ends_at
    elif month.index + 24 <= MAX_MONTH_INDEX:
        assert expires_at(month) == (month + 24).ends_at


def test_q28_the_end_of_the_calendar_still_expires():
    assert expires_at(Month(MAX_MONTH_INDEX)) == datetime(2243, 4, 30, 16, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-05-31T23:59:59+08:00", False),
        ("2026-06-01T00:00:00+08:00", True),
        ("2026-08-31T23:59:59+08:00", True),
        ("2026-09-01T00:00:00+08:00", False),
    ],
)
def test_q96_warning_covers_the_last_three_months(moment, expected):
    now = int(datetime.fromisoformat(moment).timestamp())
    assert expiring_within(Month.parse("2024-08"), now) is expected


@given(st.integers(0, MAX_MONTH_INDEX - 24).map(Month), st.integers(1, 24))
def test_q96_warning_begins_so_many_calendar_months_before_the_end(month, ahead):
    end = Month.at(expires_at(month) - 1)
    begins = (end - (ahead - 1)).begins_at
    assert expiring_within(month, begins, ahead)
    assert not expiring_within(month, begins - 1, ahead)
    assert not expiring_within(month, expires_at(month), ahead)


@pytest.mark.parametrize("case", MONTHS, ids=lambda case: case["month"])
def test_months_of_the_vectors(case):
    month = Month.parse(case["month"])
    assert (month.index, month.code) == (case["index"], case["code"])
    assert (month.begins_at, month.ends_at) == (int(case["begins_at"]), int(case["ends_at"]))
    assert month.last_day.isoformat() == case["last_day"]


@given(months)
def test_a_month_is_read_back_from_text_code_and_parts(month):
    assert Month.parse(str(month)) == Month.from_code(month.code) == Month.of(month.year, month.month) == month
    assert len(month.code) == 4
    assert hash(Month(month.index)) == hash(month)


@given(months)
def test_a_month_holds_its_seconds_and_no_others(month):
    assert Month.at(month.begins_at) == Month.at(month.ends_at - 1) == month
    if month.index < MAX_MONTH_INDEX:
        assert Month.at(month.ends_at) == month + 1
    assert month.last_day == datetime.fromtimestamp(month.ends_at - 1, BEIJING).date()


@given(months, months)
def test_months_count_as_numbers(a, b):
    assert b + (a - b) == a
    assert a - (a - b) == b
    assert (a < b) == (a.begins_at < b.begins_at)


@pytest.mark.parametrize(
    "text", ["2026-9", "2026-13", "2026-00", "26-09", "2026/09", " 2026-09", "2026-09-01", "", "1899-12", "２０２６-09"]
)
def test_other_spellings_of_a_month_are_refused(text):
    with pytest.raises(BadInput) as refused:
        Month.parse(text)
    assert refused.value.field == "month"


@pytest.mark.parametrize("code", ["C613", "C600", "c609", "C60", "C6099", "ZZ01", "Z912", "?609", ""])
def test_other_spellings_of_a_month_code_are_refused(code):
    with pytest.raises(BadInput):
        Month.from_code(code)


@pytest.mark.parametrize("index", [-1, MAX_MONTH_INDEX + 1])
def test_months_outside_twelve_bits_are_refused(index):
    with pytest.raises(BadInput):
        Month(index)


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (1899, 12), (2241, 5)])
def test_impossible_months_are_refused(year, month):
    with pytest.raises(BadInput):
        Month.of(year, month)


@pytest.mark.parametrize("moment", [10**18, -(10**18), 8_600_000_000])
def test_times_out_of_the_calendar_are_refused(moment):
    with pytest.raises(BadInput):
        Month.at(moment)
