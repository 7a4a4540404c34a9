"""Single cells into values: energy, month, class. Text in, integers out; binary fractions never occur."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.rules.classes import Electricity
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

__all__ = ["electricity_of", "is_plain_text", "month_of", "project_of", "wh_of_kwh"]

_KWH: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,3}))?")
_WITH_UNIT: Final = re.compile(r"-?[0-9][0-9.,]*\s*([a-zA-Z]{1,5}|千瓦时|兆瓦时|万千瓦时|亿千瓦时|度|万度)")
_MONTH: Final = re.compile(r"([0-9]{4})(?:[-/.]|年)?([0-9]{1,2})月?")
_FIRST_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2})-01(?:[ T]00:00:00)?")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_CLASSES: Final = {
    name: member
    for member, names in {
        Electricity.ON_GRID: ("on_grid", "g", "上网", "上网电量"),
        Electricity.SELF_USE: ("self_use", "s", "自发自用", "自发自用电量"),
        Electricity.OFF_GRID: ("off_grid", "f", "离网", "离网电量"),
        Electricity.MECHANISM: ("mechanism", "m", "机制", "机制电量"),
    }.items()
    for name in names
}


def wh_of_kwh(text: str) -> int | Code:
    """kWh with at most three decimals into whole Wh, exactly: `12.5` is 12500. UNIT, NEGATIVE or NUMBER_FORMAT if not.

    At most twelve digits before the point: a thousand terawatt-hours.
    """
    found = _KWH.fullmatch(text)
    if found is None:
        return Code.UNIT if _WITH_UNIT.fullmatch(text) else Code.NUMBER_FORMAT
    wh = int(found[2]) * 1000 + int((found[3] or "").ljust(3, "0"))
    return Code.NEGATIVE if found[1] and wh else wh


@lru_cache(maxsize=256)
def month_of(text: str) -> Month | None:
    """`2026-09`, `2026/9`, `202609`, `2026年9月`, or the first day of a month as spreadsheets give it; None if not."""
    first_day = _FIRST_DAY.fullmatch(text)
    found = _MONTH.fullmatch(first_day[1] if first_day else text)
    if found is None:
        return None
    try:
        return Month.of(int(found[1]), int(found[2]))
    except BadInput:
        return None


def electricity_of(text: str) -> Electricity | None:
    """The class of electricity by its slug, letter or Chinese name; None if there is none."""
    return _CLASSES.get(text.casefold())


@lru_cache(maxsize=1 << 15)
def project_of(text: str) -> ProjectKey | None:
    """The project of a code, spaces and letter case forgiven; None if its parts or check character are wrong."""
    try:
        return ProjectKey.parse(text)
    except BadInput:
        return None


def is_plain_text(text: str) -> bool:
    """Whether text can be kept and shown anywhere: no control characters (a tab may stand), no halves of characters."""
    return _UNPRINTABLE.search(text) is None
