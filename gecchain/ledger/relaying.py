"""Signed requests count once, whatever became of them (decision 14)."""

from gecchain.events import Recorded, Relayed
from gecchain.ledger.ranges import broken
from gecchain.ledger.state import State
from gecchain.ledger.values import RelayedRequest

__all__ = ["apply_relayed"]

_NOTHING = "0x"


def apply_relayed(state: State, at: Recorded, event: Relayed) -> None:
    """A request is used up. Its call's own events stand before this one."""
    if event.request in state.relayed:
        raise broken(f"Request {event.request} is relayed twice.", at)
    if event.done and event.reason != _NOTHING:
        raise broken(f"Request {event.request} went through and was refused.", at)
    state.relayed[event.request] = RelayedRequest(
        event.request, event.from_, event.to, event.done, event.reason, at.position
    )
