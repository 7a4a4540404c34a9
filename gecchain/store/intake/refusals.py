"""Refused rows: listed, exported in the shape of a settlement table, and handed in again.

An export carries the number of each refusal in its column `refusal`. A corrected export is an ordinary settlement
table; the oracle finds the number and marks the refusal as resolved, or as superseded if the row is refused again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, func, select

from gecchain.errors import Unavailable
from gecchain.oracle.columns import REASON_COLUMNS, field_of
from gecchain.store.engine import connected
from gecchain.store.intake.rows import KeptRefusal, kept_refusal
from gecchain.store.intake.tables import files, refusals

__all__ = ["RefusalStore"]

_PAGE: Final = 4096
_RUNS_IN_SPREADSHEETS: Final = ("=", "@", "\t", "+", "-")


class RefusalStore:
    """Refusals of all files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def listed(
        self, *, sha256: str | None = None, status: str | None = "open", code: str | None = None
    ) -> Iterator[KeptRefusal]:
        """Refusals in the order of their numbers, of one file, status or code; one page of 4,096 in memory."""
        query = select(refusals).order_by(refusals.c.id).limit(_PAGE)
        if sha256 is not None:
            query = query.join(files, files.c.id == refusals.c.file).where(files.c.sha256 == sha256)
        if status is not None:
            query = query.where(refusals.c.status == status)
        if code is not None:
            query = query.where(refusals.c.code == code)
        last = 0
        while True:
            with connected(self._engine) as connection:
                page = connection.execute(query.where(refusals.c.id > last)).all()
            yield from map(kept_refusal, page)
            if len(page) < _PAGE:
                return
            last = page[-1].id

    def counted(self, status: str = "open") -> dict[str, int]:
        """How many refusals there are, by code."""
        query = select(refusals.c.code, func.count()).where(refusals.c.status == status).group_by(refusals.c.code)
        with connected(self._engine) as connection:
            return {code: int(count) for code, count in connection.execute(query.order_by(refusals.c.code))}

    def export(self, path: Path, *, sha256: str | None = None, status: str | None = "open") -> int:
        """Write refusals to a CSV (UTF-8 with BOM) or XLSX file, by its suffix; how many.

        The columns are those of the rows as they came, then the reasons. Unavailable if the file cannot be written.
        """
        columns = self._columns(sha256, status)
        rows = (_cells(refusal, columns) for refusal in self.listed(sha256=sha256, status=status))
        write = _write_xlsx if path.suffix.lower() == ".xlsx" else _write_csv
        try:
            return write(path, [*columns, *REASON_COLUMNS], rows)
        except OSError as error:
            raise Unavailable(f"{path.name} cannot be written: {error.strerror}.") from None

    def _columns(self, sha256: str | None, status: str | None) -> list[str]:
        """One column a field, under the name that is met first, so that files in two languages go into one export."""
        seen: dict[str, str] = {}
        for refusal in self.listed(sha256=sha256, status=status):
            for name in refusal.raw:
                seen.setdefault(_meaning(name), name)
        return [name for meaning, name in seen.items() if meaning not in REASON_COLUMNS]


def _meaning(name: str) -> str:
    return field_of(name) or name


def _cells(refusal: KeptRefusal, columns: list[str]) -> list[str]:
    raw = {_meaning(name): cell for name, cell in refusal.raw.items()}
    code = refusal.code
    reasons = (str(refusal.id), code.name, refusal.field, refusal.value, f"{code.zh} {code.en}", " ".join(code.remedy))
    return [_guarded(raw.get(_meaning(name), "")) for name in columns] + [_guarded(reason) for reason in reasons]


def _guarded(text: str) -> str:
    """With an apostrophe before what a spreadsheet would run as a formula; negative numbers stay as they are."""
    is_number = text[1:2].isdigit() and text.startswith(("+", "-"))
    return "'" + text if text.startswith(_RUNS_IN_SPREADSHEETS) and not is_number else text


def _write_csv(path: Path, header: list[str], rows: Iterable[list[str]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for row in rows:
            writer.writerow([cell.replace("\n", " ").replace("\r", " ") for cell in row])
            count += 1
    return count


def _write_xlsx(path: Path, header: list[str], rows: Iterable[list[str]]) -> int:
    from openpyxl import Workbook  # half a second that only workbooks need
    from openpyxl.cell import WriteOnlyCell

    count = 0
    book = Workbook(write_only=True)
    sheet = book.create_sheet("refusals")
    sheet.append(header)
    for row in rows:
        sheet.append([WriteOnlyCell(sheet, value=cell) for cell in row])
        count += 1
    book.save(path)
    return count
