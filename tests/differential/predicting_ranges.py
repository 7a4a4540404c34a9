"""What several calls ask of a range, and the trade that ends in `Certificates`, from `ICertificates`."""

from collections.abc import Callable
from typing import TypeAlias

from gecchain.events import ConsecutiveTransfer, Event
from gecchain.ledger import Segment
from gecchain.rules import CertificateState
from tests.differential.known import Known, Unlike, expiry_of, require

__all__ = [
    "Prediction",
    "echo",
    "fixed",
    "never",
    "require_moving",
    "require_sale",
    "require_sold",
    "require_state",
    "require_valid",
    "reserved",
    "self_only",
]

Prediction: TypeAlias = Callable[..., list[Event]]

HELD = CertificateState.HELD


def echo(batch: int, start: int, end: int, giver: str, taker: str) -> ConsecutiveTransfer:
    """ERC-2309's log of a range; nobody gives what is new, nobody takes what ends."""
    return ConsecutiveTransfer(batch << 32 | start, batch << 32 | end - 1, giver, taker)


def require_state(segment: Segment, start: int, state: CertificateState) -> None:
    require(segment.state == state, "StateIs", segment.batch, start, segment.state)


def require_valid(known: Known, batch: int) -> None:
    require(known.now < expiry_of(batch), "Expired", batch, expiry_of(batch))


def require_moving(known: Known, segment: Segment) -> None:
    """What is not traded stands still while its project has turned to CCER (Q12)."""
    require(segment.traded or not any(known.ccer(segment.batch)), "ChosenForCcer", segment.batch)


def require_sale(known: Known, segment: Segment, start: int, end: int) -> None:
    """A range that its holder can sell: held, tradable, not traded, valid, not standing still."""
    require_state(segment, start, HELD)
    require(segment.batch & 1, "NotTradable", segment.batch)
    require(not segment.traded, "AlreadyTraded", segment.batch, start, end)
    require_valid(known, segment.batch)
    require_moving(known, segment)


def require_sold(known: Known, batch: int, start: int, end: int, seller: str) -> None:
    """`ICertificates.sell`."""
    known.require_open(known.addresses["Market"])
    segment = known.segment(batch, start, end)
    require(segment.owner == seller, "NotHolder", batch, start, segment.owner)
    require_sale(known, segment, start, end)


def reserved(role: int) -> Prediction:
    """Entry points that are another contract's alone, which never calls on its own."""

    def refuse(known: Known, caller: str, *_args: object) -> list[Event]:
        known.require_role(caller, role)
        raise AssertionError("no caller of these tests is the contract")

    return refuse


def self_only(_known: Known, _caller: str, *_args: object) -> list[Event]:
    """Items of a call with many, which a contract calls of itself."""
    raise Unlike("OnlySelf")


def fixed(_known: Known, _caller: str, *_args: object) -> list[Event]:
    """The AccessManager of a contract cannot be replaced."""
    raise Unlike("AuthorityFixed")


def never(_known: Known, _caller: str, *_args: object) -> list[Event]:
    """ERC-721's own ways to move a token."""
    raise Unlike("MovesByRulesOnly")
