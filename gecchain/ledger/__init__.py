"""The ledger: one pure fold of events, used three times (indexer, reference model, replay in fsck).

No I/O, no SQL, no web3. `State` holds frozen values; `apply` is the only writer; `touches` and `reached` say what must
be loaded before an event is applied.
"""

from gecchain.ledger.fold import apply, settle
from gecchain.ledger.state import (
    ENTITIES,
    Account,
    Balance,
    Batch,
    Chunk,
    Commitment,
    Filing,
    FilingState,
    LaneAccount,
    Listing,
    Project,
    Retirement,
    Segment,
    State,
    Step,
    Tally,
    Totals,
    Trade,
    key_of,
)
from gecchain.ledger.touching import Keys, reached, touches

__all__ = [
    "ENTITIES",
    "Account",
    "Balance",
    "Batch",
    "Chunk",
    "Commitment",
    "Filing",
    "FilingState",
    "Keys",
    "LaneAccount",
    "Listing",
    "Project",
    "Retirement",
    "Segment",
    "State",
    "Step",
    "Tally",
    "Totals",
    "Trade",
    "apply",
    "key_of",
    "reached",
    "settle",
    "touches",
]
