"""Accounts, who acts for them, and projects' filings."""

from dataclasses import replace

from gecchain.events import (
    NO_ACCOUNT,
    AccountClosed,
    AccountFrozen,
    AccountOpened,
    FilingReviewed,
    FilingSubmitted,
    MandateFiled,
    MandateRevoked,
    OperatorChanged,
    PlatformAdmitted,
    Recorded,
)
from gecchain.ledger.counting import name_project
from gecchain.ledger.ranges import broken
from gecchain.ledger.state import State
from gecchain.ledger.values import Account, Filing, FilingState, Mandate, Project
from gecchain.rules.purposes import AccountKind

__all__ = [
    "apply_account_closed",
    "apply_account_frozen",
    "apply_admitted",
    "apply_mandate",
    "apply_opened",
    "apply_operator",
    "apply_reviewed",
    "apply_revoked",
    "apply_submitted",
]


def apply_opened(state: State, at: Recorded, event: AccountOpened) -> None:
    """A new account; one a province."""
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


def apply_admitted(state: State, at: Recorded, event: PlatformAdmitted) -> None:
    """A platform has its bit."""
    state.accounts[event.account] = replace(_account(state, at, event.account), platform=event.index)


def apply_operator(state: State, at: Recorded, event: OperatorChanged) -> None:
    """Another key."""
    state.accounts[event.account] = replace(_account(state, at, event.account), operator=event.operator)


def apply_account_frozen(state: State, at: Recorded, event: AccountFrozen) -> None:
    """May not act, or may again."""
    account = _account(state, at, event.account)
    state.accounts[event.account] = replace(account, frozen=event.frozen, freeze_reason=event.reason)


def apply_account_closed(state: State, at: Recorded, event: AccountClosed) -> None:
    """The account is closed for good."""
    account = _account(state, at, event.account)
    if account.closed:
        raise broken(f"Account {event.account} is closed twice.", at)
    state.accounts[event.account] = replace(account, closed=at.position, close_reason=event.reason)


def apply_mandate(state: State, at: Recorded, event: MandateFiled) -> None:
    """One mandate a principal at a time, to an agent's open account."""
    _account(state, at, event.principal)
    agent = _account(state, at, event.agent)
    standing = state.mandates.get(event.principal)
    if standing is not None and not standing.revoked and at.time < standing.until:
        raise broken(f"Account {event.principal} has a mandate until {standing.until}.", at)
    if agent.kind != AccountKind.AGENT or agent.closed or not max(event.from_, at.time) < event.until:
        raise broken(f"Account {event.agent} cannot be an agent in [{event.from_}, {event.until}).", at)
    state.mandates[event.principal] = Mandate(
        event.principal, event.agent, event.from_, event.until, event.document, at.position
    )


def apply_revoked(state: State, at: Recorded, event: MandateRevoked) -> None:
    """Ends the mandate that stands."""
    standing = state.mandates.get(event.principal)
    if standing is None or standing.revoked or standing.agent != event.agent or standing.until <= at.time:
        raise broken(f"Account {event.principal} has no mandate of {event.agent}.", at)
    state.mandates[event.principal] = replace(standing, revoked=at.position)


def apply_submitted(state: State, at: Recorded, event: FilingSubmitted) -> None:
    """A new version waits; the one that waited is replaced."""
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
    if not project.approved:
        name_project(state, event.project, event.document)


def apply_reviewed(state: State, at: Recorded, event: FilingReviewed) -> None:
    """The version that waits comes into force, or goes back."""
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
        name_project(state, event.project, filing.document)
