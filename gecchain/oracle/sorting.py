"""A file's rows read, held against the register, and sorted, batch by batch: the half of an intake that keeps nothing.

It needs no database, so another process can do it ahead of the one that keeps (`ahead`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gecchain.oracle.checks import ProjectFacts, check, prepare
from gecchain.oracle.reading import Notice, Reading, Refusal
from gecchain.oracle.settlement_tables import Parsed, read_settlement_table
from gecchain.oracle.source import FileFacts

__all__ = ["ReadTable", "Sorted", "sorted_rows", "sorted_table"]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch of rows: what goes on, what does not, and what is to be known.

    A refusal of row 0 is about the whole file and comes alone, last.
    """

    readings: Sequence[Reading]
    refusals: Sequence[Refusal]
    notices: Sequence[Notice]

    @property
    def rows(self) -> int:
        """How many rows they were."""
        return len(self.readings) + len(self.refusals)

    @property
    def broken(self) -> Refusal | None:
        """The refusal of the whole file, if this is one."""
        return self.refusals[-1] if self.refusals and self.refusals[-1].row == 0 else None


ReadTable: TypeAlias = Callable[[FileFacts], Iterator[Sorted]]
"""Reads a settlement table to its end."""


def sorted_table(
    facts: FileFacts, provider: str, projects: Mapping[str, ProjectFacts], now: datetime
) -> Iterator[Sorted]:
    """A settlement table's rows; the arguments are those of `take_in`."""
    return sorted_rows(read_settlement_table(facts, provider=provider, projects=projects), projects, now)


def sorted_rows(
    batches: Iterator[list[Parsed]], projects: Mapping[str, ProjectFacts], now: datetime
) -> Iterator[Sorted]:
    """Rows of any shape that were parsed; projects are asked for a batch at a time."""
    for batch in batches:
        prepare(projects, {one.code for one in batch if isinstance(one, Reading)})
        readings: list[Reading] = []
        refusals: list[Refusal] = []
        notices: list[Notice] = []
        for one in batch:
            judged = check(one, projects, now) if isinstance(one, Reading) else one
            if isinstance(judged, Reading):
                readings.append(judged)
            elif isinstance(judged, Refusal):
                refusals.append(judged)
            else:
                notices.append(judged)
        yield Sorted(readings, refusals, notices)
