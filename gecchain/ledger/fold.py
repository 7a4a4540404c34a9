"""`apply(state, recorded)`: the one meaning of an event.

It enforces nothing twice silently: an event that cannot have happened raises BrokenProof with its place, because it
means that the chain, this fold or what was loaded is wrong. The order of events within a transaction does not matter
for ERC-2309: what domain events call for and what was logged must be the same when the transaction is over.
"""

from collections.abc import Callable
from typing import Any, Final

from gecchain import events
from gecchain.errors import BrokenProof
from gecchain.events import Recorded
from gecchain.ledger import ccer, disputing, holding, issuing, metering, registering, relaying, trading
from gecchain.ledger.state import State

__all__ = ["apply", "settle"]


def apply(state: State, recorded: Recorded) -> None:
    """Applies one event, in the chain's order. BrokenProof for an event that is impossible in this state."""
    if recorded.transaction != state.transaction:
        settle(state)
        state.transaction = recorded.transaction
    _MEANING[type(recorded.event)](state, recorded, recorded.event)


def settle(state: State) -> None:
    """Ends a transaction (and a block): BrokenProof unless its ERC-2309 logs are what its events call for."""
    if state.transfers:
        transfer, amount = next(iter(state.transfers.items()))
        found = "is missing" if amount > 0 else "has no event that explains it"
        raise BrokenProof(f"ConsecutiveTransfer{transfer} {found}.", where=f"transaction {state.transaction}")


_MEANING: Final[dict[type, Callable[[State, Recorded, Any], None]]] = {
    events.AccountOpened: registering.apply_opened,
    events.PlatformAdmitted: registering.apply_admitted,
    events.OperatorChanged: registering.apply_operator,
    events.AccountFrozen: registering.apply_account_frozen,
    events.AccountClosed: registering.apply_account_closed,
    events.MandateFiled: registering.apply_mandate,
    events.MandateRevoked: registering.apply_revoked,
    events.FilingSubmitted: registering.apply_submitted,
    events.FilingReviewed: registering.apply_reviewed,
    events.CcerChosen: ccer.apply_chosen,
    events.CcerRegistered: ccer.apply_registered,
    events.CcerLinkageSet: ccer.apply_linkage,
    events.ReadingsCommitted: metering.apply_committed,
    events.CommitmentApproved: metering.apply_approved,
    events.QuorumSet: metering.apply_quorum,
    events.Declared: metering.apply_declared,
    events.DeclarationChecked: metering.apply_checked,
    events.DeclarationRechecked: metering.apply_rechecked,
    events.LeafRefused: metering.apply_refused,
    events.EnergyCorrected: metering.apply_corrected,
    events.Issued: issuing.apply_issued,
    events.Moved: holding.apply_moved,
    events.Frozen: holding.apply_frozen,
    events.Unfrozen: holding.apply_unfrozen,
    events.Retired: holding.apply_retired,
    events.ExpiryNear: holding.apply_near,
    events.ItemRefused: holding.apply_skipped,
    events.ConsecutiveTransfer: holding.apply_transferred,
    events.Listed: trading.apply_listed,
    events.Withdrawn: trading.apply_withdrawn,
    events.Traded: trading.apply_traded,
    events.DealFilled: trading.apply_filled,
    events.DealCancelled: trading.apply_cancelled,
    events.Settled: trading.apply_settled,
    events.CaseOpened: disputing.apply_case_opened,
    events.CaseProposed: disputing.apply_case_proposed,
    events.CaseChecked: disputing.apply_case_checked,
    events.CaseDecided: disputing.apply_case_decided,
    events.CaseClosed: disputing.apply_case_closed,
    events.DeadlinesSet: disputing.apply_deadlines,
    events.Added: disputing.apply_added,
    events.Deducted: disputing.apply_deducted,
    events.TradeUndone: disputing.apply_trade_undone,
    events.RetirementUndone: disputing.apply_retirement_undone,
    events.Relayed: relaying.apply_relayed,
}
