"""Charts as whole-number geometry; the templates draw it, so no script and no style is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from unicodedata import east_asian_width

from gecchain.rules import Month

__all__ = ["Bar", "Chart", "Column", "Dot", "History", "bars", "columns", "every_month", "history"]

T = TypeVar("T")

WIDTH: Final = 360
HEIGHT: Final = 150
_LEFT, _TOP, _FOOT = 8, 22, 22
_COLUMNS: Final = 52
_SERIES: Final = ("issued", "traded", "retired")


@dataclass(frozen=True, slots=True)
class Column:
    """A rectangle of one series of one group."""

    series: str
    label: str
    value: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Chart:
    """All columns, the highest value, and the first and last label."""

    columns: tuple[Column, ...]
    highest: int
    first: str
    last: str
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - _FOOT


def columns(labels: Sequence[str], rows: Sequence[Sequence[int]]) -> Chart | None:
    """A chart of one row of values a label (series in the order issued, traded, retired); None without values.

    A value above zero is at least one unit high, so that little is not shown as nothing.
    """
    highest = max((value for row in rows for value in row), default=0)
    if not highest:
        return None
    room = (WIDTH - 2 * _LEFT) * 1000 // len(labels)
    drawn = []
    for at, (label, row) in enumerate(zip(labels, rows, strict=True)):
        left = _LEFT + room * at // 1000
        wide = max(min(room // 1000 * 4 // 5, 48) // len(row), 1)
        for place, value in enumerate(row):
            high = max((HEIGHT - _FOOT - _TOP) * value // highest, 1) if value else 0
            drawn.append(Column(_SERIES[place], label, value, left + place * wide, HEIGHT - _FOOT - high, wide, high))
    return Chart(tuple(drawn), highest, labels[0], labels[-1])


def every_month(rows: Mapping[str, T], nothing: T, newest: int = 36) -> tuple[list[str], list[T]]:
    """Months `YYYY-MM` from the first to the last without a gap, at most the newest so many, and their rows."""
    if not rows:
        return [], []
    last = Month.parse(max(rows)).index
    first = max(Month.parse(min(rows)).index, last - newest + 1)
    labels = [str(Month(index)) for index in range(first, last + 1)]
    return labels, [rows.get(label, nothing) for label in labels]


@dataclass(frozen=True, slots=True)
class Dot:
    """A month's mean price in fen, and where it is drawn."""

    label: str
    value: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class History:
    """Price above, volume below, months from left to right; `line` joins the prices of neighbouring months."""

    dots: tuple[Dot, ...]
    line: str
    bars: tuple[Column, ...]
    highest_price: int
    highest_volume: int
    first: str
    last: str
    width: int = WIDTH
    height: int = 2 * HEIGHT - _FOOT
    price_base: int = HEIGHT - _FOOT
    volume_base: int = 2 * HEIGHT - 2 * _FOOT
    volume_top: int = HEIGHT - _FOOT + 16


def history(labels: Sequence[str], rows: Sequence[tuple[int, int]]) -> History | None:
    """A chart of mean price in fen and volume of each month; None where nothing was traded. No dot without a trade."""
    highest_volume = max((volume for _price, volume in rows), default=0)
    if not highest_volume:
        return None
    highest_price = max(price for price, _volume in rows)
    room = (WIDTH - 2 * _LEFT) * 1000 // len(labels)
    wide = max(min(room // 1000 * 4 // 5, 32), 1)
    dots, drawn, line, joined = [], [], "", False
    top, base, foot = _TOP + 6, HEIGHT - _FOOT, 2 * HEIGHT - 2 * _FOOT
    for at, (label, (price, volume)) in enumerate(zip(labels, rows, strict=True)):
        middle = _LEFT + (room * at + room // 2) // 1000
        if volume:
            y = base - (base - top) * price // max(highest_price, 1)
            dots.append(Dot(label, price, middle, y))
            line += f"{'L' if joined else 'M'}{middle} {y}"
            high = max((foot - base - _TOP) * volume // highest_volume, 1)
            drawn.append(Column("traded", label, volume, middle - wide // 2, foot - high, wide, high))
        joined = bool(volume)
    return History(tuple(dots), line, tuple(drawn), highest_price, highest_volume, labels[0], labels[-1])


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from left to right with its name above; the longest fills the width."""

    name: str
    value: int
    y: int
    length: int


def bars(rows: Sequence[tuple[str, int]], most: int = 10) -> tuple[Bar, ...]:
    """The first rows as bars; nothing where the first value is zero."""
    longest = max((value for _name, value in rows), default=0)
    if not longest:
        return ()
    shown = rows[:most]
    return tuple(
        Bar(_fitting(name), value, at * 34 + 8, max((WIDTH - 2 * _LEFT) * value // longest, 1))
        for at, (name, value) in enumerate(shown)
    )


def _fitting(name: str) -> str:
    """A name as long as the chart is wide: Chinese characters count twice."""
    room, kept = _COLUMNS, ""
    for letter in name:
        room -= 1 + (east_asian_width(letter) in "WF")
        if room < 0:
            return f"{kept}…"
        kept += letter
    return kept
