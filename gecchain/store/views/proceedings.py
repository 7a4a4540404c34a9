"""What queries answer about proceedings: disputes, declarations, orders, mandates, CCER, and what is due."""

from dataclasses import dataclass

from gecchain.ledger import (
    Account,
    Addition,
    Case,
    CcerRegistration,
    Deal,
    Declaration,
    Deduction,
    Doubt,
    Mandate,
    Settlement,
    Trade,
    UndoneRetirement,
    UndoneTrade,
)
from gecchain.store.views.standing import EventView, Place

__all__ = [
    "CaseView",
    "CcerView",
    "ClosedAccountView",
    "DealView",
    "DeclarationView",
    "DueRange",
    "ExpiringView",
    "MandateView",
    "SettlementView",
    "StaleListing",
]


@dataclass(frozen=True, slots=True)
class CaseView:
    """A dispute with its steps, oldest first (Q95).

    `steps` are its events as documents, each with actor, reason and evidence by their own names; `due_at` is when the
    present stage should be over, UTC seconds, 0 for a closed case. `first_number` names the batch.
    """

    case: Case
    claimant: Account | None
    project_code: str
    project_name: str
    month: int
    first_number: str
    doubtful: tuple[Doubt, ...]
    due_at: int
    steps: tuple[EventView, ...]
    additions: tuple[Addition, ...]
    deductions: tuple[Deduction, ...]
    undone_trades: tuple[UndoneTrade, ...]
    undone_retirements: tuple[UndoneRetirement, ...]


@dataclass(frozen=True, slots=True)
class DeclarationView:
    """A declared reading with its steps, oldest first (Q26, Q33); `wh` and `electricity` are those of its leaf."""

    declaration: Declaration
    owner: Account | None
    project: int
    project_code: str
    project_name: str
    electricity: int
    wh: int
    steps: tuple[EventView, ...]


@dataclass(frozen=True, slots=True)
class MandateView:
    """The latest mandate of a principal; `in_force` at the time that was asked for (Q36, Q40)."""

    mandate: Mandate
    principal: Account | None
    agent: Account | None
    in_force: bool
    filed: Place


@dataclass(frozen=True, slots=True)
class CcerView:
    """A project's choice and what was registered, oldest first (Q66, Q79). `ends` is when the choice ends, or 0."""

    project: int
    chosen: bool
    ends: int
    registrations: tuple[CcerRegistration, ...]


@dataclass(frozen=True, slots=True)
class DealView:
    """A bilateral order that was filled or cancelled, with its trades (none when cancelled; Q43)."""

    deal: Deal
    trades: tuple[Trade, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class SettlementView:
    """A settled month of a green-power contract, with its trades (Q46)."""

    settlement: Settlement
    project_code: str
    project_name: str
    certificates: int
    trades: tuple[Trade, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class ClosedAccountView:
    """A closed account and what it still holds."""

    account: Account
    holding: int
    closed: Place


@dataclass(frozen=True, slots=True)
class ExpiringView:
    """A range whose validity ends soon; `expires_at` in UTC seconds (Q96)."""

    batch: int
    start: int
    end: int
    holder: str
    state: int
    month: int
    expires_at: int
    first_number: str
    last_number: str


@dataclass(frozen=True, slots=True)
class DueRange:
    """A held range that has to be retired: for `Certificates.sweep`. `reason` is the one that it will be given."""

    batch: int
    start: int
    end: int
    holder: str
    reason: int


@dataclass(frozen=True, slots=True)
class StaleListing:
    """An open listing that anybody may withdraw; what is left of it is due, or stands still, afterwards.

    `reason` is `expired`, `ccer` or `account_closed`.
    """

    listing: int
    batch: int
    start: int
    end: int
    seller: str
    reason: str
