"""Who holds what, asked of the contracts themselves: the write side chooses ranges from the truth and not from SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gecchain.chain.reader import Reader
from gecchain.chain.views import SegmentAt, View
from gecchain.rules import BatchKey, CertificateState, Electricity, Lane, Month, Range

__all__ = ["Piece", "Wish", "batches_of", "choose", "held", "owner_of"]

_NOBODY: Final = "0x" + "00" * 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Certificates of one batch that lie within one segment: what a call can act on."""

    batch: int
    serials: Range

    def as_struct(self) -> tuple[int, int, int]:
        """The contract's `Range`."""
        return self.batch, self.serials.start, self.serials.end


@dataclass(frozen=True, slots=True)
class Wish:
    """Certificates of a batch that `owner` holds, only `untraded` ones or any, up to `quantity` of them."""

    batch: int
    owner: str
    quantity: int
    untraded: bool
    within: Range | None = None


def held(reader: Reader, wishes: Sequence[Wish]) -> list[list[Piece]]:
    """For each wish, pieces in serial order that are held and together reach its quantity, or all there are.

    A piece may reach beyond what is wanted: see `choose`. All wishes are asked for together, segment by segment.
    """
    counts = [
        int(answer[0][1]) for answer in reader.views([View("certificates", "batchOf", (w.batch,)) for w in wishes])
    ]
    walks = [_Walk(wish, count) for wish, count in zip(wishes, counts, strict=True)]
    while walking := [walk for walk in walks if walk.goes_on]:
        questions = [View("certificates", "segmentAt", (walk.wish.batch, walk.at)) for walk in walking]
        for walk, answer in zip(walking, reader.views(questions), strict=True):
            walk.meet(SegmentAt(*answer))
    return [walk.pieces for walk in walks]


class _Walk:
    """Goes along a batch's segments until there is enough."""

    def __init__(self, wish: Wish, count: int) -> None:
        self.wish = wish
        self.at = wish.within.start if wish.within else 0
        self.end = min(wish.within.end, count) if wish.within else count
        self.pieces: list[Piece] = []
        self._left = wish.quantity

    @property
    def goes_on(self) -> bool:
        return self._left > 0 and self.at < self.end

    def meet(self, segment: SegmentAt) -> None:
        end = min(segment.end, self.end)
        mine = segment.owner.lower() == self.wish.owner.lower() and segment.state == CertificateState.HELD
        if mine and not (self.wish.untraded and segment.traded):
            self.pieces.append(Piece(self.wish.batch, Range(self.at, end)))
            self._left -= end - self.at
        self.at = end


def choose(pieces: Iterable[Piece], quantity: int) -> tuple[list[Piece], list[Piece]]:
    """The first `quantity` certificates of the pieces in their order, and what is left of the pieces."""
    chosen: list[Piece] = []
    rest: list[Piece] = []
    for piece in pieces:
        start, end = piece.serials.start, piece.serials.end
        middle = min(end, start + quantity)
        if start < middle:
            chosen.append(Piece(piece.batch, Range(start, middle)))
        if middle < end:
            rest.append(Piece(piece.batch, Range(middle, end)))
        quantity -= middle - start
    return chosen, rest


def batches_of(reader: Reader, projects: Sequence[int], kinds: Sequence[tuple[Electricity, bool]]) -> list[list[int]]:
    """For each project its issued batches of these kinds (electricity, tradable), oldest month first.

    Months that left the lane's window of 32 are left out; their certificates have expired.
    """
    questions = [(project, electricity, tradable) for project in projects for electricity, tradable in kinds]
    lanes = reader.views([View("registry", "laneOf", (project, int(kind))) for project, kind, _tradable in questions])
    found = [
        BatchKey(project, month, kind, tradable).id
        for (project, kind, tradable), answer in zip(questions, lanes, strict=True)
        for month in _months(Lane.unpack(answer[0]))
    ]
    counts = reader.views([View("certificates", "batchOf", (batch,)) for batch in found])
    issued = [batch for batch, answer in zip(found, counts, strict=True) if answer[0][1]]
    by_month = sorted(issued, key=lambda batch: (batch >> 4 & 0xFFF, batch))
    return [[batch for batch in by_month if batch >> 16 == project] for project in projects]


def owner_of(reader: Reader, projects: Sequence[int]) -> list[str]:
    """Owners' accounts of projects in lower case; empty for a project that is not approved."""
    answers = reader.views([View("registry", "project", (project,)) for project in projects])
    owners = [str(answer[0][0]).lower() for answer in answers]
    return ["" if owner == _NOBODY else owner for owner in owners]


def _months(lane: Lane) -> list[Month]:
    return [lane.latest - back for back in range(lane.window.bit_length()) if lane.window >> back & 1]
