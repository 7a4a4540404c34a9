"""What a line of the table's left side is, and how one is written down.

A new entry point is one function in bench/gas/entries: it gets the registry and the lot, prepares what it needs by the
registry's own steps, and returns the gas of what is counted. `like` names the comparable act of the peers (peers.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bench.gas.lots import ONCE, Lot, Part
from bench.gas.registry import Registry

__all__ = ["MANY", "ONE_OF_MANY", "Entry", "Lines", "Measure"]

MANY: Final = 200
"""Batches in one transaction, where many are acted on at once."""
ONE_OF_MANY: Final = f"one of {MANY}"

Measure = Callable[[Registry, Lot], int]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table: `functions` are `Contract.function`; gas is told for one of `batches` batches."""

    functions: tuple[str, ...]
    note: str
    part: Part
    like: str
    batches: int
    measure: Measure

    @property
    def name(self) -> str:
        """The line's heading."""
        words = [self.part.name] if self.part.sizes else []
        return ", ".join([" + ".join(self.functions), *([self.note] if self.note else []), *words])


class Lines(list[Entry]):
    """The lines of one contract or subject, in the order of the table."""

    def entry(
        self, *functions: str, parts: tuple[Part, ...] = (ONCE,), like: str = "", note: str = "", batches: int = 1
    ) -> Callable[[Measure], Measure]:
        """Adds a line for each part; a decorator of the function that measures it."""

        def add(measure: Measure) -> Measure:
            self.extend(Entry(functions, note, part, like, batches, measure) for part in parts)
            return measure

        return add
