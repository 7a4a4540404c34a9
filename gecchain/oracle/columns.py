"""Which column of a settlement table means what, in Chinese and English.

Names are compared without spaces, in lower case, with full-width brackets as ASCII ones. Columns that nobody knows are
left alone: they come back in the export of refusals and mean nothing here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gecchain.oracle.codes import Code

__all__ = ["COLUMNS", "FIELDS", "REASON_COLUMNS", "REQUIRED", "HeaderFlaw", "field_of", "read_header"]

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "project": ("project", "project_code", "code", "项目代码", "项目编码", "建档立卡编码"),
        "month": ("month", "production_month", "生产年月", "电量生产年月", "生产月份", "月份"),
        "class": ("class", "electricity", "electricity_class", "电量类型", "电量类别"),
        "kwh": (
            "kwh",
            "energy_kwh",
            "energy(kwh)",
            "电量(千瓦时)",
            "电量(kwh)",
            "结算电量(千瓦时)",
            "结算电量(kwh)",
            "生产电量(千瓦时)",
        ),
        "provider": ("provider", "data_provider", "数据提供方", "数据来源", "推送单位"),
        "sheet": ("sheet", "settlement_sheet", "sheet_number", "结算单号", "结算单编号"),
        "sheet_kwh": ("sheet_kwh", "sheet_total_kwh", "结算单电量(千瓦时)", "结算单总电量(千瓦时)", "结算单电量(kwh)"),
        "record": ("record", "record_id", "记录编号"),
        "derived": ("derived", "derived_from", "推算说明"),
        "refusal": ("refusal", "拒收编号"),
    }
)
FIELDS: Final = tuple(COLUMNS)
REQUIRED: Final = ("project", "month", "class", "kwh", "provider", "sheet")
REASON_COLUMNS: Final = (
    "refusal",
    "refusal_code",
    "refusal_field",
    "refusal_value",
    "refusal_reason",
    "refusal_remedy",
)

_BY_NAME: Final = {name: field for field, names in COLUMNS.items() for name in names}
_OTHER_UNIT: Final = re.compile(
    r"(energy|电量|结算电量|生产电量|sheet)_?\(?(wh|mwh|gwh|兆瓦时|万千瓦时|亿千瓦时|度|万度)?\)?|[mg]?wh"
)


@dataclass(frozen=True, slots=True)
class HeaderFlaw:
    """Why a header cannot be used: the code, the field it concerns and the column's name."""

    code: Code
    field: str
    value: str = ""


def read_header(names: Iterable[str], given: Iterable[str] = ()) -> dict[str, str] | HeaderFlaw:
    """Field -> column name for a table's columns. `given` are fields that the caller supplies for every row.

    UNIT if a column gives energy in another unit or in none; MISSING_FIELD if a required column is absent; BROKEN_ROW
    if two columns mean the same.
    """
    fields: dict[str, str] = {}
    other_unit = ""
    for name in names:
        plain = _plain(name)
        field = field_of(name)
        if field is None:
            other_unit = name if _OTHER_UNIT.fullmatch(plain) else other_unit
        elif field in fields:
            return HeaderFlaw(Code.BROKEN_ROW, field, name)
        else:
            fields[field] = name
    if "kwh" not in fields and other_unit:
        return HeaderFlaw(Code.UNIT, "kwh", other_unit)
    missing = [field for field in REQUIRED if field not in fields and field not in set(given)]
    return HeaderFlaw(Code.MISSING_FIELD, missing[0]) if missing else fields


def field_of(name: str) -> str | None:
    """The field that a column's name stands for; None if nobody knows it."""
    return _BY_NAME.get(_plain(name))


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(folded.split()) if not folded.isascii() else "_".join(folded.split())
