"""Readings against the register: each rule, and the order in which they are asked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.oracle.checks import (
    ProjectFacts,
    capacity_limit_wh,
    check,
    check_capacity,
    check_revision,
    check_sheet,
)
from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Reading, Refusal, Sheet, Source
from gecchain.rules.classes import Electricity, ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

KEY = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, 7)
FACTS = ProjectFacts(KEY.code, KEY.id, Technology.WIND, True, Month.of(2016, 1), 49_500, 15)
READING = Reading(
    KEY.code, KEY.id, Month.of(2026, 9), Electricity.ON_GRID, 10**9, "P", Sheet("S", 10**9), Source("00", 5)
)
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)


def refused(reading: Reading, facts: ProjectFacts | None = FACTS, now: datetime = OCTOBER) -> Code | None:
    found = check(reading, {} if facts is None else {KEY.code: facts}, now)
    return found.code if isinstance(found, Refusal) else None


def test_what_is_right_passes_unchanged() -> None:
    assert check(READING, {KEY.code: FACTS}, OCTOBER) is READING


@pytest.mark.parametrize(
    ("facts", "reading", "now", "code"),
    [
        (None, READING, OCTOBER, Code.UNKNOWN_PROJECT),
        (replace(FACTS, approved=False), READING, OCTOBER, Code.PROJECT_NOT_APPROVED),
        (replace(FACTS, technology=Technology.PUMPED_STORAGE), READING, OCTOBER, Code.STORAGE),
        (replace(FACTS, technology=Technology.STORAGE), READING, OCTOBER, Code.STORAGE),
        (FACTS, READING, datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), Code.MONTH_FUTURE),
        (FACTS, READING, datetime(2026, 9, 30, 16, tzinfo=UTC), None),
        (FACTS, replace(READING, month=Month.of(2015, 12)), OCTOBER, Code.MONTH_BEFORE_GRID),
        (FACTS, replace(READING, month=Month.of(2016, 1)), OCTOBER, None),
        (FACTS, replace(READING, wh=49_500_000 * 720 * 105 // 100), OCTOBER, None),
        (FACTS, replace(READING, wh=49_500_000 * 720 * 105 // 100 + 1), OCTOBER, Code.ABOVE_CAPACITY),
    ],
)
def test_each_rule_at_its_edge(facts: ProjectFacts | None, reading: Reading, now: datetime, code: Code | None) -> None:
    assert refused(reading, facts, now) == code


def test_the_first_rule_that_is_broken_is_the_reason() -> None:
    worst = replace(READING, month=Month.of(2030, 1), wh=10**15)
    storage = replace(FACTS, approved=False, technology=Technology.STORAGE, in_operation=Month.of(2040, 1))
    assert refused(worst, storage) is Code.PROJECT_NOT_APPROVED
    assert refused(worst, replace(storage, approved=True)) is Code.STORAGE
    assert refused(worst, replace(storage, approved=True, technology=Technology.WIND)) is Code.MONTH_FUTURE


def test_a_repetition_is_found_among_what_was_seen() -> None:
    seen: set[tuple[int, int, int]] = set()
    assert check(READING, {KEY.code: FACTS}, OCTOBER, seen) is READING
    again = check(READING, {KEY.code: FACTS}, OCTOBER, seen)
    assert isinstance(again, Refusal)
    assert (again.code, again.row) == (Code.DUPLICATE, 5)
    other = replace(READING, electricity=Electricity.SELF_USE)
    assert check(other, {KEY.code: FACTS}, OCTOBER, seen) is other


def test_a_refusal_carries_the_row_in_the_documented_columns() -> None:
    found = check(READING, {}, OCTOBER)
    assert isinstance(found, Refusal)
    assert found.raw == {
        "project": KEY.code,
        "month": "2026-09",
        "class": "on_grid",
        "kwh": "1000000.000",
        "provider": "P",
        "sheet": "S",
        "sheet_kwh": "1000000.000",
        "record": "",
        "derived": "",
    }


@given(capacity=st.integers(1, 2**32 - 1), index=st.integers(800, 1800))
def test_the_limit_is_capacity_times_hours_and_the_margin(capacity: int, index: int) -> None:
    facts, month = replace(FACTS, capacity_kw=capacity), Month(index)
    limit = capacity_limit_wh(facts, month)
    assert limit == capacity * 1000 * month.last_day.day * 24 * 105 // 100
    assert check_capacity(facts, month, limit) is None
    assert check_capacity(facts, month, limit + 1) is Code.ABOVE_CAPACITY


@given(wh=st.integers(0, 10**15), off=st.integers(-5, 5), spread=st.integers(0, 3))
def test_a_shared_sheet_adds_up_exactly_or_not_at_all(wh: int, off: int, spread: int) -> None:
    expected = None if off == 0 and spread == 0 else Code.SHEET_SPLIT
    assert check_sheet(wh, wh + off, wh + off + spread) is expected


def test_revisions() -> None:
    assert check_revision("P", None, False) is None
    assert check_revision("P", "P", False) is None
    assert check_revision("P", "Q", False) is Code.PROVIDER_MISMATCH
    assert check_revision("P", "P", True) is Code.ALREADY_ISSUED
    assert check_revision("P", None, True) is Code.ALREADY_ISSUED
