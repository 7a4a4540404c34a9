"""Ranges that are moved, frozen and retired."""

from dataclasses import replace

from gecchain.events import (
    NO_ACCOUNT,
    ConsecutiveTransfer,
    ExpiryNear,
    Frozen,
    ItemRefused,
    Moved,
    Recorded,
    Retired,
    Unfrozen,
)
from gecchain.ledger.counting import consume
from gecchain.ledger.ranges import add_to, broken, carry_over, count, cut_out, echo, owe
from gecchain.ledger.state import State
from gecchain.ledger.values import ExpiryWarning, Retirement, Segment
from gecchain.rules.months import Month, expires_at, expiring_within
from gecchain.rules.purposes import CertificateState, MoveKind, RetirementReason

__all__ = [
    "apply_frozen",
    "apply_moved",
    "apply_near",
    "apply_retired",
    "apply_skipped",
    "apply_transferred",
    "apply_unfrozen",
    "has_expired",
]

HELD = CertificateState.HELD


def has_expired(batch: int, now: int) -> bool:
    """Whether a batch's validity is over at a time, UTC seconds (Q28)."""
    return now >= expires_at(Month(batch >> 4 & 0xFFF))


def apply_moved(state: State, at: Recorded, event: Moved) -> None:
    """A free move: another holder, the trade left as it is (Q47, Q48)."""
    if event.kind not in set(MoveKind) or has_expired(event.batch, at.time):
        raise broken(f"[{event.start}, {event.end}) of batch {event.batch} cannot move, kind {event.kind}.", at)
    receiver = state.accounts.get(event.to)
    if receiver is None or receiver.closed:
        raise broken(f"Account {event.to} is unknown or closed and cannot receive.", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD, owner=event.from_)
    state.put_segment(replace(segment, owner=event.to))
    carry_over(state, event.batch, event.start, event.end, event.from_, event.to)


def apply_frozen(state: State, at: Recorded, event: Frozen) -> None:
    """What is held stands still."""
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD)
    state.put_segment(replace(segment, state=CertificateState.FROZEN.value))


def apply_unfrozen(state: State, at: Recorded, event: Unfrozen) -> None:
    """What stood still is held again."""
    segment = cut_out(state, at, event.batch, event.start, event.end, CertificateState.FROZEN)
    state.put_segment(replace(segment, state=HELD.value))


def apply_retired(state: State, at: Recorded, event: Retired) -> None:
    """The end of a range (Q79), for a reason that holds."""
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD, owner=event.holder)
    if not _holds(state, at, event, segment):
        raise broken(f"Reason {event.reason} does not hold for [{event.start}, {event.end}) of {event.batch}.", at)
    state.put_segment(replace(segment, state=CertificateState.RETIRED.value))
    state.retirements[at.position] = Retirement(
        position=at.position,
        batch=event.batch,
        start=event.start,
        end=event.end,
        holder=event.holder,
        reason=event.reason,
        beneficiary=event.claim.beneficiary,
        purpose=event.claim.purpose,
        period_start=event.claim.from_,
        period_end=event.claim.to,
        statement=event.claim.statement,
    )
    amount = event.end - event.start
    add_to(state, event.holder, holding=-amount, retired=amount)
    if event.reason == RetirementReason.CONSUMPTION:
        consume(state, event.holder, event.batch, amount)
    count(state, event.batch, retired=amount)
    echo(state, event.batch, event.start, event.end, event.holder, NO_ACCOUNT)


def _holds(state: State, at: Recorded, event: Retired, segment: Segment) -> bool:
    """Whether the reason is the one that the contract gives: CCER before expiry before a closed account."""
    registered = not segment.traded and (event.batch >> 16, event.batch >> 4 & 0xFFF) in state.ccer_months
    expired = has_expired(event.batch, at.time)
    holder = state.accounts.get(event.holder)
    closed = holder is not None and bool(holder.closed)
    match event.reason:
        case RetirementReason.CONSUMPTION:
            return not expired and (segment.traded or not state.stands_still(event.batch))
        case RetirementReason.CCER:
            return registered
        case RetirementReason.EXPIRED:
            return expired and not registered
        case RetirementReason.ACCOUNT_CLOSED:
            return (closed or holder is None) and not expired and not registered
        case _:
            return False


def apply_near(state: State, at: Recorded, event: ExpiryNear) -> None:
    """Told once a month, within three months of the end (Q96)."""
    month = Month(event.month)
    if event.month in state.expiry_warnings or event.expires_at != expires_at(month):
        raise broken(f"The end of month {event.month} is told twice, or wrongly.", at)
    if not expiring_within(month, at.time):
        raise broken(f"The end of month {event.month} is not near.", at)
    state.expiry_warnings[event.month] = ExpiryWarning(event.month, event.expires_at, at.position)


def apply_skipped(_state: State, _at: Recorded, _event: ItemRefused) -> None:
    """What was refused changed nothing."""


def apply_transferred(state: State, _at: Recorded, event: ConsecutiveTransfer) -> None:
    """ERC-2309's echo of another event of the transaction."""
    owe(state, (event.from_token_id, event.to_token_id, event.from_address, event.to_address), -1)
