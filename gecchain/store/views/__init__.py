"""What queries answer: frozen values, made of the ledger's own where those say it already.

Energy is Wh, money fen, times UTC seconds, months count from 1900-01, ranges are half open, addresses and words are
lower-case hex text. Enumerations stay the numbers of the chain; `gecchain.rules` names them.
"""

from gecchain.store.views.proceedings import (
    CaseView,
    CcerView,
    ClosedAccountView,
    DealView,
    DeclarationView,
    DueRange,
    ExpiringView,
    MandateView,
    SettlementView,
    StaleListing,
)
from gecchain.store.views.standing import (
    AccountView,
    CertificateView,
    CommitmentView,
    EventView,
    FilingView,
    Health,
    HoldingView,
    LeafView,
    ListingView,
    Page,
    Party,
    Place,
    ProjectView,
    RetirementView,
    StatisticsRow,
    TraceKind,
    TraceStep,
    TradeView,
)

__all__ = [
    "AccountView",
    "CaseView",
    "CcerView",
    "CertificateView",
    "ClosedAccountView",
    "CommitmentView",
    "DealView",
    "DeclarationView",
    "DueRange",
    "EventView",
    "ExpiringView",
    "FilingView",
    "Health",
    "HoldingView",
    "LeafView",
    "ListingView",
    "MandateView",
    "Page",
    "Party",
    "Place",
    "ProjectView",
    "RetirementView",
    "SettlementView",
    "StaleListing",
    "StatisticsRow",
    "TraceKind",
    "TraceStep",
    "TradeView",
]
