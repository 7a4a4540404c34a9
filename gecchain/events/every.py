"""All kinds of event, by type and by name."""

from typing import Final, TypeAlias, get_args

from gecchain.events.cases import (
    CaseChecked,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    CaseProposed,
    DeadlinesSet,
)
from gecchain.events.certificates import (
    Added,
    ConsecutiveTransfer,
    Deducted,
    ExpiryNear,
    Frozen,
    Issued,
    ItemRefused,
    LeafRefused,
    Moved,
    Retired,
    RetirementUndone,
    TradeUndone,
    Unfrozen,
)
from gecchain.events.market import (
    DealCancelled,
    DealFilled,
    Listed,
    Settled,
    Traded,
    Withdrawn,
)
from gecchain.events.readings import (
    CommitmentApproved,
    DeclarationChecked,
    DeclarationRechecked,
    Declared,
    QuorumSet,
    ReadingsCommitted,
)
from gecchain.events.registry import (
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    CcerChosen,
    CcerLinkageSet,
    CcerRegistered,
    EnergyCorrected,
    FilingReviewed,
    FilingSubmitted,
    MandateFiled,
    MandateRevoked,
    OperatorChanged,
    PlatformAdmitted,
)
from gecchain.events.relay import Relayed

__all__ = ["EVENTS", "Event"]

Event: TypeAlias = (
    AccountOpened
    | PlatformAdmitted
    | OperatorChanged
    | AccountFrozen
    | AccountClosed
    | MandateFiled
    | MandateRevoked
    | FilingSubmitted
    | FilingReviewed
    | CcerChosen
    | CcerRegistered
    | CcerLinkageSet
    | EnergyCorrected
    | ReadingsCommitted
    | Declared
    | DeclarationChecked
    | DeclarationRechecked
    | CommitmentApproved
    | QuorumSet
    | Issued
    | LeafRefused
    | Moved
    | Frozen
    | Unfrozen
    | Retired
    | Added
    | Deducted
    | TradeUndone
    | RetirementUndone
    | ExpiryNear
    | ItemRefused
    | ConsecutiveTransfer
    | Listed
    | Withdrawn
    | Traded
    | DealFilled
    | DealCancelled
    | Settled
    | CaseOpened
    | CaseProposed
    | CaseChecked
    | CaseDecided
    | CaseClosed
    | DeadlinesSet
    | Relayed
)

EVENTS: Final[dict[str, type[Event]]] = {kind.__name__: kind for kind in get_args(Event)}
