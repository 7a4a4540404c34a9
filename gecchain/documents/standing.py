"""How a certificate stood after the events of its trace: whose it was, in which state, with which trade.

The ledger's fold needs the whole registry at that time; a document needs one certificate, whose events a trace has.
Tests hold the two against each other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from gecchain.rules import CertificateState
from gecchain.store.views import TraceStep

__all__ = ["Standing", "standing_after"]

_STATES: Final = {
    "listed": CertificateState.LISTED,
    "frozen": CertificateState.FROZEN,
    "retired": CertificateState.RETIRED,
    "deducted": CertificateState.DEDUCTED,
}
# Where the new holder stands in the event; after every other one the holder stays.
_TAKERS: Final = {"added": "holder", "traded": "buyer", "moved": "to", "trade_undone": "seller"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Holder (also the last one of a certificate that ended), state, number of its one trade or 0."""

    holder: str
    state: CertificateState
    trade: int
    retirement: int


def standing_after(steps: Iterable[TraceStep], first_holder: str) -> Standing:
    """The standing after these steps, in the chain's order, of a certificate that began with `first_holder`."""
    found = Standing(first_holder, CertificateState.HELD, 0, 0)
    for step in steps:
        if step.start is not None and step.name != "issued":
            found = _after(found, step)
    return found


def _after(before: Standing, step: TraceStep) -> Standing:
    taker = _TAKERS.get(step.name)
    return replace(
        before,
        holder=str(step.data[taker]) if taker else before.holder,
        state=_STATES.get(step.name, CertificateState.HELD),
        trade=_trade(before.trade, step),
        retirement=step.block << 24 | step.log_index if step.name == "retired" else 0,
    )


def _trade(before: int, step: TraceStep) -> int:
    if step.name == "traded":
        return int(str(step.data["trade"]))
    return 0 if step.name == "trade_undone" else before
