"""Columns and values of interval series, in integers of femtowatts (power) or femtowatt-seconds (energy)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Final

from gecchain.oracle.codes import Code

__all__ = ["FWS_PER_WH", "SeriesColumns", "Unit", "fws_of", "read_series_header"]

FWS_PER_WH: Final = 3600 * 10**15
_NUMBER: Final = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?")
_WITH_UNIT: Final = re.compile(r"[-+]?[0-9.,]+\s*[kKMG]?[wW][hH]?")
_TIMES: Final = ("time", "measured_on", "timestamp", "datetime", "date_time", "时间", "采集时间", "时刻")
_UNIT_IN_NAME: Final = re.compile(r"(?:^|.*[^a-z])(w|kw|kwh|mw|mwh|wh|gwh|瓦|千瓦|千瓦时|兆瓦|兆瓦时)\)?")


class Unit(Enum):
    """What a value is: power held for the interval (W, kW), or the energy of the interval (kWh)."""

    W = "W"
    KW = "kW"
    KWH = "kWh"

    @property
    def is_power(self) -> bool:
        """Whether the value has to be multiplied by the time."""
        return self is not Unit.KWH

    @property
    def femto(self) -> int:
        """Femtowatts, or femtowatt-seconds, of one unit."""
        return {Unit.W: 10**15, Unit.KW: 10**18, Unit.KWH: 1000 * FWS_PER_WH}[self]


_UNITS: Final = {
    "w": Unit.W,
    "瓦": Unit.W,
    "kw": Unit.KW,
    "千瓦": Unit.KW,
    "kwh": Unit.KWH,
    "千瓦时": Unit.KWH,
}


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """The names of the two columns and the unit of the values."""

    time: str
    value: str
    unit: Unit


def read_series_header(names: list[str], unit: Unit | None) -> SeriesColumns | tuple[Code, str, str]:
    """The columns of a series, or `(code, field, value)`.

    The value's column is the one that names a unit, else the only one beside the time. UNIT if no unit is told, or one
    that is not W, kW or kWh, or one that contradicts `unit`.
    """
    times = [name for name in names if _plain(name) in _TIMES]
    others = [name for name in names if name not in times]
    named = [name for name in others if _UNIT_IN_NAME.fullmatch(_plain(name))]
    if len(times) != 1:
        return Code.MISSING_FIELD, "time", ", ".join(names)[:200]
    values = named if len(named) == 1 else others
    if len(values) != 1:
        return Code.MISSING_FIELD, "value", ", ".join(names)[:200]
    found = _UNIT_IN_NAME.fullmatch(_plain(values[0]))
    told = _UNITS.get(found[1]) if found else unit
    if told is None or (unit is not None and told is not unit):
        return Code.UNIT, "value", values[0]
    return SeriesColumns(times[0], values[0], told)


def fws_of(text: str, unit: Unit) -> int | Code:
    """A value as an exact integer of femtowatts or femtowatt-seconds; UNIT or NUMBER_FORMAT if it has none.

    More decimals than 15 of a watt, or 18 of a kW or kWh, are refused rather than rounded.
    """
    if not _NUMBER.fullmatch(text):
        return Code.UNIT if _WITH_UNIT.fullmatch(text) else Code.NUMBER_FORMAT
    sign, digits, exponent = Decimal(text).as_tuple()
    if not isinstance(exponent, int) or not -48 <= exponent <= 24:
        return Code.NUMBER_FORMAT
    scaled = int("".join(map(str, digits))) * unit.femto * (-1 if sign else 1)
    if exponent >= 0:
        return scaled * int(10**exponent)
    whole, rest = divmod(scaled, int(10**-exponent))
    return Code.NUMBER_FORMAT if rest else whole


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
