"""What comes out of the oracle: a reading, a refusal, or a notice.

Parsing makes one of the first two of every row, so that a bad row is reported with its place, is not fatal and is not
lost.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from gecchain.oracle.codes import Code
from gecchain.proofs import record_digest
from gecchain.rules.classes import Electricity
from gecchain.rules.months import Month

__all__ = ["Notice", "Reading", "Refusal", "Sheet", "Source", "kwh_text"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a reading stands: the file's SHA-256 in lower-case hex, and the row counted from 1 with the header."""

    sha256: str
    row: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A settlement sheet (结算单). `total_wh` is given where several projects share it (共用结算单, Q30), else None."""

    number: str
    total_wh: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Electricity of one project, month and class, in whole Wh.

    `project` is the 48-bit id that `code` packs to. `provider` names who pushed it. `record` is the provider's own id
    of the record, or empty. `derived` says that the figure was not metered; `note` says from what. `resolves` is the
    refusal that this row corrects, or None; it is no part of the record.
    """

    code: str
    project: int
    month: Month
    electricity: Electricity
    wh: int
    provider: str
    sheet: Sheet
    source: Source
    record: str = ""
    derived: bool = False
    note: str = ""
    resolves: int | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        """What can be issued once: project id, month index, electricity number (I1)."""
        return self.project, self.month.index, int(self.electricity)

    def as_record(self) -> dict[str, str | int | bool]:
        """The record whose canonical JSON is hashed into the commitment's leaf: strings, integers, one boolean."""
        return {
            "derived": self.derived,
            "electricity": self.electricity.slug,
            "month": str(self.month),
            "note": self.note,
            "project": self.code,
            "provider": self.provider,
            "record": self.record,
            "row": self.source.row,
            "sha256": self.source.sha256,
            "sheet": self.sheet.number,
            "wh": self.wh,
        }

    @property
    def digest(self) -> bytes:
        """17 bytes: the first of keccak256 over the record's canonical JSON.

        Of a flat record with ASCII names, without control characters and with integers below 2^53, orjson with sorted
        names writes the form of RFC 8785, many times faster than the general way; a test holds the two together.
        """
        return record_digest(orjson.dumps(self.as_record(), option=orjson.OPT_SORT_KEYS))

    def __reduce__(self) -> tuple[Callable[..., Reading], tuple[object, ...]]:
        """Flat, for the way from one process to another: a quarter of what pickling it part by part costs."""
        sheet, source = self.sheet, self.source
        parts = (sheet.number, sheet.total_wh, source.sha256, source.row, self.record, self.derived, self.note)
        head = (self.code, self.project, self.month.index, int(self.electricity), self.wh, self.provider)
        return _restored, (*head, *parts, self.resolves)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that does not go on. `field` and `value` point at what is wrong; `raw` is the row as it came.

    `row` counts from 1 with the header; a refusal of row 0 concerns the whole file, of which nothing was taken.
    `resolves` is the earlier refusal that this row was meant to correct.
    """

    code: Code
    row: int
    field: str = ""
    value: str = ""
    raw: Mapping[str, str] = dataclasses.field(default_factory=dict)
    resolves: int | None = None

    @property
    def remedy(self) -> str:
        """What to do, in English; `code.remedy` has both languages."""
        return self.code.remedy.en


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know that stops nothing. `value` is a count, a month or an amount as text; `row` 0 is the file."""

    code: Code
    row: int
    field: str = ""
    value: str = ""


def _restored(
    code: str,
    project: int,
    month: int,
    electricity: int,
    wh: int,
    provider: str,
    sheet: str,
    total_wh: int | None,
    sha256: str,
    row: int,
    *rest: Any,
) -> Reading:
    kind, source = Electricity.of_number(electricity), Source(sha256, row)
    return Reading(code, project, Month(month), kind, wh, provider, Sheet(sheet, total_wh), source, *rest)


def kwh_text(wh: int) -> str:
    """Whole Wh as kWh with three decimals: 12345 is `12.345`."""
    sign = "-" if wh < 0 else ""
    return f"{sign}{abs(wh) // 1000}.{abs(wh) % 1000:03d}"
