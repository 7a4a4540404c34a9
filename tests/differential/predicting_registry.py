"""What `Registry` and `Readings` must do, from the documentation of `IRegistry` and `IReadings`, check by check."""

from collections.abc import Sequence

from gecchain.events import (
    NO_ACCOUNT,
    AccountFrozen,
    AccountOpened,
    CommitmentApproved,
    Event,
    FilingReviewed,
    FilingSubmitted,
    OperatorChanged,
    PlatformAdmitted,
    QuorumSet,
    ReadingsCommitted,
)
from gecchain.ledger import Commitment
from gecchain.rules import AccountKind
from tests.differential.known import Known, Unlike, month_end, require
from tests.differential.operations import Opened, Papers

__all__ = [
    "approve",
    "commit",
    "openBuyers",
    "openInstitutions",
    "review",
    "setFrozen",
    "setOperator",
    "setQuorum",
    "submit",
]

AUTHORITY, PROVINCE, PROVIDER, REGISTRAR, OFFICER, GOVERNANCE = 1, 3, 4, 5, 14, 0
MOST_PLATFORMS = 64
LONGEST_DOCUMENT = 4096
LAST_VERSION = 255
INSTITUTIONS = (AccountKind.PROVINCE, AccountKind.AGENT, AccountKind.PLATFORM, AccountKind.PROVIDER)


def _require_new(known: Known, opening: Opened, taken: set[str]) -> None:
    require(opening.account != NO_ACCOUNT, "AccountZero")
    exists = opening.account in known.state.accounts or opening.account in taken
    require(not exists, "AccountExists", opening.account)


def _require_code(province: int) -> None:
    require(11 <= province <= 82, "ProvinceUnknown", province)


def openInstitutions(known: Known, caller: str, openings: Sequence[Opened]) -> list[Event]:  # noqa: N802
    known.require_role(caller, AUTHORITY)
    events: list[Event] = []
    taken: set[str] = set()
    provinces = dict(known.state.provinces)
    platforms = len(known.platforms)
    for opening in openings:
        _require_new(known, opening, taken)
        require(opening.kind in INSTITUTIONS, "KindNotAllowed", opening.account, opening.kind)
        if opening.kind == AccountKind.PROVINCE or opening.province:
            _require_code(opening.province)
        if opening.kind == AccountKind.PROVINCE:
            holder = provinces.setdefault(opening.province, opening.account)
            require(holder == opening.account, "ProvinceHasAccount", opening.province, holder)
        taken.add(opening.account)
        events.append(AccountOpened(*opening))
        if opening.kind == AccountKind.PLATFORM:
            require(platforms < MOST_PLATFORMS, "TooManyPlatforms")
            events.append(PlatformAdmitted(opening.account, platforms))
            platforms += 1
    return events


def openBuyers(known: Known, caller: str, openings: Sequence[Opened]) -> list[Event]:  # noqa: N802
    known.require_role(caller, REGISTRAR)
    taken: set[str] = set()
    for opening in openings:
        _require_new(known, opening, taken)
        require(opening.kind == AccountKind.BUYER, "KindNotAllowed", opening.account, opening.kind)
        if opening.province:
            _require_code(opening.province)
        taken.add(opening.account)
    return [AccountOpened(*opening) for opening in openings]


def setOperator(known: Known, caller: str, account: str, operator: str) -> list[Event]:  # noqa: N802
    known.require_role(caller, AUTHORITY)
    require(account in known.state.accounts, "AccountUnknown", account)
    return [OperatorChanged(account, operator)]


def setFrozen(known: Known, caller: str, account: str, frozen: bool, reason: str) -> list[Event]:  # noqa: N802
    known.require_role(caller, AUTHORITY)
    require(account in known.state.accounts, "AccountUnknown", account)
    return [AccountFrozen(account, frozen, reason)]


def _canonical(project: int) -> bool:
    kind, technology, province = project >> 44, project >> 39 & 31, project >> 20 & 127
    return 1 <= kind <= 3 and 1 <= technology <= 12 and 11 <= province <= 82 and project & 0xFFFFF <= 999_999


def submit(known: Known, caller: str, filings: Sequence[Papers]) -> list[Event]:
    known.require_role(caller, REGISTRAR)
    events: list[Event] = []
    latest: dict[int, int] = {}
    for filing in filings:
        project = filing.project
        require(_canonical(project), "ProjectNotCanonical", project)
        require(filing.owner != NO_ACCOUNT, "AccountZero")
        require(filing.capacity_kw, "CapacityZero", project)
        length = len(filing.document.encode())
        require(0 < length <= LONGEST_DOCUMENT, "DocumentLength", project, length)
        filed = known.state.projects.get(project)
        version = latest.get(project, filed.latest if filed else 0)
        require(version < LAST_VERSION, "VersionsExhausted", project)
        latest[project] = version + 1
        events.append(_submitted(filing, version + 1))
    return events


def _submitted(filing: Papers, version: int) -> FilingSubmitted:
    return FilingSubmitted(
        project=filing.project,
        version=version,
        owner=filing.owner,
        in_operation=filing.in_operation,
        capacity_kw=filing.capacity_kw,
        market_based=filing.market_based,
        document=filing.document,
    )


def review(known: Known, caller: str, filings: Sequence[Papers], approved: bool, reason: str) -> list[Event]:
    known.require_role(caller, PROVINCE)
    events: list[Event] = []
    opened: set[str] = set()
    done: set[int] = set()
    for filing in filings:
        project = filing.project
        province = project >> 20 & 127
        own = known.state.provinces.get(province, NO_ACCOUNT)
        require(known.may_act(own, caller), "NotOfProvince", caller, province)
        waits = project not in done and known.pending.get(project) == filing
        require(waits, "FilingNotPending", project)
        done.add(project)
        if approved and filing.owner not in known.state.accounts and filing.owner not in opened:
            opened.add(filing.owner)
            events.append(AccountOpened(filing.owner, 1, province, filing.operator, filing.owner_name))
        version = known.state.projects[project].latest
        events.append(FilingReviewed(project, version, approved, caller, reason))
    return events


def commit(
    known: Known, caller: str, month: int, root: bytes, leaves: int, total_wh: int, evidence: bytes, replaces: int
) -> list[Event]:
    known.require_role(caller, PROVIDER)
    require(any(root), "RootZero")
    require(leaves, "LeavesZero")
    require(any(evidence), "EvidenceZero")
    require(known.now >= month_end(month), "MonthNotEnded", month, month_end(month))
    if replaces:
        old = known.state.commitments.get(replaces)
        if old is None:
            raise Unlike("CommitmentUnknown", replaces)
        _require_replaceable(old, caller, month)
    return [
        ReadingsCommitted(
            commitment=len(known.state.commitments) + 1,
            month=month,
            provider=caller,
            declared=False,
            root="0x" + root.hex(),
            leaves=leaves,
            total_wh=total_wh,
            evidence="0x" + evidence.hex(),
            replaces=replaces,
        )
    ]


def _require_replaceable(old: Commitment, caller: str, month: int) -> None:
    own = (old.provider, old.declared) == (caller, False)
    require(own, "CommitmentNotOwn", old.id, old.provider)
    require(old.month == month, "CommitmentOfOtherMonth", old.id, old.month)
    require(not old.replaced_by, "CommitmentReplaced", old.id, old.replaced_by)


def approve(known: Known, caller: str, commitment: int, root: bytes) -> list[Event]:
    known.require_role(caller, OFFICER)
    made = known.state.commitments.get(commitment)
    if made is None:
        raise Unlike("CommitmentUnknown", commitment)
    require(not made.replaced_by, "CommitmentReplaced", commitment, made.replaced_by)
    require(made.root == "0x" + root.hex(), "CommitmentRootIs", commitment, bytes.fromhex(made.root[2:]))
    before = known.officers_of(commitment)
    require(caller not in before, "ApprovedAlready", commitment, caller)
    return [CommitmentApproved(commitment, caller, len(before) + 1)]


def setQuorum(known: Known, caller: str, officers: int) -> list[Event]:  # noqa: N802
    known.require_role(caller, GOVERNANCE)
    return [QuorumSet(officers)]
