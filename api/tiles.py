"""A tile for every province (GB/T 2260), placed roughly where it lies: our own geometry, and nobody's border.

It is used twice: shaded by a number (a cartogram), and small, with an arrow from where a certificate was generated to
where it went.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gecchain.rules import Label
from gecchain.rules.provinces import PROVINCES

__all__ = ["SHADES", "Cartogram", "Flow", "Tile", "cartogram", "flow"]

SHADES: Final = 4
SIDE: Final = 36
_GAP: Final = 4
_STEP: Final = SIDE + _GAP
_UNKNOWN: Final = (0, 6)

# Province to column and row, and its abbreviation: Chinese 简称, and the letters of ISO 3166-2:CN.
_PLACES: Final[dict[int, tuple[int, int, str, str]]] = {
    23: (7, 0, "黑", "HL"),
    15: (4, 1, "蒙", "NM"),
    22: (7, 1, "吉", "JL"),
    65: (0, 2, "新", "XJ"),
    62: (2, 2, "甘", "GS"),
    64: (3, 2, "宁", "NX"),
    14: (4, 2, "晋", "SX"),
    11: (5, 2, "京", "BJ"),
    12: (6, 2, "津", "TJ"),
    21: (7, 2, "辽", "LN"),
    63: (1, 3, "青", "QH"),
    61: (3, 3, "陕", "SN"),
    41: (4, 3, "豫", "HA"),
    13: (5, 3, "冀", "HE"),
    37: (6, 3, "鲁", "SD"),
    54: (0, 4, "藏", "XZ"),
    51: (2, 4, "川", "SC"),
    50: (3, 4, "渝", "CQ"),
    42: (4, 4, "鄂", "HB"),
    34: (5, 4, "皖", "AH"),
    32: (6, 4, "苏", "JS"),
    31: (7, 4, "沪", "SH"),
    53: (2, 5, "滇", "YN"),
    52: (3, 5, "黔", "GZ"),
    43: (4, 5, "湘", "HN"),
    36: (5, 5, "赣", "JX"),
    33: (6, 5, "浙", "ZJ"),
    45: (3, 6, "桂", "GX"),
    44: (4, 6, "粤", "GD"),
    35: (6, 6, "闽", "FJ"),
    71: (7, 6, "台", "TW"),
    46: (3, 7, "琼", "HI"),
    82: (4, 7, "澳", "MO"),
    81: (5, 7, "港", "HK"),
}
WIDTH: Final = 8 * _STEP + _GAP
HEIGHT: Final = 8 * _STEP + _GAP


@dataclass(frozen=True, slots=True)
class Tile:
    """One province: the upper left corner of its square, its names, and its number with a shade from 0 to SHADES."""

    province: int
    x: int
    y: int
    short: Label
    name: Label
    value: int = 0
    shade: int = 0


@dataclass(frozen=True, slots=True)
class Cartogram:
    """Every province; `steps` are the least and the most of each shade that is above zero."""

    tiles: tuple[Tile, ...]
    steps: tuple[tuple[int, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    side: int = SIDE


@dataclass(frozen=True, slots=True)
class Flow:
    """From a province to another, the same one, or one that is not known: tiles, and the arrow as a path.

    `unknown` is the corner of the tile that stands for every province that is not known, None if none is meant.
    """

    tiles: tuple[Tile, ...]
    origin: Label | None
    target: Label | None
    path: str
    unknown: tuple[int, int] | None
    width: int = WIDTH
    height: int = HEIGHT
    side: int = SIDE


def cartogram(values: Mapping[int, int]) -> Cartogram | None:
    """Provinces shaded by their values in equal steps up to the largest; None where all are zero."""
    most = max((values.get(province, 0) for province in _PLACES), default=0)
    if most <= 0:
        return None
    tiles = tuple(
        _tile(province, values.get(province, 0), _shade(values.get(province, 0), most)) for province in _PLACES
    )
    bounds = [-(-most * step // SHADES) for step in range(SHADES + 1)]
    steps = [(bounds[at] + 1 if at else 1, bounds[at + 1]) for at in range(SHADES)]
    return Cartogram(tiles, tuple((first, last) for first, last in steps if first <= last))


def _shade(value: int, most: int) -> int:
    """0 for nothing, else the equal step that the value lies in."""
    return -(-value * SHADES // most) if value > 0 else 0


def flow(origin: int, target: int) -> Flow:
    """The picture of a way between provinces; 0, or a code that is not assigned, is one that is not known."""
    known = (origin in _PLACES, target in _PLACES)
    shades = {origin: SHADES} if origin == target else {origin: 2, target: SHADES}
    return Flow(
        tiles=tuple(_tile(province, 0, shades.get(province, 0)) for province in _PLACES),
        origin=PROVINCES.get(origin),
        target=PROVINCES.get(target),
        path=_arrow(_corner(origin), _corner(target)),
        unknown=None if all(known) else _corner(0),
    )


def _tile(province: int, value: int, shade: int) -> Tile:
    _column, _row, zh, en = _PLACES[province]
    x, y = _corner(province)
    return Tile(province, x, y, Label(zh, en), PROVINCES[province], value, shade)


def _corner(province: int) -> tuple[int, int]:
    column, row = _PLACES[province][:2] if province in _PLACES else _UNKNOWN
    return _GAP + column * _STEP, _GAP + row * _STEP


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A line with its head, from the middle of one tile to the edge of the other; a loop above for the same tile."""
    half = SIDE // 2
    x, y = start[0] + half, start[1] + half
    if start == end:
        top = start[1]
        return f"M{x - 10} {top}C{x - 26} {top - 26} {x + 26} {top - 26} {x + 10} {top}m-1 -9l1 9l-9 -1"
    across, down = end[0] + half - x, end[1] + half - y
    long = max(abs(across), abs(down))
    # Stop short of the middle so that the head does not cover the tile's letters.
    stop = (x + across * (long - half) // long, y + down * (long - half) // long)
    return f"M{x} {y}L{stop[0]} {stop[1]}" + _head(stop, across, down)


def _head(tip: tuple[int, int], across: int, down: int) -> str:
    """Two strokes back from the tip, as wide as they are long; whole numbers are enough at this size."""
    length = max(int((across * across + down * down) ** 0.5), 1)
    back = (-across * 9 // length, -down * 9 // length)
    side = (-down * 6 // length, across * 6 // length)
    left = (tip[0] + back[0] + side[0], tip[1] + back[1] + side[1])
    right = (tip[0] + back[0] - side[0], tip[1] + back[1] - side[1])
    return f"M{left[0]} {left[1]}L{tip[0]} {tip[1]}L{right[0]} {right[1]}"
