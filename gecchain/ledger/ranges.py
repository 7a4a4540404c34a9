"""What happens to a range of serials: find its segment, cut it out, put back what it became, remember the step.

Segments are never merged, so that they stay those of the contract, one by one.
"""

from dataclasses import replace

from gecchain.errors import BrokenProof
from gecchain.events import Recorded
from gecchain.ledger.state import State
from gecchain.ledger.values import Balance, Segment, Step, Tally
from gecchain.rules.purposes import CertificateState

__all__ = ["add_to", "broken", "carry_over", "count", "cut_out", "echo", "owe", "tally_key"]


def broken(message: str, at: Recorded) -> BrokenProof:
    """The error of an event that cannot have happened, with its place."""
    return BrokenProof(message, where=f"block {at.block}, log {at.log_index}, {type(at.event).__name__}")


def cut_out(
    state: State, at: Recorded, batch: int, start: int, end: int, *was: CertificateState, owner: str | None = None
) -> Segment:
    """The segment `[start, end)`, cut out of the one that holds it and marked as changed by this event.

    BrokenProof if no single segment holds the range, or it is in none of the states `was`, or not `owner`'s.
    The caller puts the returned segment back with what the event changes.
    """
    whole = state.segment_at(batch, start)
    if whole is None or not start < end <= whole.end:
        raise broken(f"No single segment of batch {batch} holds [{start}, {end}).", at)
    if whole.state not in was:
        names = " or ".join(state.slug for state in was)
        raise broken(f"[{start}, {end}) of batch {batch} is in state {whole.state}, not {names}.", at)
    if owner is not None and whole.owner != owner:
        raise broken(f"[{start}, {end}) of batch {batch} is held by {whole.owner}, not {owner}.", at)
    if whole.start < start:
        state.put_segment(replace(whole, end=start))
    if end < whole.end:
        state.put_segment(replace(whole, start=end))
    state.steps[at.position] = Step(at.position, batch, start, end, whole.since)
    return replace(whole, start=start, end=end, since=at.position)


def owe(state: State, transfer: tuple[int, int, str, str], amount: int) -> None:
    """Counts an ERC-2309 log that an event calls for (+1) or that was seen (-1); `(first, last, from, to)`."""
    balance = state.transfers.get(transfer, 0) + amount
    if balance:
        state.transfers[transfer] = balance
    else:
        state.transfers.pop(transfer, None)


def add_to(state: State, account: str, *, holding: int = 0, retired: int = 0, deducted: int = 0) -> None:
    """Counts certificates into an account, or with negative numbers out of it (I3)."""
    balance = state.balances.get(account) or Balance(account, 0, 0)
    state.balances[account] = Balance(
        account, balance.holding + holding, balance.retired + retired, balance.deducted + deducted
    )


def count(state: State, batch: int, *, issued: int = 0, traded: int = 0, retired: int = 0, deducted: int = 0) -> None:
    """Counts certificates of a batch in the tallies, and in the totals but for trades."""
    key = tally_key(batch)
    tally = state.tallies.get(key) or Tally(*key, 0, 0, 0)
    state.tallies[key] = replace(
        tally,
        issued=tally.issued + issued,
        traded=tally.traded + traded,
        retired=tally.retired + retired,
        deducted=tally.deducted + deducted,
    )
    totals = state.totals[1]
    state.totals[1] = replace(
        totals,
        issued=totals.issued + issued,
        retired=totals.retired + retired,
        deducted=totals.deducted + deducted,
    )


def echo(state: State, batch: int, start: int, end: int, giver: str, taker: str) -> None:
    """Calls for the ERC-2309 log of a range that went from one account to another (or none)."""
    owe(state, (batch << 32 | start, batch << 32 | end - 1, giver, taker), 1)


def carry_over(state: State, batch: int, start: int, end: int, giver: str, taker: str) -> None:
    """A range goes from one account to another, with its ERC-2309 log."""
    add_to(state, giver, holding=start - end)
    add_to(state, taker, holding=end - start)
    echo(state, batch, start, end, giver, taker)


def tally_key(batch: int) -> tuple[int, int, int, int, bool]:
    """Month, province, technology, electricity and tradable, of a batch id."""
    project = batch >> 16
    return batch >> 4 & 0xFFF, project >> 20 & 0x7F, project >> 39 & 0x1F, batch >> 1 & 7, bool(batch & 1)
