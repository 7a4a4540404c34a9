"""A province's plan of distribution (省级分配方案, Q48): who is to receive how many certificates of what.

A row names the first certificate, or a project and perhaps a month of which any will do. The columns are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.source import FileFacts
from gecchain.oracle.tables import (
    Cells,
    Columns,
    Fault,
    account_in,
    integer_in,
    month_in,
    number_in,
    project_in,
    read_table,
)
from gecchain.rules import Month, Range, split_token_id
from gecchain.rules.parameters import MAX_CERTIFICATES

__all__ = ["PLAN_COLUMNS", "PlanRow", "read_plan"]

PLAN_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "project": ("project", "project_code", "项目代码", "项目编码", "建档立卡编码"),
        "month": ("month", "production_month", "生产年月", "月份"),
        "number": ("number", "first_number", "绿证编码", "起始绿证编码"),
        "quantity": ("quantity", "数量", "数量(个)"),
        "receiver": ("receiver", "receiver_account", "receiver_uscc", "接收方", "接收账户", "接收方统一社会信用代码"),
    }
)
_COLUMNS: Final = Columns(PLAN_COLUMNS, (("project", "number"), ("quantity",), ("receiver",)))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """`quantity` certificates for the account `receiver`: those of `batch` and `serials`, or of the project.

    `batch` 0 stands for any of the project, of `month` if that is given. `row` counts from 1 with the header.
    """

    row: int
    project: int
    month: Month | None
    batch: int
    serials: Range | None
    quantity: int
    receiver: str

    def names(self, batch: int) -> bool:
        """Whether certificates of this batch may be meant."""
        if self.batch:
            return batch == self.batch
        return batch >> 16 == self.project and (self.month is None or batch >> 4 & 0xFFF == self.month.index)


def read_plan(facts: FileFacts, account_of: Callable[[str], str]) -> Iterator[list[PlanRow | Refusal | Notice]]:
    """Batches of rows, refusals and notices. `account_of` gives the account of a social credit code (USCC)."""
    return read_table(facts, _COLUMNS, partial(_plan_row, account_of))


def _plan_row(account_of: Callable[[str], str], row: int, cells: Cells) -> PlanRow:
    quantity = integer_in(cells, "quantity", Code.QUANTITY, least=1)
    if quantity > MAX_CERTIFICATES.value:
        raise Fault(Code.QUANTITY, "quantity")
    receiver = account_in(cells, "receiver", account_of)
    month = month_in(cells, "month") if cells.get("month") else None
    if not cells.get("number"):
        return PlanRow(row, project_in(cells, "project").id, month, 0, None, quantity, receiver)
    batch, serial = split_token_id(number_in(cells, "number"))
    if cells.get("project") and project_in(cells, "project").id != batch >> 16:
        raise Fault(Code.CERTIFICATE_NUMBER, "number")
    return PlanRow(row, batch >> 16, month, batch, Range(serial, serial + quantity), quantity, receiver)
