"""From measurements to the lines of the table: figures, straight lines beyond what is measured, ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.gas.chain import Chain
from bench.gas.entry import Entry
from bench.gas.peers import Act, Peer
from bench.gas.registry import Registry
from gecchain.errors import GecError

__all__ = ["Figure", "Row", "extrapolated", "rows"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Gas of an act. `points` is empty when it was measured, else the batch sizes that a line was drawn through."""

    gas: int
    points: tuple[int, ...] = ()

    def each(self, certificates: int) -> float:
        """Gas per certificate."""
        return self.gas / certificates

    def times(self, ours: Figure) -> float:
        """How many times our gas this is."""
        return self.gas / ours.gas


@dataclass(frozen=True, slots=True)
class Row:
    """One act on one number of certificates. `batch` is 0 where the number does not matter.

    `ours` is None when our call failed, and `failure` says why. `peers` has the figures of those that have such an act.
    """

    name: str
    batch: int
    certificates: int
    ours: Figure | None
    peers: Mapping[str, Figure] = field(default_factory=dict)
    failure: str = ""


def extrapolated(points: Sequence[tuple[int, int]], size: int) -> Figure:
    """The figure for `size` on the straight line through the first and the last of `points` (size, gas)."""
    (low, at_low), (high, at_high) = points[0], points[-1]
    gas = at_high + (size - high) * (at_high - at_low) // (high - low)
    return Figure(gas, (low, high))


def rows(
    chain: Chain, ours: Registry, peers: Sequence[Peer], entries: Sequence[Entry], advance: Callable[[str], None]
) -> list[Row]:
    """Measure every entry at each of its sizes; `advance` is told the name of each that begins."""
    measured = _Measured(chain)
    made: list[Row] = []
    for entry in entries:
        advance(entry.name)
        made.extend(_row(measured, ours, peers, entry, size) for size in entry.part.sizes or (0,))
    return made


def _row(measured: _Measured, ours: Registry, peers: Sequence[Peer], entry: Entry, size: int) -> Row:
    lot = entry.part.cut(size or 1)
    acts = {peer: peer.acts[entry.like] for peer in peers if entry.like in peer.acts}
    beside = {peer.name: measured.peer(peer, act, entry, size or 1) for peer, act in acts.items()}
    try:
        with measured.chain.undone():
            figure = Figure(entry.measure(ours, lot) // entry.batches)
    except GecError as error:
        return Row(entry.name, size, lot.certificates, None, beside, str(error))
    return Row(entry.name, size, lot.certificates, figure, beside)


class _Measured:
    """What was measured of the peers, so that entries with the same act share it."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self._known: dict[tuple[str, str, str, int], int] = {}

    def peer(self, peer: Peer, act: Act, entry: Entry, size: int) -> Figure:
        """A peer's figure for one batch; beyond `act.most` on the line through a tenth of that and that."""

        def gas(batch: int) -> int:
            key = (peer.name, entry.like, entry.part.name, batch)
            if key not in self._known:
                with self.chain.undone():
                    self._known[key] = act.measure(entry.part.cut(batch)) // entry.batches
            return self._known[key]

        if not act.most or size <= act.most:
            return Figure(gas(size))
        return extrapolated([(batch, gas(batch)) for batch in (act.most // 10, act.most)], size)
