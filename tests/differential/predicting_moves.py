"""What `Certificates` must do with ranges outside the market, from `ICertificates`, check by check."""

from collections.abc import Sequence

from gecchain.events import NO_ACCOUNT, Claim, Event, ExpiryNear, Frozen, Moved, Retired, Unfrozen
from gecchain.ledger import Segment
from gecchain.rules import AccountKind, CertificateState, MoveKind, RetirementReason
from tests.differential.known import Known, expiry_of, month_expiry, month_warning, require
from tests.differential.operations import Allotted, Claimed, Piece
from tests.differential.predicting_ranges import echo, require_moving, require_state, require_valid

__all__ = ["distribute", "freeze", "move", "retire", "retireDue", "sweep", "unfreeze", "warn"]

AUTHORITY = 1
PURPOSES = range(1, 8)
LONGEST_BENEFICIARY, LONGEST_STATEMENT = 256, 1024
HYDRO, ON_GRID, SELF_USE = 6, 0, 1
HELD, FROZEN = CertificateState.HELD, CertificateState.FROZEN
NO_CLAIM = Claim("", 0, 0, 0, "")


def move(known: Known, caller: str, batch: int, start: int, end: int, to: str, kind: int, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    require(known.may_receive(to), "AccountUnknown", to)
    segment = known.segment(batch, start, end)
    require_state(segment, start, HELD)
    require_valid(known, batch)
    require(_may_move(known, segment, kind), "MoveNotAllowed", batch, kind)
    return _moved(segment, start, end, to, kind, basis)


def _may_move(known: Known, segment: Segment, kind: int) -> bool:
    """Stock hydro from its province, self-used electricity from its producer, and what is left to a successor."""
    batch, electricity = segment.batch, segment.batch >> 1 & 7
    if kind == MoveKind.HYDRO_TO_USER:
        stock_hydro = batch >> 55 & 31 == HYDRO and electricity == ON_GRID and not batch & 1
        return stock_hydro and segment.owner == known.state.provinces.get(batch >> 36 & 127)
    if kind == MoveKind.SELF_USE_TO_USER:
        return electricity == SELF_USE and segment.owner == known.first_holders[batch]
    return kind == MoveKind.SUCCESSION


def _moved(segment: Segment, start: int, end: int, to: str, kind: int, basis: bytes) -> list[Event]:
    moved = Moved(segment.batch, start, end, segment.owner, to, int(kind), "0x" + basis.hex())
    return [moved, echo(segment.batch, start, end, segment.owner, to)]


def distribute(known: Known, caller: str, items: Sequence[Allotted], plan: bytes) -> list[Event]:
    known.require_open(caller)

    def one(trial: Known, item: Allotted) -> list[Event]:
        require(trial.may_receive(item.to), "AccountUnknown", item.to)
        segment = trial.segment(item.batch, item.start, item.end)
        holder = segment.owner
        require(trial.may_act(holder, caller), "MayNotAct", holder, caller)
        province = trial.state.accounts[holder].kind == AccountKind.PROVINCE
        require(province, "MoveNotAllowed", item.batch, int(MoveKind.DISTRIBUTION))
        require_state(segment, item.start, HELD)
        require_valid(trial, item.batch)
        return _moved(segment, item.start, item.end, item.to, MoveKind.DISTRIBUTION, plan)

    return known.in_turn(items, one, whole=False)


def freeze(known: Known, caller: str, batch: int, start: int, end: int, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    require_state(known.segment(batch, start, end), start, HELD)
    require_valid(known, batch)
    return [Frozen(batch, start, end, "0x" + basis.hex())]


def unfreeze(known: Known, caller: str, batch: int, start: int, end: int, basis: bytes) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    require_state(known.segment(batch, start, end), start, FROZEN)
    return [Unfrozen(batch, start, end, "0x" + basis.hex())]


def retire(known: Known, caller: str, batch: int, start: int, end: int, claim: Claimed) -> list[Event]:
    known.require_open(caller)
    require(claim.purpose in PURPOSES, "PurposeUnknown", claim.purpose)
    require(claim.from_ < claim.to, "PeriodEmpty", claim.from_, claim.to)
    length = len(claim.beneficiary.encode())
    require(0 < length <= LONGEST_BENEFICIARY, "BeneficiaryLength", length)
    length = len(claim.statement.encode())
    require(length <= LONGEST_STATEMENT, "StatementLength", length)
    segment = known.segment(batch, start, end)
    require(known.may_act(segment.owner, caller), "MayNotAct", segment.owner, caller)
    require_state(segment, start, HELD)
    require_valid(known, batch)
    require_moving(known, segment)
    return _retired(segment, start, end, RetirementReason.CONSUMPTION, Claim(*claim))


def _retired(segment: Segment, start: int, end: int, reason: RetirementReason, claim: Claim) -> list[Event]:
    retired = Retired(segment.batch, start, end, segment.owner, int(reason), claim)
    return [retired, echo(segment.batch, start, end, segment.owner, NO_ACCOUNT)]


def retireDue(known: Known, caller: str, batch: int, start: int, end: int) -> list[Event]:  # noqa: N802
    known.require_open(caller)
    segment = known.segment(batch, start, end)
    require_state(segment, start, HELD)
    reasons = {
        RetirementReason.CCER: known.ccer(batch)[1] and not segment.traded,
        RetirementReason.EXPIRED: known.now >= expiry_of(batch),
        RetirementReason.ACCOUNT_CLOSED: not known.may_receive(segment.owner),
    }
    due = [reason for reason, holds in reasons.items() if holds]
    require(due, "NotDue", batch, start)
    return _retired(segment, start, end, due[0], NO_CLAIM)


def sweep(known: Known, caller: str, ranges: Sequence[Piece]) -> list[Event]:
    known.require_open(caller)
    return known.in_turn(ranges, lambda trial, piece: retireDue(trial, caller, *piece), whole=False)


def warn(known: Known, caller: str, month: int) -> list[Event]:
    known.require_open(caller)
    near = month_warning(month) <= known.now < month_expiry(month)
    require(near, "ExpiryNotNear", month, month_warning(month))
    require(month not in known.state.expiry_warnings, "WarnedAlready", month)
    return [ExpiryNear(month, month_expiry(month))]
