"""What `Registry` must do about accounts' ends, agents and CCER, from `IRegistry`, check by check."""

from gecchain.events import (
    AccountClosed,
    CcerChosen,
    CcerLinkageSet,
    CcerRegistered,
    Event,
    MandateFiled,
    MandateRevoked,
)
from gecchain.rules import AccountKind
from tests.differential.known import Known, Unlike, require

__all__ = ["chooseCcer", "close", "fileMandate", "registerCcer", "revokeMandate", "setCcerLinkage"]

AUTHORITY, CCER_REGISTRY = 1, 8
DEEP_SEA_WIND, SOLAR_THERMAL = 3, 5
MOST_MONTHS = 120


def close(known: Known, caller: str, account: str, reason: str) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    found = known.state.accounts.get(account)
    require(found, "AccountUnknown", account)
    require(known.may_receive(account), "AccountIsClosed", account)
    return [AccountClosed(account, reason)]


def fileMandate(  # noqa: N802
    known: Known, caller: str, principal: str, agent: str, begins: int, until: int, document: bytes
) -> list[Event]:
    known.require_open(caller)
    require(known.may_act(principal, caller), "MayNotAct", principal, caller)
    standing = known.state.mandates.get(principal)
    if standing is not None and not standing.revoked:
        require(known.now >= standing.until, "MandateStands", principal, standing.until)
    found = known.state.accounts.get(agent)
    require(found is not None and found.kind == AccountKind.AGENT, "NotAnAgent", agent)
    require(known.may_receive(agent), "AccountIsClosed", agent)
    require(begins < until and known.now < until, "MandatePeriod", begins, until)
    require(any(document), "EvidenceZero")
    return [MandateFiled(principal, agent, begins, until, "0x" + document.hex())]


def revokeMandate(known: Known, caller: str, principal: str) -> list[Event]:  # noqa: N802
    known.require_open(caller)
    standing = known.state.mandates.get(principal)
    if standing is None or standing.revoked or known.now >= standing.until:
        raise Unlike("MandateUnknown", principal)
    operators = [known.state.accounts[account].operator for account in (principal, standing.agent)]
    require(caller in operators or known.is_authority(caller), "MayNotAct", principal, caller)
    return [MandateRevoked(principal, standing.agent)]


def chooseCcer(known: Known, caller: str, project: int, chosen: bool) -> list[Event]:  # noqa: N802
    known.require_open(caller)
    filed = known.state.projects.get(project)
    if filed is None or not filed.approved:
        raise Unlike("ProjectNotApproved", project)
    require(known.may_act(filed.owner, caller), "MayNotAct", filed.owner, caller)
    require(project >> 39 & 31 in (DEEP_SEA_WIND, SOLAR_THERMAL), "NotForCcer", project)
    require(filed.ccer != chosen, "CcerUnchanged", project, chosen)
    ends = known.state.parameters[1].ccer_ends
    require(not chosen or not ends or known.now < ends, "CcerLinkageEnded", ends)
    return [CcerChosen(project, chosen)]


def registerCcer(  # noqa: N802
    known: Known, caller: str, project: int, begins: int, ends: int, number: str
) -> list[Event]:
    known.require_role(caller, CCER_REGISTRY)
    filed = known.state.projects.get(project)
    require(filed is not None and filed.ccer, "CcerNotChosen", project)
    require(0 < ends - begins <= MOST_MONTHS, "CcerMonths", begins, ends)
    require(number, "CcerNumberEmpty")
    require(number not in known.state.ccer_registrations, "CcerNumberUsed", number)
    for month in range(begins, ends):
        require((project, month) not in known.state.ccer_months, "CcerMonthRegistered", project, month)
    return [CcerRegistered(project, begins, ends, number)]


def setCcerLinkage(known: Known, caller: str, ends: int) -> list[Event]:  # noqa: N802
    known.require_role(caller, AUTHORITY)
    return [CcerLinkageSet(ends)]
