"""Readings and refusals as rows, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Row

from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Reading, Refusal, Sheet, Source
from gecchain.rules.classes import Electricity
from gecchain.rules.months import Month

__all__ = [
    "KeptLeaf",
    "KeptReading",
    "KeptRefusal",
    "kept_reading",
    "kept_refusal",
    "reading_row",
    "refusal_row",
    "staged_reading",
]

_UNKEEPABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class KeptReading:
    """A reading in the store. `digest` has 17 bytes; `replaced_by` is the id of the reading that took its place."""

    id: int
    file: int
    row: int
    project: int
    code: str
    month: Month
    electricity: Electricity
    wh: int
    provider: str
    sheet: str
    record: str
    derived: bool
    note: str
    digest: bytes
    current: bool
    replaced_by: int | None


class KeptLeaf(NamedTuple):
    """What a commitment says of a reading: project (48 bits), electricity's number, Wh, and 17 bytes of digest."""

    id: int
    project: int
    electricity: int
    wh: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class KeptRefusal:
    """A refused row in the store. `raw` is the row as it came; `status` is open, resolved or superseded."""

    id: int
    file: int
    row: int
    code: Code
    field: str
    value: str
    remedy: str
    raw: Mapping[str, str]
    status: str
    resolved_by: int | None


def reading_row(reading: Reading, file: int) -> tuple[Any, ...]:
    """A staged row of a reading, without verdict, in the order of the table."""
    return (
        file,
        reading.source.row,
        reading.project,
        reading.code,
        reading.month.index,
        int(reading.electricity),
        reading.wh,
        reading.provider,
        reading.sheet.number,
        reading.sheet.total_wh,
        reading.record,
        reading.derived,
        reading.note,
        reading.digest,
        reading.resolves,
        None,
    )


def refusal_row(refusal: Refusal, file: int) -> dict[str, Any]:
    """A row of a refusal; what no database keeps (NUL, halves of characters) becomes U+FFFD."""
    raw = {_keepable(name): _keepable(cell) for name, cell in refusal.raw.items()}
    return {
        "file": file,
        "row": refusal.row,
        "code": refusal.code.name,
        "field": _keepable(refusal.field),
        "value": _keepable(refusal.value),
        "remedy": refusal.remedy,
        "raw": json.dumps(raw, ensure_ascii=False),
        "status": "open",
    }


def staged_reading(row: Row[Any], sha256: str) -> Reading:
    """The reading of a staged row."""
    return Reading(
        code=row.code,
        project=row.project,
        month=Month(row.month),
        electricity=Electricity.of_number(row.electricity),
        wh=row.wh,
        provider=row.provider,
        sheet=Sheet(row.sheet, row.sheet_wh),
        source=Source(sha256, row.row),
        record=row.record,
        derived=row.derived,
        note=row.note,
        resolves=row.resolves,
    )


def kept_reading(row: Row[Any]) -> KeptReading:
    """A reading of the store from its row."""
    return KeptReading(
        id=row.id,
        file=row.file,
        row=row.row,
        project=row.project,
        code=row.code,
        month=Month(row.month),
        electricity=Electricity.of_number(row.electricity),
        wh=row.wh,
        provider=row.provider,
        sheet=row.sheet,
        record=row.record,
        derived=row.derived,
        note=row.note,
        digest=bytes(row.digest),
        current=row.current,
        replaced_by=row.replaced_by,
    )


def kept_refusal(row: Row[Any]) -> KeptRefusal:
    """A refusal of the store from its row."""
    return KeptRefusal(
        id=row.id,
        file=row.file,
        row=row.row,
        code=Code[row.code],
        field=row.field,
        value=row.value,
        remedy=row.remedy,
        raw=json.loads(row.raw),
        status=row.status,
        resolved_by=row.resolved_by,
    )


def _keepable(text: str) -> str:
    return _UNKEEPABLE.sub("\ufffd", text)[:_LONGEST]
