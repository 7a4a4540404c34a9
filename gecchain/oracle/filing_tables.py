"""Tables of filings (建档立卡, Q90) as a province pushes them: one row a project, with the code it was given.

Streamed batch by batch, since a country has close to a million projects. Lists of plants of other origin, which have
no code yet, are read by `plants`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.oracle.plants import FilingDraft
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.settlement_tables import read_rows
from gecchain.oracle.source import Row, survey
from gecchain.oracle.tables import Cells, Columns, Fault, month_in, project_in, read_table
from gecchain.rules import legal_code

__all__ = ["is_filing_table", "read_filings"]

_COLUMNS: Final = Columns(
    MappingProxyType(
        {
            "code": ("code", "project", "project_code", "项目代码"),
            "name": ("name", "project_name", "项目名称"),
            "owner": ("owner", "owner_name", "项目业主"),
            "owner_code": ("owner_code", "uscc", "统一社会信用代码", "证件号码"),
            "capacity_kw": ("capacity_kw", "装机容量(千瓦)"),
            "in_operation": ("in_operation", "并网月份", "并网时间"),
            "market_based": ("market_based", "完全市场化"),
            "location": ("location", "所在地"),
            "source": ("source", "来源"),
            "made_up": ("made_up",),
        }
    ),
    (("code",), ("name",), ("owner_code",), ("capacity_kw",), ("in_operation",)),
)
_TRUTHS: Final = MappingProxyType({"": False, "no": False, "否": False, "yes": True, "是": True})
_KW: Final = re.compile(r"[0-9]{1,10}")
_LARGEST_KW: Final = (1 << 32) - 1


def is_filing_table(path: Path) -> bool:
    """Whether the columns are those of a table of filings. Unavailable if the file cannot be read."""
    for batch in read_rows(survey(path)):
        for raw in batch:
            if isinstance(raw, Row):
                return isinstance(_COLUMNS.find(list(raw.cells)), dict)
    return False


def read_filings(path: Path) -> Iterator[list[FilingDraft | Refusal | Notice]]:
    """Batches of filings, refusals and notices of a CSV, XLSX, Parquet or JSON table (see docs/data-formats.md).

    A project that comes twice is refused the second time: only one of its filings could be approved. A refusal of row 0
    is about the whole file and comes last. Unavailable if the file cannot be read.
    """
    seen: set[int] = set()

    def parse(_row: int, cells: Cells) -> FilingDraft:
        draft = _filed(cells)
        if draft.key.id in seen:
            raise Fault(Code.FILING_DUPLICATE, "code")
        seen.add(draft.key.id)
        return draft

    yield from read_table(survey(path), _COLUMNS, parse)


def _filed(cells: Cells) -> FilingDraft:
    key = project_in(cells, "code")
    try:
        owner_code = legal_code(cells["owner_code"].upper())
    except BadInput:
        raise Fault(Code.ACCOUNT, "owner_code") from None
    return FilingDraft(
        source_id=key.code,
        key=key,
        name=cells["name"],
        capacity_kw=_capacity_kw(cells),
        in_operation=month_in(cells, "in_operation"),
        owner=cells.get("owner", ""),
        owner_code=owner_code,
        location=cells.get("location", ""),
        latitude="",
        longitude="",
        source=cells.get("source", ""),
        annual_generation_wh=None,
        made_up=tuple(sorted(cells.get("made_up", "").split())),
        market_based=_truth(cells, "market_based"),
    )


def _capacity_kw(cells: Cells) -> int:
    text = cells["capacity_kw"]
    if _KW.fullmatch(text) is None or int(text) > _LARGEST_KW:
        raise Fault(Code.FILING_CAPACITY, "capacity_kw")
    if int(text) == 0:
        raise Fault(Code.FILING_NO_CAPACITY, "capacity_kw")
    return int(text)


def _truth(cells: Cells, field: str) -> bool:
    found = _TRUTHS.get(cells.get(field, "").casefold())
    if found is None:
        raise Fault(Code.NUMBER_FORMAT, field)
    return found
