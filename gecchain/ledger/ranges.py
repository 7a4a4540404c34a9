"""What happens to a range of serials: find its segment, cut it out, put back what it became, remember the step.

Segments are never merged, so that they stay those of the contract, one by one.
"""

from dataclasses import replace

from gecchain.errors import BrokenProof
from gecchain.events import Recorded
from gecchain.ledger.state import Segment, State, Step
from gecchain.rules.purposes import CertificateState

__all__ = ["broken", "cut_out", "owe"]


def broken(message: str, at: Recorded) -> BrokenProof:
    """The error of an event that cannot have happened, with its place."""
    return BrokenProof(message, where=f"block {at.block}, log {at.log_index}, {type(at.event).__name__}")


def cut_out(
    state: State, at: Recorded, batch: int, start: int, end: int, *, was: CertificateState, owner: str | None = None
) -> Segment:
    """The segment `[start, end)`, cut out of the one that holds it and marked as changed by this event.

    BrokenProof if no single segment holds the range, or it is not in state `was`, or not `owner`'s.
    The caller puts the returned segment back with what the event changes.
    """
    whole = state.segment_at(batch, start)
    if whole is None or not start < end <= whole.end:
        raise broken(f"No single segment of batch {batch} holds [{start}, {end}).", at)
    if whole.state != was:
        raise broken(f"[{start}, {end}) of batch {batch} is in state {whole.state}, not {was.value}.", at)
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
