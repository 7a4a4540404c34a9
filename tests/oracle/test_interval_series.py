"""Interval series: exact sums, daylight changes, gaps, overlaps, and the real photovoltaic series."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.oracle.interval_series import MonthSum, SeriesPart, SeriesShape, read_interval_series
from gecchain.oracle.interval_values import Unit
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.settlement_tables import read_rows
from gecchain.oracle.source import Flaw, RawRow, Row, survey
from gecchain.rules.carry import certificates_of
from gecchain.rules.months import Month

PV = Path(__file__).parents[2] / "data" / "pv_serf_east_15min_ac_power.csv"
DENVER = ZoneInfo("America/Denver")


def series(rows: list[tuple[str, str]], shape: SeriesShape, column: str = "kW") -> list[SeriesPart]:
    batch: list[RawRow] = [Row(i, {"time": t, column: v}) for i, (t, v) in enumerate(rows, start=2)]
    return [part for parts in read_interval_series(iter([batch]), shape) for part in parts]


def sums(parts: list[SeriesPart]) -> list[MonthSum]:
    return [part for part in parts if isinstance(part, MonthSum)]


def codes(parts: list[SeriesPart]) -> list[tuple[Code, int]]:
    return [(part.code, part.row) for part in parts if isinstance(part, Refusal)]


def notices(parts: list[SeriesPart]) -> dict[Code, str]:
    return {part.code: part.value for part in parts if isinstance(part, Notice)}


def test_the_photovoltaic_series_moved_ten_years() -> None:
    shape = SeriesShape(unit=Unit.W, shift_years=10)
    parts = [part for batch in read_interval_series(read_rows(survey(PV)), shape) for part in batch]
    months = sums(parts)
    assert [(str(m.month), m.wh) for m in months] == [
        ("2026-07", 847_788),
        ("2026-08", 846_717),
        ("2026-09", 885_201),
        ("2026-10", 362_199),
    ]
    carry, issued = 0, []
    for month in months:
        count, carry = certificates_of(carry, month.wh)
        issued.append(count)
    assert issued == [0, 1, 1, 0]
    assert carry == 941_905
    assert [m.draw_count for m in months] == [1256, 1396, 1451, 664]
    assert sum(m.draw_count for m in months) == 4767
    assert [(m.missing, m.expected) for m in months] == [(60, 2976), (0, 2976), (0, 2880), (1748, 2976)]
    assert [p.row for p in parts if isinstance(p, Notice) and p.code is Code.EMPTY_LINE] == [10002, 10003]
    assert codes(parts) == []
    assert notices(parts)[Code.SHIFTED] == "+10 years"


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.decimals(-(10**9), 10**9, places=6, allow_nan=False), min_size=2, max_size=120),
    minutes=st.sampled_from([5, 10, 15, 30, 60]),
    unit=st.sampled_from(list(Unit)),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
)
def test_sums_are_exact(values: list[Decimal], minutes: int, unit: Unit, start: datetime) -> None:
    first = start.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
    times = [first + timedelta(minutes=minutes * i) for i in range(len(values))]
    rows = [(t.isoformat(), str(v)) for t, v in zip(times, values, strict=True)]
    parts = series(rows, SeriesShape(minutes=minutes), unit.value)
    expected: dict[Month, Decimal] = {}
    for time, value in zip(times, values, strict=True):
        month = Month.at(int(time.timestamp()))
        expected[month] = expected.get(month, Decimal(0)) + max(value, Decimal(0))
    found = {m.month: m.wh * 3600 * 10**15 + m.cut_fws for m in sums(parts)}
    assert found == {month: _fws(value, unit, minutes) for month, value in expected.items()}
    assert all(0 <= m.cut_fws < 3600 * 10**15 for m in sums(parts))


def _fws(value: Decimal, unit: Unit, minutes: int) -> int:
    """A sum of values with six decimals in femtowatt-seconds, by integers alone."""
    micro = int(value.scaleb(6))
    if unit is Unit.KWH:
        return micro * 1000 * 3600 * 10**9
    return micro * (10**9 if unit is Unit.W else 10**12) * minutes * 60


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
@pytest.mark.parametrize("minutes", [15, 60])
def test_local_days_on_which_the_clocks_change(day: str, hours: int, minutes: int) -> None:
    """Every quarter of the real day once, written in local time without offset, one kW throughout."""
    start = datetime.fromisoformat(day).replace(tzinfo=DENVER).astimezone(UTC)
    moments = [start + timedelta(minutes=minutes * i) for i in range(hours * 60 // minutes)]
    rows = [(m.astimezone(DENVER).replace(tzinfo=None).isoformat(sep=" "), "1") for m in moments]
    assert len({t for t, _ in rows}) == min(hours, 24) * 60 // minutes
    parts = series(rows, SeriesShape(zone="America/Denver"))
    assert codes(parts) == []
    assert sum(m.wh for m in sums(parts)) == hours * 1000
    assert sum(m.intervals for m in sums(parts)) == len(rows)


def test_a_local_time_that_never_was_is_refused() -> None:
    rows = [(f"2026-03-08 0{h}:{m:02d}", "1") for h in (1, 2, 3) for m in (0, 15, 30, 45)]
    parts = series(rows, SeriesShape(zone="America/Denver"))
    assert codes(parts) == [(Code.LOCAL_TIME, row) for row in (6, 7, 8, 9)]
    assert sums(parts)[0].wh == 2000


def test_offsets_need_no_zone_and_beat_it() -> None:
    rows = [("2026-11-01T01:30:00-06:00", "4"), ("2026-11-01T01:30:00-07:00", "4"), ("2026-11-01T02:30:00-07:00", "4")]
    assert sum(m.wh for m in sums(series(rows, SeriesShape()))) == 12_000
    assert sum(m.wh for m in sums(series(rows, SeriesShape(zone="Asia/Shanghai")))) == 12_000


def test_months_are_those_of_beijing() -> None:
    rows = [("2026-08-31T15:30:00+00:00", "2"), ("2026-08-31T16:00:00+00:00", "4"), ("2026-08-31T16:30:00Z", "4")]
    found = sums(series(rows, SeriesShape()))
    assert [(str(m.month), m.wh) for m in found] == [("2026-08", 1000), ("2026-09", 4000)]


def test_stamps_at_the_end_of_the_interval() -> None:
    rows = [("2026-09-01T00:00:00+08:00", "1"), ("2026-09-01T01:00:00+08:00", "1")]
    found = sums(series(rows, SeriesShape(stamped_at_end=True)))
    assert [str(m.month) for m in found] == ["2026-08", "2026-09"]


def test_gaps_are_told_and_stop_nothing() -> None:
    rows = [(f"2026-09-01T{h:02d}:00:00+08:00", "1") for h in (0, 1, 5, 6)]
    parts = series(rows, SeriesShape())
    assert sums(parts)[0].wh == 4000
    told = notices(parts)[Code.GAP]
    assert told.startswith("716 of 720: 2026-09-01T02:00+08:00/2026-09-01T05:00+08:00, 2026-09-01T07:00+08:00/")


def test_repetitions_and_overlaps() -> None:
    hours = [("2026-09-01T00:00+08:00", "1"), ("2026-09-01T01:00+08:00", "2"), ("2026-09-01T01:00+08:00", "2.0")]
    same = series(hours, SeriesShape())
    assert codes(same) == []
    assert Code.REPEATED in notices(same)
    assert sums(same)[0].wh == 3000
    other = series([*hours, ("2026-09-01T00:00+08:00", "5")], SeriesShape())
    assert codes(other) == [(Code.OVERLAP, 5)]
    assert sums(other)[0].doubtful


@pytest.mark.parametrize(
    ("time", "value", "code"),
    [
        ("2026-09-01 03:00", "1", Code.TIME_FORMAT),
        ("yesterday", "1", Code.TIME_FORMAT),
        ("2026-09-01T03:07+08:00", "1", Code.INTERVAL),
        ("2026-09-01T03:00+08:00", "", Code.MISSING_FIELD),
        ("2026-09-01T03:00+08:00", "n/a", Code.NUMBER_FORMAT),
        ("2026-09-01T03:00+08:00", "1e-40", Code.NUMBER_FORMAT),
        ("2026-09-01T03:00+08:00", "5 kW", Code.UNIT),
    ],
)
def test_single_rows_that_are_refused(time: str, value: str, code: Code) -> None:
    rows = [("2026-09-01T00:00+08:00", "1"), ("2026-09-01T01:00+08:00", "1"), (time, value)]
    parts = series(rows, SeriesShape())
    assert codes(parts) == [(code, 4)]
    assert sums(parts)[0].wh == 2000


def test_intervals_that_do_not_exist() -> None:
    rows = [("2026-09-01T00:00+08:00", "1"), ("2026-09-01T00:20+08:00", "1")]
    assert codes(series(rows, SeriesShape())) == [(Code.INTERVAL, 0)]
    assert codes(series(rows[:1], SeriesShape())) == [(Code.INTERVAL, 0)]


@pytest.mark.parametrize(
    ("column", "unit", "code"),
    [
        ("value", None, Code.UNIT),
        ("power_MW", None, Code.UNIT),
        ("power_kW", Unit.W, Code.UNIT),
    ],
)
def test_units_that_are_not_told_or_contradict(column: str, unit: Unit | None, code: Code) -> None:
    parts = series([("2026-09-01T00:00+08:00", "1")], SeriesShape(unit=unit), column)
    assert codes(parts) == [(code, 0)]
    assert sums(parts) == []


def test_columns_that_are_missing() -> None:
    rows: list[RawRow] = [Row(2, {"when": "2026-09-01T00:00+08:00", "kW": "1"})]
    parts = [part for batch in read_interval_series(iter([rows]), SeriesShape()) for part in batch]
    assert codes(parts) == [(Code.MISSING_FIELD, 0)]


def test_flaws_of_the_file_pass_through() -> None:
    flaws: list[RawRow] = [Flaw(7, Code.ENCODING, "row"), Flaw(8, Code.EMPTY_LINE, "row")]
    parts = [part for batch in read_interval_series(iter([flaws]), SeriesShape(unit=Unit.W)) for part in batch]
    assert [type(part) for part in parts] == [Refusal, Notice]


def test_a_zone_that_does_not_exist() -> None:
    with pytest.raises(BadInput):
        series([], SeriesShape(zone="Mars/Olympus"))


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.text(max_size=30) | st.datetimes(timezones=st.timezones()).map(lambda t: t.isoformat()),
            st.text(max_size=12) | st.decimals().map(str),
        ),
        max_size=20,
    ),
    zone=st.sampled_from(["", "Asia/Shanghai", "America/Denver"]),
    shift=st.integers(-3000, 3000),
)
def test_junk_never_crashes(rows: list[tuple[str, str]], zone: str, shift: int) -> None:
    for part in series(rows, SeriesShape(zone=zone, shift_years=shift)):
        assert isinstance(part, MonthSum | Refusal | Notice)


@settings(max_examples=50, deadline=None)
@given(cut=st.integers(1, 199), step=st.sampled_from([5, 10, 15, 30, 60]))
def test_batches_do_not_matter(cut: int, step: int) -> None:
    start = datetime(2026, 8, 31, 20, tzinfo=UTC)
    rows: list[RawRow] = [
        Row(i + 2, {"time": (start + timedelta(minutes=step * i)).isoformat(), "W": str(i * 7)}) for i in range(200)
    ]
    whole = [p for batch in read_interval_series(iter([rows]), SeriesShape()) for p in batch]
    parts = [p for batch in read_interval_series(iter([rows[:cut], rows[cut:]]), SeriesShape()) for p in batch]
    assert parts == whole
    assert all(a.month < b.month for a, b in pairwise(sums(whole)))
