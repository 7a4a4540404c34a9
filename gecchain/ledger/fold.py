"""`apply(state, recorded)`: the one meaning of an event.

It enforces nothing twice silently: an event that cannot have happened raises BrokenProof with its place, because it
means that the chain, this fold or what was loaded is wrong. The order of events within a transaction does not matter
for ERC-2309: what domain events call for and what was logged must be the same when the transaction is over.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from gecchain.errors import BrokenProof
from gecchain.events import (
    NO_ACCOUNT,
    AccountFrozen,
    AccountOpened,
    ConsecutiveTransfer,
    FilingReviewed,
    FilingSubmitted,
    Frozen,
    Issued,
    LeafRefused,
    Listed,
    Moved,
    OperatorChanged,
    PlatformAdmitted,
    ReadingsCommitted,
    Recorded,
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)
from gecchain.ledger.issuing import apply_issued, tally_key
from gecchain.ledger.ranges import broken, cut_out, owe
from gecchain.ledger.state import (
    Account,
    Balance,
    Commitment,
    Filing,
    FilingState,
    Listing,
    Project,
    Retirement,
    State,
    Trade,
)
from gecchain.rules.purposes import AccountKind, CertificateState

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


# Accounts and projects


def _opened(state: State, at: Recorded, event: AccountOpened) -> None:
    if event.account in state.accounts:
        raise broken(f"Account {event.account} is opened twice.", at)
    provincial = event.kind == AccountKind.PROVINCE
    if provincial and event.province in state.provinces:
        raise broken(f"Province {event.province} has an account already.", at)
    account = Account(event.account, event.kind, event.province, event.operator, event.name, False, "", -1, at.position)
    state.put_account(account, provincial=provincial)


def _account(state: State, at: Recorded, address: str) -> Account:
    if address not in state.accounts:
        raise broken(f"Account {address} is unknown.", at)
    return state.accounts[address]


def _admitted(state: State, at: Recorded, event: PlatformAdmitted) -> None:
    state.accounts[event.account] = replace(_account(state, at, event.account), platform=event.index)


def _operator(state: State, at: Recorded, event: OperatorChanged) -> None:
    state.accounts[event.account] = replace(_account(state, at, event.account), operator=event.operator)


def _account_frozen(state: State, at: Recorded, event: AccountFrozen) -> None:
    account = _account(state, at, event.account)
    state.accounts[event.account] = replace(account, frozen=event.frozen, freeze_reason=event.reason)


def _submitted(state: State, at: Recorded, event: FilingSubmitted) -> None:
    project = state.projects.get(event.project) or Project(event.project, 0, 0)
    if event.version != project.latest + 1:
        raise broken(f"Filing version {event.version} follows {project.latest}.", at)
    waiting = state.filings.get((event.project, project.latest))
    if waiting is not None and waiting.state == FilingState.SUBMITTED:
        state.filings[event.project, project.latest] = replace(waiting, state=FilingState.REPLACED.value)
    state.projects[event.project] = replace(project, latest=event.version)
    state.filings[event.project, event.version] = Filing(
        project=event.project,
        version=event.version,
        owner=event.owner,
        in_operation=event.in_operation,
        capacity_kw=event.capacity_kw,
        market_based=event.market_based,
        document=event.document,
        state=FilingState.SUBMITTED.value,
        reviewer=NO_ACCOUNT,
        reason="",
        submitted=at.position,
        reviewed=0,
    )


def _reviewed(state: State, at: Recorded, event: FilingReviewed) -> None:
    filing = state.filings.get((event.project, event.version))
    if filing is None or filing.state != FilingState.SUBMITTED:
        raise broken(f"Filing {event.version} of project {event.project} does not wait for a review.", at)
    outcome = FilingState.APPROVED if event.approved else FilingState.SENT_BACK
    state.filings[event.project, event.version] = replace(
        filing, state=outcome.value, reviewer=event.reviewer, reason=event.reason, reviewed=at.position
    )
    if event.approved:
        state.projects[event.project] = replace(
            state.projects[event.project],
            approved=event.version,
            owner=filing.owner,
            in_operation=filing.in_operation,
            market_based=filing.market_based,
        )


# Readings


def _committed(state: State, at: Recorded, event: ReadingsCommitted) -> None:
    if event.commitment in state.commitments:
        raise broken(f"Commitment {event.commitment} is made twice.", at)
    if event.replaces:
        old = state.commitments.get(event.replaces)
        if old is None or old.replaced_by:
            raise broken(f"Commitment {event.replaces} is unknown or replaced already.", at)
        state.commitments[old.id] = replace(old, replaced_by=event.commitment)
    state.commitments[event.commitment] = Commitment(
        id=event.commitment,
        month=event.month,
        provider=event.provider,
        declared=event.declared,
        root=event.root,
        leaves=event.leaves,
        total_wh=event.total_wh,
        evidence=event.evidence,
        replaces=event.replaces,
        replaced_by=0,
        position=at.position,
    )


def _refused(state: State, at: Recorded, event: LeafRefused) -> None:
    commitment = state.commitments.get(event.commitment)
    if commitment is None or event.leaf >= commitment.leaves:
        raise broken(f"Leaf {event.leaf} of commitment {event.commitment} does not exist.", at)


# Certificates


def _moved(state: State, at: Recorded, event: Moved) -> None:
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.HELD, owner=event.from_)
    state.put_segment(replace(segment, owner=event.to))
    _carry_over(state, event.batch, event.start, event.end, event.from_, event.to)


def _carry_over(state: State, batch: int, start: int, end: int, giver: str, taker: str) -> None:
    _add(state, giver, start - end, 0)
    _add(state, taker, end - start, 0)
    owe(state, (batch << 32 | start, batch << 32 | end - 1, giver, taker), 1)


def _add(state: State, account: str, holding: int, retired: int) -> None:
    balance = state.balances.get(account) or Balance(account, 0, 0)
    state.balances[account] = Balance(account, balance.holding + holding, balance.retired + retired)


def _frozen(state: State, at: Recorded, event: Frozen) -> None:
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.HELD)
    state.put_segment(replace(segment, state=CertificateState.FROZEN.value))


def _unfrozen(state: State, at: Recorded, event: Unfrozen) -> None:
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.FROZEN)
    state.put_segment(replace(segment, state=CertificateState.HELD.value))


def _retired(state: State, at: Recorded, event: Retired) -> None:
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.HELD, owner=event.holder)
    state.put_segment(replace(segment, state=CertificateState.RETIRED.value))
    claim = event.claim
    state.retirements[at.position] = Retirement(
        position=at.position,
        batch=event.batch,
        start=event.start,
        end=event.end,
        holder=event.holder,
        reason=event.reason,
        beneficiary=claim.beneficiary,
        purpose=claim.purpose,
        period_start=claim.from_,
        period_end=claim.to,
        statement=claim.statement,
    )
    amount = event.end - event.start
    _add(state, event.holder, -amount, amount)
    state.totals[1] = replace(state.totals[1], retired=state.totals[1].retired + amount)
    key = tally_key(event.batch)
    state.tallies[key] = replace(state.tallies[key], retired=state.tallies[key].retired + amount)
    first = event.batch << 32
    owe(state, (first | event.start, first | event.end - 1, event.holder, NO_ACCOUNT), 1)


def _transferred(state: State, at: Recorded, event: ConsecutiveTransfer) -> None:
    owe(state, (event.from_token_id, event.to_token_id, event.from_address, event.to_address), -1)


# Market


def _listed(state: State, at: Recorded, event: Listed) -> None:
    if event.listing in state.listings:
        raise broken(f"Listing {event.listing} is made twice.", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.HELD, owner=event.seller)
    if segment.traded or not event.batch & 1:
        raise broken(f"[{event.start}, {event.end}) of batch {event.batch} has no trade to offer.", at)
    state.put_segment(replace(segment, state=CertificateState.LISTED.value))
    state.listings[event.listing] = Listing(
        id=event.listing,
        batch=event.batch,
        start=event.start,
        end=event.end,
        seller=event.seller,
        price=event.price,
        platforms=event.platforms,
        left=event.start,
        left_end=event.end,
        position=at.position,
        closed=0,
    )


def _open_listing(state: State, at: Recorded, listing: int, batch: int) -> Listing:
    found = state.listings.get(listing)
    if found is None or found.closed or found.batch != batch:
        raise broken(f"Listing {listing} of batch {batch} is not open.", at)
    return found


def _withdrawn(state: State, at: Recorded, event: Withdrawn) -> None:
    listing = _open_listing(state, at, event.listing, event.batch)
    if (event.start, event.end) != (listing.left, listing.left_end):
        raise broken(f"Listing {listing.id} still offers [{listing.left}, {listing.left_end}).", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.LISTED, owner=listing.seller)
    state.put_segment(replace(segment, state=CertificateState.HELD.value))
    state.listings[listing.id] = replace(listing, left=event.end, left_end=event.end, closed=at.position)


def _traded(state: State, at: Recorded, event: Traded) -> None:
    listing = _open_listing(state, at, event.listing, event.batch)
    if event.trade in state.trades or (event.seller, event.price) != (listing.seller, listing.price):
        raise broken(f"Trade {event.trade} is not what listing {listing.id} offers.", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, was=CertificateState.LISTED, owner=event.seller)
    if segment.traded:
        raise broken(f"[{event.start}, {event.end}) of batch {event.batch} is traded twice.", at)
    state.put_segment(replace(segment, owner=event.buyer, state=CertificateState.HELD.value, traded=True))
    state.listings[listing.id] = _taken(listing, at, event)
    state.trades[event.trade] = Trade(
        id=event.trade,
        listing=event.listing,
        batch=event.batch,
        start=event.start,
        end=event.end,
        seller=event.seller,
        buyer=event.buyer,
        price=event.price,
        platform=event.platform,
        position=at.position,
    )
    key = tally_key(event.batch)
    tally = state.tallies[key]
    state.tallies[key] = replace(tally, traded=tally.traded + event.end - event.start)
    _carry_over(state, event.batch, event.start, event.end, event.seller, event.buyer)


def _taken(listing: Listing, at: Recorded, event: Traded) -> Listing:
    """What is left of a listing after its front was taken."""
    if event.start != listing.left or event.end > listing.left_end:
        raise broken(f"Listing {listing.id} still offers [{listing.left}, {listing.left_end}).", at)
    return replace(listing, left=event.end, closed=at.position if event.end == listing.left_end else 0)


_MEANING: Final[dict[type, Callable[[State, Recorded, Any], None]]] = {
    AccountOpened: _opened,
    PlatformAdmitted: _admitted,
    OperatorChanged: _operator,
    AccountFrozen: _account_frozen,
    FilingSubmitted: _submitted,
    FilingReviewed: _reviewed,
    ReadingsCommitted: _committed,
    Issued: apply_issued,
    LeafRefused: _refused,
    Moved: _moved,
    Frozen: _frozen,
    Unfrozen: _unfrozen,
    Retired: _retired,
    ConsecutiveTransfer: _transferred,
    Listed: _listed,
    Withdrawn: _withdrawn,
    Traded: _traded,
}
