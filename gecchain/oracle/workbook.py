"""XLSX workbooks as batches of rows: the first sheet, read as a stream.

A spreadsheet keeps numbers as binary fractions. A cell's number is taken as the shortest decimal that stands for it
(what the spreadsheet itself shows at full precision), so 12.345 stays 12.345; whether it has too many decimals is
judged later like any other text.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from gecchain.oracle.codes import Code
from gecchain.oracle.source import BATCH_ROWS, Flaw, RawRow, Row, Rows

__all__ = ["cell_text", "read_workbook"]


def read_workbook(path: Path) -> Rows:
    """Batches of up to 4,096 rows of the first sheet; the header is its first row that is not empty."""
    from openpyxl import load_workbook  # half a second that only workbooks need

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
    except Exception:  # noqa: BLE001 - openpyxl passes on whatever zipfile, XML and its descriptors raise
        yield [Flaw(0, Code.FILE_KIND, "file", path.name)]
        return
    try:
        yield from _batches(_numbered(sheet.iter_rows(values_only=True)))
    finally:
        book.close()


def _numbered(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, list[str] | None]]:
    """Rows as text with their numbers; None once, at the end, if the workbook breaks off."""
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - a truncated or damaged sheet, see above
            yield number, None
            return
        yield number, [cell_text(cell) for cell in cells]


def _batches(rows: Iterator[tuple[int, list[str] | None]]) -> Rows:
    header: list[str] = []
    batch: list[RawRow] = []
    for number, cells in rows:
        if cells is None:
            batch.append(Flaw(number, Code.FILE_KIND, "row"))
        elif not any(cells):
            batch.append(Flaw(number, Code.EMPTY_LINE, "row"))
        elif not header:
            header = cells
        else:
            batch.append(_row(number, header, cells))
        if len(batch) >= BATCH_ROWS:
            yield batch
            batch = []
    if not header:
        batch = [Flaw(0, Code.MISSING_FIELD, "header")]
    if batch:
        yield batch


def _row(number: int, header: list[str], cells: list[str]) -> RawRow:
    if any(cells[len(header) :]):
        return Flaw(number, Code.BROKEN_ROW, "row", " | ".join(cells)[:200])
    filled = cells + [""] * (len(header) - len(cells))
    return Row(number, {name: cell for name, cell in zip(header, filled, strict=False) if name})


def cell_text(value: object) -> str:
    """A cell as text: numbers in plain decimals without exponent, dates in ISO form, a month's first day as a month."""
    if value is None:
        return ""
    if isinstance(value, float):
        plain = format(Decimal(repr(value)), "f")
        return plain.removesuffix(".0")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
