"""Carrying out a decision: which certificates are deducted, and whose trades and retirements are undone before (Q95).

The steps are planned from the chain as it is, so a run that was cut off is simply planned again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from gecchain.cases.standing import CaseState, segments_of
from gecchain.chain.deployment import Deployment
from gecchain.chain.logs import logs_of
from gecchain.chain.reader import Reader
from gecchain.chain.views import SegmentAt, View
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound, Refused
from gecchain.events import Event, Listed, Recorded, Retired, Traded
from gecchain.rules import CaseStage, CertificateState, Outcome, Range

__all__ = ["Lot", "Piece", "Plan", "Remedy", "Undone", "execute", "plan_execution", "undone_by"]

_PIECES_A_TRANSACTION: Final = 16


class Remedy(IntEnum):
    """What a decided case does to a range; the contract's numbers."""

    UNDO_RETIREMENT = 0
    UNDO_TRADE = 1
    DEDUCT = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """Serials that lie in one segment, and the remedies they need, in order. `holder` has them, or had them last."""

    serials: Range
    remedies: tuple[Remedy, ...]
    holder: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot on sale that the authority withdraws, since what is unsold is deducted first."""

    listing: int
    serials: Range


@dataclass(frozen=True, slots=True)
class Plan:
    """What carrying out a decision takes: lots withdrawn first, then the pieces in order."""

    lots: tuple[Lot, ...]
    pieces: tuple[Piece, ...]

    def certificates(self, remedy: Remedy) -> int:
        """How many certificates a remedy touches."""
        return sum(len(piece.serials) for piece in self.pieces if remedy in piece.remedies)


@dataclass(frozen=True, slots=True)
class Undone:
    """A trade or retirement that a plan undoes, for these serials. `party` is the buyer, or who retired; `trade` is 0
    for a retirement, and for a trade whose certificates have moved on since.
    """

    remedy: Remedy
    serials: Range
    party: str
    trade: int
    transaction: str


def plan_execution(reader: Reader, case: CaseState, given: Sequence[Range] = ()) -> Plan:
    """The steps that a decision takes, from what the chain has now. Refused when they cannot be found.

    To deduct: the unsold first (not on sale before on sale), then what is sold or retired, whose retirement and trade
    are undone before; latest serials first, as many as are owed. To undo: exactly the `given` serials.
    """
    if case.stage != CaseStage.DECIDED:
        raise Refused(f"case {case.id} is {case.stage.label.en}, not decided", reason="CaseStageIs")
    segments = segments_of(reader, case.batch)
    if case.outcome == Outcome.UNDONE:
        return Plan((), tuple(_undoing(segment, part) for segment, part in _within(segments, given)))
    return _deduction(reader, case, segments)


def execute(authority: Writer, deployment: Deployment, case: int, plan: Plan) -> list[Receipt]:
    """Carry a plan out: lots are withdrawn, then the pieces undone and deducted. Cut off, plan and execute again."""
    lots = [lot.listing for lot in plan.lots]
    receipts = [
        authority.send(Action.call(f"withdrawing lot {lot}", "Market", deployment.market, "withdraw", [lot]))
        for lot in lots
    ]
    for first in range(0, len(plan.pieces), _PIECES_A_TRANSACTION):
        some = plan.pieces[first : first + _PIECES_A_TRANSACTION]
        steps = [(int(remedy), part.serials.start, part.serials.end) for part in some for remedy in part.remedies]
        what = f"carrying out case {case}"
        receipts.append(authority.send(Action.call(what, "Cases", deployment.cases, "execute", [case, steps])))
    return receipts


def undone_by(reader: Reader, batch: int, plan: Plan) -> list[Undone]:
    """The trades and retirements that a plan undoes, as the chain recorded them."""
    retired = [(one, one.event) for one in logs_of(reader, "certificates", [Retired], batch)]
    return [found for piece in plan.pieces for found in (*_retirement(piece, retired), *_trade(reader, batch, piece))]


def _retirement(piece: Piece, retired: Sequence[tuple[Recorded, Event]]) -> Iterator[Undone]:
    """The latest retirement that holds the piece."""
    if Remedy.UNDO_RETIREMENT not in piece.remedies:
        return
    for place, event in reversed(retired):
        if isinstance(event, Retired) and Range(event.start, event.end).holds(piece.serials):
            yield Undone(Remedy.UNDO_RETIREMENT, piece.serials, event.holder, 0, place.transaction)
            return


def _trade(reader: Reader, batch: int, piece: Piece) -> Iterator[Undone]:
    """The latest trade in which the holder bought the piece."""
    if Remedy.UNDO_TRADE not in piece.remedies:
        return
    for place in reversed(logs_of(reader, "market", [Traded], None, None, int(piece.holder, 16))):
        event = place.event
        if isinstance(event, Traded) and event.batch == batch and event.start <= piece.serials.start < event.end:
            yield Undone(Remedy.UNDO_TRADE, piece.serials, event.buyer, event.trade, place.transaction)
            return
    yield Undone(Remedy.UNDO_TRADE, piece.serials, piece.holder, 0, "")


def _deduction(reader: Reader, case: CaseState, segments: Sequence[SegmentAt]) -> Plan:
    pieces: list[Piece] = []
    owed = case.owed
    for segment in sorted(segments, key=_turn):
        remedies = _to_deduct(segment)
        if owed and remedies:
            first = max(segment.start, segment.end - owed)
            pieces.append(Piece(Range(first, segment.end), remedies, segment.owner))
            owed -= segment.end - first
    if owed:
        raise Refused(
            f"only {case.owed - owed} of the {case.owed} certificates that case {case.id} owes can be deducted",
            reason="OwedExceeded",
            remedy="What was traded and is frozen must be freed first.",
        )
    on_sale = [piece.serials for piece in pieces if _state_at(segments, piece) == CertificateState.LISTED]
    return Plan(_lots(reader, case.batch, on_sale), tuple(pieces))


def _turn(segment: SegmentAt) -> tuple[bool, bool, int]:
    sold = segment.traded or segment.state == CertificateState.RETIRED
    return sold, segment.state == CertificateState.LISTED, -segment.start


def _to_deduct(segment: SegmentAt) -> tuple[Remedy, ...]:
    """Remedies up to deduction; none where nothing can be done."""
    undone = _to_undo(segment)
    if segment.state == CertificateState.DEDUCTED or (segment.traded and segment.state == CertificateState.FROZEN):
        return ()
    return (*undone, Remedy.DEDUCT)


def _to_undo(segment: SegmentAt) -> tuple[Remedy, ...]:
    retired = (Remedy.UNDO_RETIREMENT,) if segment.state == CertificateState.RETIRED else ()
    return (*retired, Remedy.UNDO_TRADE) if segment.traded else retired


def _state_at(segments: Sequence[SegmentAt], piece: Piece) -> int:
    return next(one.state for one in segments if one.start <= piece.serials.start < one.end)


def _lots(reader: Reader, batch: int, wanted: Sequence[Range]) -> tuple[Lot, ...]:
    """Lots that hold these serials; a lot lies within one segment."""
    if not wanted:
        return ()
    listed = [one.event for one in logs_of(reader, "market", [Listed], None, batch)]
    numbers = [event.listing for event in listed if isinstance(event, Listed)]
    structs = reader.views([View("market", "listingOf", (number,)) for number in numbers])
    found = []
    for number, ((_batch, start, end, _price, _platforms),) in zip(numbers, structs, strict=True):
        if start < end and any(part.overlaps(Range(start, end)) for part in wanted):
            found.append(Lot(number, Range(start, end)))
    return tuple(found)


def _within(segments: Sequence[SegmentAt], given: Sequence[Range]) -> list[tuple[SegmentAt, Range]]:
    """The given serials cut at the segments' ends, latest first. NotFound when none are given or some do not exist."""
    found = [
        (segment, part)
        for segment in segments
        for one in given
        if (part := one.intersect(Range(segment.start, segment.end))) is not None
    ]
    if not given or sum(len(part) for _segment, part in found) != sum(map(len, given)):
        raise NotFound("the serials to undo do not all exist", remedy="Name those whose trade is undone: --serials.")
    return sorted(found, key=lambda one: -one[1].start)


def _undoing(segment: SegmentAt, part: Range) -> Piece:
    remedies = _to_undo(segment)
    if not remedies:
        raise Refused(f"serials {part} were neither sold nor retired: there is nothing to undo", reason="NotTraded")
    return Piece(part, remedies, segment.owner)
