"""What is told of an indexer, and of a bound."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bound", "Line", "Part"]


@dataclass(frozen=True, slots=True)
class Line:
    """An indexer's run over the whole history.

    `seconds` on the clock and `processor` seconds are without those of its `start`. `peak_mb` is of the process.
    """

    name: str
    events: int
    seconds: float
    start: float
    processor: float
    peak_mb: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class Bound:
    """What ours cannot beat: `count` of what `name` says in so many seconds."""

    name: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """One engine: ours first, then the others. `ranges` are those that all ended with alike."""

    engine: str
    lines: list[Line]
    bounds: list[Bound]
    ranges: int
