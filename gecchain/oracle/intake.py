"""The whole way of a file: read, parse, check, and hand what came out to a sink, batch by batch.

The sink keeps readings and refusals (`store.intake` does so in SQL); nothing here knows how. One file is one
transaction of the sink: either all of it is kept or nothing.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from gecchain.oracle.ahead import OpenRegister, ReadAhead
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.codes import Code
from gecchain.oracle.interval_series import MonthSum, SeriesShape, read_interval_series
from gecchain.oracle.reading import Notice, Reading, Refusal, Sheet, Source
from gecchain.oracle.settlement_tables import Parsed, read_rows
from gecchain.oracle.sorting import Sorted, sorted_rows, sorted_table
from gecchain.oracle.source import FileFacts, survey
from gecchain.rules.classes import Electricity
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey
from gecchain.trail import Trail

__all__ = [
    "Intake",
    "IssueKey",
    "Issued",
    "SeriesOrigin",
    "Sink",
    "Taking",
    "never_issued",
    "take_in",
    "take_in_all",
    "take_in_series",
]

trail = Trail(__name__)

NOTICES_KEPT: Final = 100
IssueKey: TypeAlias = tuple[int, Month, Electricity]
Issued: TypeAlias = Callable[[Sequence[IssueKey]], Collection[IssueKey]]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a file.

    `known`: the same bytes were taken in before, nothing changed, and the figures are those of then. `broken`: the file
    as a whole was refused and nothing of it was taken. `accepted` readings are new; `replaced` are revisions of earlier
    ones; `unchanged` rows said what was known already; `resolved` is the number of earlier refusals put right.
    `refusals` counts by code. At most a hundred notices of a code are kept.
    """

    name: str
    sha256: str
    known: bool = False
    broken: bool = False
    rows: int = 0
    accepted: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: int = 0
    resolved: int = 0
    refusals: Mapping[str, int] = dataclasses.field(default_factory=dict)
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesOrigin:
    """Whose series it is, which an interval file does not say. `sheet` numbers the meter's record."""

    project: ProjectKey
    electricity: Electricity
    provider: str
    sheet: str


class Taking(Protocol):
    """One file on its way in, inside one transaction."""

    @property
    def earlier(self) -> Intake | None:
        """What became of the same bytes before, or None."""

    def add(self, readings: Sequence[Reading], refusals: Sequence[Refusal]) -> None:
        """Keep a batch until the file is judged."""

    def finish(self, so_far: Intake, projects: Mapping[str, ProjectFacts], issued: Issued) -> Intake:
        """Judge what needs the sight of other rows, keep the rest for good, and say what became of it."""

    def give_up(self, refusal: Refusal) -> None:
        """The file as a whole is refused: keep that refusal and nothing else."""


class Sink(Protocol):
    """Where readings and refusals are kept."""

    def knows(self, sha256: str) -> bool:
        """Whether a file of these bytes was taken in."""

    def taking(self, facts: FileFacts) -> AbstractContextManager[Taking]:
        """A transaction for one file: kept when it ends well, undone when it does not."""


def never_issued(keys: Sequence[IssueKey]) -> Collection[IssueKey]:
    """For a registry in which nothing has been issued yet."""
    return ()


def take_in(
    path: Path,
    sink: Sink,
    projects: Mapping[str, ProjectFacts],
    now: datetime,
    *,
    provider: str = "",
    issued: Issued = never_issued,
    progress: Progress | None = None,
) -> Intake:
    """Take in a settlement table (CSV, XLSX, JSON). `projects` by code; `now` aware; `progress` gets rows done so far.

    `provider` names who hands it in: it fills the column if there is none, and rows that name another are refused.
    `issued` gives those of many keys that are issued, as the chain says. Unavailable if the file cannot be read.
    """
    facts = survey(path)
    batches = sorted_table(facts, provider, projects, now)
    return _told(_take(facts, batches, sink, projects, issued, progress), provider)


def take_in_all(
    paths: Iterable[Path],
    sink: Sink,
    projects: Mapping[str, ProjectFacts],
    now: datetime,
    *,
    open_register: OpenRegister,
    provider: str = "",
    issued: Issued = never_issued,
    progress: Progress | None = None,
) -> Iterator[Intake]:
    """Take in settlement tables one after the other, each as `take_in` does, while another process reads ahead.

    `open_register` gives that process the projects. A path is looked at when the table before it is being kept.
    """
    with ReadAhead(open_register, provider, now) as ahead:
        waiting = None
        for path in paths:
            facts = survey(path)
            if not sink.knows(facts.sha256):
                ahead.begin(facts)
            if waiting:
                yield _told(_take_ahead(waiting, ahead, sink, projects, issued, progress), provider)
            waiting = facts
        if waiting:
            yield _told(_take_ahead(waiting, ahead, sink, projects, issued, progress), provider)


def take_in_series(
    path: Path,
    sink: Sink,
    projects: Mapping[str, ProjectFacts],
    now: datetime,
    *,
    origin: SeriesOrigin,
    shape: SeriesShape,
    issued: Issued = never_issued,
    progress: Progress | None = None,
) -> Intake:
    """Take in an interval series of one project as one reading a month; else as `take_in`."""
    facts = survey(path)
    batches = sorted_rows(_series(facts, origin, shape), projects, now)
    return _told(_take(facts, batches, sink, projects, issued, progress), origin.provider)


def _told(taken: Intake, provider: str) -> Intake:
    """The file's name and its values stay out of what is told: they are whatever somebody wrote."""
    trail.info(
        "file_taken_in",
        file=taken.sha256,
        provider=provider,
        known=taken.known,
        broken=taken.broken,
        rows=taken.rows,
        accepted=taken.accepted,
        replaced=taken.replaced,
        refused=taken.refused,
        refusals=taken.refusals,
    )
    return taken


def _take_ahead(
    facts: FileFacts,
    ahead: ReadAhead,
    sink: Sink,
    projects: Mapping[str, ProjectFacts],
    issued: Issued,
    progress: Progress | None,
) -> Intake:
    taken = _take(facts, ahead.table(facts), sink, projects, issued, progress)
    ahead.pass_over(facts)
    return taken


def _take(
    facts: FileFacts,
    batches: Iterator[Sorted],
    sink: Sink,
    projects: Mapping[str, ProjectFacts],
    issued: Issued,
    progress: Progress | None,
) -> Intake:
    with sink.taking(facts) as taking:
        if taking.earlier is not None:
            return replace(taking.earlier, known=True)
        rows, told = 0, _Told()
        for batch in batches:
            if batch.broken:
                taking.give_up(batch.broken)
                return _broken(facts, batch.broken)
            taking.add(batch.readings, batch.refusals)
            told.add(batch.notices)
            rows += batch.rows
            if progress is not None:
                progress(rows)
        so_far = Intake(facts.name, facts.sha256, rows=rows, notices=tuple(told.notices))
        return taking.finish(so_far, projects, issued)


class _Told:
    """Notices, of which so many of a code are kept."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self._told: Counter[Code] = Counter()

    def add(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            self._told[notice.code] += 1
            if self._told[notice.code] <= NOTICES_KEPT:
                self.notices.append(notice)


def _broken(facts: FileFacts, refusal: Refusal) -> Intake:
    return Intake(facts.name, facts.sha256, broken=True, refused=1, refusals={refusal.code.name: 1})


def _series(facts: FileFacts, origin: SeriesOrigin, shape: SeriesShape) -> Iterator[list[Parsed]]:
    for parts in read_interval_series(read_rows(facts), shape):
        yield [_parsed(part, facts, origin, shape) for part in parts if not _is_doubtful(part)]


def _is_doubtful(part: object) -> bool:
    return isinstance(part, MonthSum) and part.doubtful


def _parsed(part: MonthSum | Refusal | Notice, facts: FileFacts, origin: SeriesOrigin, shape: SeriesShape) -> Parsed:
    if not isinstance(part, MonthSum):
        return part
    shifted = f"metered series, times shifted by {shape.shift_years:+d} years, for demonstration"
    return Reading(
        code=origin.project.code,
        project=origin.project.id,
        month=part.month,
        electricity=origin.electricity,
        wh=part.wh,
        provider=origin.provider,
        sheet=Sheet(origin.sheet),
        source=Source(facts.sha256, part.row),
        derived=shape.shift_years != 0,
        note=shifted if shape.shift_years else "",
    )
