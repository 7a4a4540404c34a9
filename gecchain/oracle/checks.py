"""Readings held against the register: what may go on to a commitment, and why the rest may not.

`check` judges a reading alone. What needs the sight of other rows (the split of a sheet, the classes of one month, a
revision) is judged by the other functions from sums, so that whoever keeps the rows decides how to group them and
nothing here holds a month in memory.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, MutableSet
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from gecchain.oracle.codes import Code
from gecchain.oracle.reading import Reading, Refusal, kwh_text
from gecchain.rules.classes import Technology, classify
from gecchain.rules.months import Month
from gecchain.rules.parameters import CAPACITY_MARGIN

__all__ = [
    "ProjectFacts",
    "Register",
    "capacity_limit_wh",
    "check",
    "check_capacity",
    "check_revision",
    "check_sheet",
    "prepare",
    "refuse",
]

_Found = tuple[Code, str, str]


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What the oracle must know of a filed project.

    `id` packs 48 bits; `capacity_kw` is in whole kW; `province` is the code of GB/T 2260; `in_operation` is the month
    of grid connection; `market_based` (完全市场化) matters for hydro alone.
    """

    code: str
    id: int
    technology: Technology
    approved: bool
    in_operation: Month
    capacity_kw: int
    province: int
    market_based: bool = False


class Register(Mapping[str, ProjectFacts]):
    """Projects by code, asked of somebody who answers many questions together much sooner than one by one."""

    @abstractmethod
    def prepare(self, codes: Collection[str]) -> None:
        """These will be asked for next; what was asked for long ago may be forgotten."""


def prepare(projects: Mapping[str, object], codes: Collection[str]) -> None:
    """Tell a register, if it is one, what will be asked for."""
    if isinstance(projects, Register):
        projects.prepare(codes)


def check(
    reading: Reading,
    projects: Mapping[str, ProjectFacts],
    now: datetime,
    seen: MutableSet[tuple[int, int, int]] | None = None,
) -> Reading | Refusal:
    """The reading if it may go on, else its refusal; the first thing wrong is the reason.

    Order: filed (Q21), approved (Q91), no storage (2026 rules), month over (Q27), not before the grid connection, not
    above the capacity, not a repetition. `now` is aware. `seen` collects `reading.key` of what passed; without it
    repetitions are the caller's matter.
    """
    facts = projects.get(reading.code)
    if facts is None:
        return refuse(reading, Code.UNKNOWN_PROJECT, "project", reading.code)
    found = _against_filing(reading, facts) or _against_month(reading, facts, now)
    if found is not None:
        return refuse(reading, *found)
    if seen is not None and reading.key in seen:
        return refuse(reading, Code.DUPLICATE, "project", reading.code)
    if seen is not None:
        seen.add(reading.key)
    return reading


def _against_filing(reading: Reading, facts: ProjectFacts) -> _Found | None:
    if not facts.approved:
        return Code.PROJECT_NOT_APPROVED, "project", reading.code
    if not classify(facts.technology, reading.electricity, facts.in_operation, facts.market_based).issued:
        return Code.STORAGE, "project", facts.technology.slug
    return None


def _against_month(reading: Reading, facts: ProjectFacts, now: datetime) -> _Found | None:
    if _span(reading.month)[1] > now.timestamp():
        return Code.MONTH_FUTURE, "month", str(reading.month)
    if reading.month < facts.in_operation:
        return Code.MONTH_BEFORE_GRID, "month", str(reading.month)
    if check_capacity(facts, reading.month, reading.wh):
        return Code.ABOVE_CAPACITY, "kwh", kwh_text(reading.wh)
    return None


@lru_cache(maxsize=256)
def _span(month: Month) -> tuple[int, int]:
    return month.begins_at, month.ends_at


def capacity_limit_wh(facts: ProjectFacts, month: Month) -> int:
    """The most that a project can generate in a month, in Wh: capacity x hours of the month, and the margin (ours)."""
    begins, ends = _span(month)
    hours = (ends - begins) // 3600
    return facts.capacity_kw * 1000 * hours * (100 + CAPACITY_MARGIN.value) // 100


def check_capacity(facts: ProjectFacts, month: Month, wh: int) -> Code | None:
    """ABOVE_CAPACITY if the sum over the classes of a project's month is more than its capacity can generate."""
    return Code.ABOVE_CAPACITY if wh > capacity_limit_wh(facts, month) else None


def check_sheet(split_wh: int, least_total_wh: int, most_total_wh: int) -> Code | None:
    """SHEET_SPLIT unless the rows of a shared sheet add up to its total exactly (Q30).

    `least_total_wh` and `most_total_wh` are the smallest and largest total that the rows name: they must be one.
    """
    return None if split_wh == least_total_wh == most_total_wh else Code.SHEET_SPLIT


def check_revision(provider: str, current_provider: str | None, issued: bool) -> Code | None:
    """Whether a reading may take the place of the current one of its key (None: there is none).

    PROVIDER_MISMATCH if another provider pushed it; ALREADY_ISSUED once the month is issued: then it is a case (Q95).
    """
    if current_provider is not None and current_provider != provider:
        return Code.PROVIDER_MISMATCH
    return Code.ALREADY_ISSUED if issued else None


def refuse(reading: Reading, code: Code, field: str, value: str) -> Refusal:
    """The refusal of a reading that was parsed. Its raw row is written anew, with the documented English columns."""
    total = reading.sheet.total_wh
    raw = {
        "project": reading.code,
        "month": str(reading.month),
        "class": reading.electricity.slug,
        "kwh": kwh_text(reading.wh),
        "provider": reading.provider,
        "sheet": reading.sheet.number,
        "sheet_kwh": "" if total is None else kwh_text(total),
        "record": reading.record,
        "derived": reading.note,
    }
    return Refusal(code, reading.source.row, field, value, raw, reading.resolves)
