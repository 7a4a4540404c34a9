"""Every entity of the registry as a frozen value that carries its own key.

The same values are rows of the store, so that SQL, the reference model and the replay cannot mean different things.
A *position* (`Recorded.position`) says where on the chain an entity came to be; 0 stands for not yet.
"""

from gecchain.ledger.values.cases import Case, Doubt
from gecchain.ledger.values.certificates import (
    Addition,
    Balance,
    Batch,
    Deduction,
    ExpiryWarning,
    Retirement,
    Segment,
    Step,
    Tally,
    Totals,
    UndoneRetirement,
)
from gecchain.ledger.values.counting import Consumption, ProjectName, Turnover
from gecchain.ledger.values.market import Deal, Listing, Settlement, Trade, UndoneTrade
from gecchain.ledger.values.readings import Approval, Chunk, Commitment, Declaration
from gecchain.ledger.values.registry import (
    Account,
    CcerMonth,
    CcerRegistration,
    Filing,
    FilingState,
    LaneAccount,
    Mandate,
    Parameters,
    Project,
)
from gecchain.ledger.values.relay import RelayedRequest

__all__ = [
    "Account",
    "Addition",
    "Approval",
    "Balance",
    "Batch",
    "Case",
    "CcerMonth",
    "CcerRegistration",
    "Chunk",
    "Commitment",
    "Consumption",
    "Deal",
    "Declaration",
    "Deduction",
    "Doubt",
    "ExpiryWarning",
    "Filing",
    "FilingState",
    "LaneAccount",
    "Listing",
    "Mandate",
    "Parameters",
    "Project",
    "ProjectName",
    "RelayedRequest",
    "Retirement",
    "Segment",
    "Settlement",
    "Step",
    "Tally",
    "Totals",
    "Trade",
    "Turnover",
    "UndoneRetirement",
    "UndoneTrade",
]
