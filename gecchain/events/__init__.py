"""The Python twins of every event of the contracts, so that nobody right of the chain needs an ABI or web3.

Field names are the contract's in snake case (`from` is written `from_`). Units and types, everywhere:
addresses and 32-byte words are lower-case hex text with `0x`; months count from 1900-01; energy is Wh; prices are fen
a certificate; ranges are half open, except `ConsecutiveTransfer`, whose last token is included (ERC-2309).
Text that the chain carries is shown as text: bytes that are not UTF-8, and NUL, arrive as U+FFFD.
"""

from typing import Final

from gecchain.events.cases import (
    CaseChecked,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    CaseProposed,
    DeadlinesSet,
    Serials,
)
from gecchain.events.certificates import (
    Added,
    Claim,
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
from gecchain.events.documents import (
    from_document,
    to_document,
)
from gecchain.events.every import (
    EVENTS,
    Event,
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
from gecchain.events.recorded import (
    Recorded,
    place_of,
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
from gecchain.events.relay import (
    Relayed,
)

__all__ = [
    "EVENTS",
    "NO_ACCOUNT",
    "AccountClosed",
    "AccountFrozen",
    "AccountOpened",
    "Added",
    "CaseChecked",
    "CaseClosed",
    "CaseDecided",
    "CaseOpened",
    "CaseProposed",
    "CcerChosen",
    "CcerLinkageSet",
    "CcerRegistered",
    "Claim",
    "CommitmentApproved",
    "ConsecutiveTransfer",
    "DeadlinesSet",
    "DealCancelled",
    "DealFilled",
    "DeclarationChecked",
    "DeclarationRechecked",
    "Declared",
    "Deducted",
    "EnergyCorrected",
    "Event",
    "ExpiryNear",
    "FilingReviewed",
    "FilingSubmitted",
    "Frozen",
    "Issued",
    "ItemRefused",
    "LeafRefused",
    "Listed",
    "MandateFiled",
    "MandateRevoked",
    "Moved",
    "OperatorChanged",
    "PlatformAdmitted",
    "QuorumSet",
    "ReadingsCommitted",
    "Recorded",
    "Relayed",
    "Retired",
    "RetirementUndone",
    "Serials",
    "Settled",
    "TradeUndone",
    "Traded",
    "Unfrozen",
    "Withdrawn",
    "from_document",
    "place_of",
    "to_document",
]

NO_ACCOUNT: Final = "0x" + "00" * 20
