"""Columns of a chart as whole-number geometry; the templates draw it, so no script and no style is needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["Chart", "Column", "columns"]

WIDTH: Final = 360
HEIGHT: Final = 150
_LEFT, _TOP, _FOOT = 8, 22, 22
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
