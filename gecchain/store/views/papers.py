"""What documents are made of: values that stay what they are, as of a block, however the registry goes on.

Names come from the accounts (they never change), projects from the filing that was in force at the issue. `since` are
the events after that block that concern what the document says, oldest first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gecchain.ledger import Account, Addition, Batch, Retirement, Trade, UndoneRetirement, UndoneTrade
from gecchain.store.views.standing import CertificateView, EventView, FilingView, Place, TraceStep

__all__ = ["CertificatePaper", "Later", "RetirementPaper", "VoucherPaper"]


@dataclass(frozen=True, slots=True)
class Later:
    """An event after the block that a document is of; `name` in snake case, as traces have it."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class CertificatePaper:
    """A certificate as of a block (Q14): `steps` are its trace up to there; `ccer` whether its project had turned then.

    `view` is of now: of it, holder, state, trade, listing, retirement and case must not be taken. `provider` is the
    name of the account for which the commitment's key acted when it signed.
    """

    view: CertificateView
    steps: tuple[TraceStep, ...]
    place: Place
    ccer: bool
    provider: str
    accounts: Mapping[str, Account]
    since: tuple[Later, ...]


@dataclass(frozen=True, slots=True)
class VoucherPaper:
    """Trades of one buyer as of a block (Q15), with the parts that were undone until then; keys are batches."""

    trades: tuple[Trade, ...]
    undone: tuple[UndoneTrade, ...]
    place: Place
    places: Mapping[int, Place]
    batches: Mapping[int, Batch]
    filings: Mapping[int, FilingView]
    providers: Mapping[int, str]
    accounts: Mapping[str, Account]
    since: tuple[Later, ...]


@dataclass(frozen=True, slots=True)
class RetirementPaper:
    """Retirements of one holder under one claim as of a block (Q81).

    `histories` gives for each retirement (its position) the events on its range from the issue to it, oldest first,
    without the issue itself, whose place is that of the batch or of the addition.
    """

    retirements: tuple[Retirement, ...]
    undone: tuple[UndoneRetirement, ...]
    histories: Mapping[int, tuple[EventView, ...]]
    additions: Mapping[int, Addition]
    place: Place
    places: Mapping[int, Place]
    batches: Mapping[int, Batch]
    filings: Mapping[int, FilingView]
    providers: Mapping[int, str]
    accounts: Mapping[str, Account]
    since: tuple[Later, ...]
