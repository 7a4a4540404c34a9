"""Interval series of one meter (5 to 60 minutes) into sums per month, exactly.

Power is held for its interval, so energy is power times time. Everything is summed as integers in femtowatt-seconds:
15 decimals of a watt and 18 of a kW or kWh are exact. Only a month's sum is cut to whole Wh, downwards, and what was
cut is told. Negative values are draw: they count as zero and are told (ours). An interval belongs to the month in
Beijing time in which it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, TypeAlias

from gecchain.oracle.codes import Code
from gecchain.oracle.interval_times import Clock
from gecchain.oracle.interval_values import FWS_PER_WH, SeriesColumns, Unit, fws_of, read_series_header
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.source import Flaw, RawRow, Row, Rows
from gecchain.rules.months import BEIJING, Month

__all__ = ["INTERVALS", "MonthSum", "SeriesPart", "SeriesShape", "read_interval_series"]

INTERVALS: Final = (5, 10, 15, 30, 60)
_PROBE: Final = 100
_RUNS_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class SeriesShape:
    """What the file does not say itself.

    `unit` if the header names none; `minutes` if the interval is not to be found from the first hundred rows; `zone`
    (an IANA name) for times without offset; `stamped_at_end` if a time is the end of its interval; `shift_years` moves
    all times, for demonstration only.
    """

    unit: Unit | None = None
    minutes: int | None = None
    zone: str = ""
    stamped_at_end: bool = False
    shift_years: int = 0


@dataclass(frozen=True, slots=True)
class MonthSum:
    """One month of a series. `row` is the first row of it; energy in Wh; `cut_fws` is the rest below one Wh.

    `draw_count` intervals were negative and add up to `draw_wh` (cut likewise). `missing` of `expected` intervals have
    no value. `doubtful` says that an interval had two values: such a month must not become a reading.
    """

    month: Month
    row: int
    wh: int
    cut_fws: int
    intervals: int
    expected: int
    draw_count: int
    draw_wh: int
    doubtful: bool

    @property
    def missing(self) -> int:
        """Intervals of the month without a value."""
        return self.expected - self.intervals


SeriesPart: TypeAlias = MonthSum | Refusal | Notice


@dataclass(frozen=True, slots=True)
class _Point:
    number: int
    at: int
    fws_a_second: int
    fws: int
    cells: dict[str, str]

    def energy(self, step: int) -> int:
        return self.fws + self.fws_a_second * step


def read_interval_series(rows: Rows, shape: SeriesShape) -> Iterator[list[SeriesPart]]:
    """Refusals and notices as the rows come, and at the end the months in order with what is to be told of them.

    A refused row counts as missing. A refusal of row 0 concerns the whole file: nothing follows it. Memory grows with
    the span of the series (one number an interval), not with the number of rows.
    """
    reader = _SeriesReader(shape)
    for batch in rows:
        parts = reader.feed(batch)
        yield parts
        if reader.broken:
            return
    yield reader.finish()


class _SeriesReader:
    def __init__(self, shape: SeriesShape) -> None:
        self.broken = False
        self._shape = shape
        self._clock = Clock.of(shape.zone, shape.shift_years)
        self._columns: SeriesColumns | None = None
        self._probe: list[_Point] = []
        self._grid: _Grid | None = None

    def feed(self, batch: list[RawRow]) -> list[SeriesPart]:
        parts: list[SeriesPart] = []
        for raw in batch:
            part = self._take(raw)
            parts += part
            if any(isinstance(one, Refusal) and one.row == 0 for one in part):
                self.broken = True
                break
        return parts

    def finish(self) -> list[SeriesPart]:
        parts = self._open_grid() if self._grid is None else []
        told: list[SeriesPart] = []
        if self._grid is not None:
            told += self._grid.months()
        if self._shape.shift_years and told:
            told.append(Notice(Code.SHIFTED, 0, "time", f"{self._shape.shift_years:+d} years"))
        return parts + told

    def _take(self, raw: RawRow) -> list[SeriesPart]:
        if isinstance(raw, Flaw):
            kind = Notice if raw.code.notice else Refusal
            return [kind(raw.code, raw.number, raw.field, raw.value)]
        point = self._point(raw)
        if isinstance(point, Refusal):
            return [point]
        if self._grid is not None:
            return self._grid.put(point)
        self._probe.append(point)
        return self._open_grid() if len(self._probe) >= _PROBE else []

    def _point(self, row: Row) -> _Point | Refusal:
        if self._columns is None:
            found = read_series_header(list(row.cells), self._shape.unit)
            if not isinstance(found, SeriesColumns):
                return Refusal(found[0], 0, found[1], found[2], row.cells)
            self._columns = found
        time = row.cells.get(self._columns.time, "").strip()
        value = row.cells.get(self._columns.value, "").strip()
        if not time or not value:
            return Refusal(Code.MISSING_FIELD, row.number, "value" if time else "time", "", row.cells)
        at = self._clock.read(time)
        if isinstance(at, Code):
            return Refusal(at, row.number, "time", time, row.cells)
        energy = fws_of(value, self._columns.unit)
        if isinstance(energy, Code):
            return Refusal(energy, row.number, "value", value, row.cells)
        power = energy if self._columns.unit.is_power else 0
        return _Point(row.number, at, power, energy - power, row.cells)

    def _open_grid(self) -> list[SeriesPart]:
        """Settle the interval from the shortest step of the first rows, and lay those rows on the grid."""
        if not self._probe:
            return []
        minutes = self._shape.minutes or _shortest_step(self._probe)
        if minutes not in INTERVALS:
            return [Refusal(Code.INTERVAL, 0, "time", f"{minutes} minutes" if minutes else "")]
        self._grid = _Grid(minutes * 60, self._probe[0].at, self._shape.stamped_at_end)
        parts = [part for point in self._probe for part in self._grid.put(point)]
        self._probe = []
        return parts


def _shortest_step(points: list[_Point]) -> int:
    steps = [abs(b.at - a.at) for a, b in pairwise(points) if a.at != b.at]
    shortest = min(steps, default=0)
    return 0 if shortest % 60 else shortest // 60


@dataclass(slots=True)
class _Bin:
    """The intervals of one month: energy by the second at which the interval begins."""

    row: int
    energy: dict[int, int]
    doubtful: bool = False
    repeated: int = 0


class _Grid:
    """All intervals of a series on one grid of `step` seconds through `origin`."""

    def __init__(self, step: int, origin: int, stamped_at_end: bool) -> None:
        self._step = step
        self._phase = origin % step
        self._back = step if stamped_at_end else 0
        self._bins: dict[Month, _Bin] = {}

    def put(self, point: _Point) -> list[SeriesPart]:
        begins = point.at - self._back
        if begins % self._step != self._phase:
            return [Refusal(Code.INTERVAL, point.number, "time", _beijing(begins), point.cells)]
        month = Month.at(begins)
        held = self._bins.setdefault(month, _Bin(point.number, {}))
        energy = point.energy(self._step)
        known = held.energy.get(begins)
        if known is None:
            held.energy[begins] = energy
        elif known == energy:
            held.repeated += 1
        else:
            held.doubtful = True
            return [Refusal(Code.OVERLAP, point.number, "time", _beijing(begins), point.cells)]
        return []

    def months(self) -> list[SeriesPart]:
        parts: list[SeriesPart] = []
        for month in sorted(self._bins):
            parts += self._told(month, self._bins[month])
        return parts

    def _told(self, month: Month, held: _Bin) -> list[SeriesPart]:
        wh, cut = divmod(sum(e for e in held.energy.values() if e > 0), FWS_PER_WH)
        draws = [-e for e in held.energy.values() if e < 0]
        expected = self._expected(month)
        sums = MonthSum(
            month,
            held.row,
            wh,
            cut,
            len(held.energy),
            len(expected),
            len(draws),
            sum(draws) // FWS_PER_WH,
            held.doubtful,
        )
        parts: list[SeriesPart] = [sums]
        if sums.missing:
            parts.append(Notice(Code.GAP, held.row, str(month), self._gaps(expected, held)))
        if held.repeated:
            parts.append(Notice(Code.REPEATED, held.row, str(month), f"{held.repeated} intervals"))
        if draws:
            parts.append(Notice(Code.DRAW, held.row, str(month), f"{sums.draw_count} intervals, {sums.draw_wh} Wh"))
        return parts

    def _expected(self, month: Month) -> range:
        first = month.begins_at + (self._phase - month.begins_at) % self._step
        return range(first, month.ends_at, self._step)

    def _gaps(self, expected: range, held: _Bin) -> str:
        """`12 of 2976: 2026-07-01T00:00+08:00/2026-07-01T03:00+08:00, ...`, the first five runs."""
        runs: list[list[int]] = []
        for begins in expected:
            if begins in held.energy:
                continue
            if runs and runs[-1][1] == begins:
                runs[-1][1] = begins + self._step
            else:
                runs.append([begins, begins + self._step])
        told = ", ".join(f"{_beijing(start)}/{_beijing(end)}" for start, end in runs[:_RUNS_TOLD])
        more = ", ..." if len(runs) > _RUNS_TOLD else ""
        return f"{len(expected) - len(held.energy)} of {len(expected)}: {told}{more}"


def _beijing(unix_seconds: int) -> str:
    return datetime.fromtimestamp(unix_seconds, BEIJING).isoformat(timespec="minutes")
