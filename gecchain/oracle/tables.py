"""Any table of named columns: CSV, XLSX or JSON into values and refusals, row by row, however the row is read.

What a row means is told by the room that asks (contracts' months, plans of distribution); the form is judged here, in
the same words as for meter readings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, TypeVar

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Notice, Refusal
from gecchain.oracle.settlement_tables import read_rows
from gecchain.oracle.source import FileFacts, Flaw, Format, RawRow
from gecchain.oracle.values import is_plain_text, month_of, project_of
from gecchain.rules import Month, ProjectKey, parse_number, valid_uscc

__all__ = ["Cells", "Columns", "Fault", "account_in", "integer_in", "month_in", "number_in", "project_in", "read_table"]

T = TypeVar("T")
Cells: TypeAlias = Mapping[str, str]
_GUARD: Final = ("'=", "'@", "'+", "'-", "'\t")
_ACCOUNT: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_DIGITS: Final = re.compile(r"[0-9]{1,15}")


class Fault(Exception):
    """The first thing wrong with a row; `read_table` makes a refusal of it."""

    def __init__(self, code: Code, field: str) -> None:
        super().__init__(code.name, field)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns by field. Of each group in `required` at least one must be there."""

    names: Mapping[str, tuple[str, ...]]
    required: Sequence[tuple[str, ...]]

    def find(self, header: Sequence[str]) -> dict[str, str] | Fault:
        """Field -> column; the fault of a header that lacks a field or has one twice."""
        fields: dict[str, str] = {}
        known = {name: field for field, names in self.names.items() for name in names}
        for column in header:
            field = known.get(_plain(column))
            if field in fields:
                return Fault(Code.BROKEN_ROW, field)
            if field is not None:
                fields[field] = column
        lacking = [group for group in self.required if not any(field in fields for field in group)]
        return Fault(Code.MISSING_FIELD, lacking[0][0]) if lacking else fields

    def check_complete(self, cells: Cells) -> None:
        """Fault for a row in which a required cell is empty, or whose text is none."""
        for group in self.required:
            if not any(cells.get(field) for field in group):
                raise Fault(Code.MISSING_FIELD, group[0])
        for field, text in cells.items():
            if not is_plain_text(text):
                raise Fault(Code.ENCODING, field)


def read_table(
    facts: FileFacts, columns: Columns, parse: Callable[[int, Cells], T]
) -> Iterator[list[T | Refusal | Notice]]:
    """Batches of what `parse` makes of each row's number and cells, refusals and notices.

    A refusal of row 0 is about the whole file and comes last.
    """
    for batch in read_rows(facts):
        parsed = [_parsed(raw, columns, parse, facts) for raw in batch]
        broken = next((i for i, one in enumerate(parsed) if isinstance(one, Refusal) and one.row == 0), None)
        if broken is not None:
            yield parsed[broken : broken + 1]
            return
        yield parsed


def _parsed(raw: RawRow, columns: Columns, parse: Callable[[int, Cells], T], facts: FileFacts) -> T | Refusal | Notice:
    if isinstance(raw, Flaw):
        if raw.code.notice:
            return Notice(raw.code, raw.number, raw.field, raw.value)
        return Refusal(raw.code, raw.number, raw.field, raw.value, raw.raw)
    found = columns.find(list(raw.cells))
    if isinstance(found, Fault):
        row = raw.number if facts.format is Format.JSON else 0
        return Refusal(found.code, row, found.field, "", raw.cells)
    cells = {field: _unguarded(raw.cells[name]) for field, name in found.items()}
    try:
        columns.check_complete(cells)
        return parse(raw.number, cells)
    except Fault as fault:
        return Refusal(fault.code, raw.number, fault.field, cells.get(fault.field, ""), raw.cells)


def project_in(cells: Cells, field: str) -> ProjectKey:
    """The project of a cell."""
    found = project_of(cells[field])
    if found is None:
        raise Fault(Code.PROJECT_CODE, field)
    return found


def month_in(cells: Cells, field: str) -> Month:
    """The month of a cell."""
    found = month_of(cells[field])
    if found is None:
        raise Fault(Code.MONTH_FORMAT, field)
    return found


def integer_in(cells: Cells, field: str, wrong: Code, *, least: int = 0) -> int:
    """The whole number of a cell, of at most fifteen digits; else the fault `wrong`."""
    if _DIGITS.fullmatch(cells[field]) is None or int(cells[field]) < least:
        raise Fault(wrong, field)
    return int(cells[field])


def number_in(cells: Cells, field: str) -> int:
    """Token id of the certificate whose number is in a cell."""
    try:
        return parse_number(cells[field])
    except BadInput:
        raise Fault(Code.CERTIFICATE_NUMBER, field) from None


def account_in(cells: Cells, field: str, account_of: Callable[[str], str]) -> str:
    """The account of a cell, in lower case; `account_of` gives that of a social credit code."""
    text = cells[field]
    if _ACCOUNT.fullmatch(text):
        return text.lower()
    code = text.upper()
    if not valid_uscc(code):
        raise Fault(Code.ACCOUNT, field)
    return account_of(code)


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(folded.split()) if not folded.isascii() else "_".join(folded.split())


def _unguarded(text: str) -> str:
    text = text.strip()
    return text[1:] if text.startswith(_GUARD) else text
