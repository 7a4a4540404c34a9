"""What the contracts must do with a call: the refusal's name, or the events it emits.

Written from the interfaces' documentation and the rules, in the order of their checks; it shares with the indexer the
ledger's state and fold, and nothing else. `expect` changes nothing: fold the events to go on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from gecchain.errors import Refused
from gecchain.events import (
    NO_ACCOUNT,
    AccountFrozen,
    AccountOpened,
    Claim,
    ConsecutiveTransfer,
    Event,
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
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)
from gecchain.ledger import FilingState, Segment, State
from gecchain.proofs import Chunk, verify_chunk
from gecchain.rules import (
    EMPTY_LANE,
    AccountKind,
    CertificateState,
    Electricity,
    FirstHolder,
    Lane,
    LeafRefusal,
    Month,
    Technology,
    classify,
    expires_at,
)

__all__ = ["AUTHORITY", "INFO_CENTRE", "PLATFORM", "PROVIDER", "PROVINCE", "REGISTRAR", "Filing", "Model", "Opening"]

AUTHORITY, INFO_CENTRE, PROVINCE, PROVIDER, PLATFORM, REGISTRAR = range(1, 7)
ZERO_WORD = "0x" + "00" * 32
UNAUTHORISED = "AccessManagedUnauthorized"
Outcome: TypeAlias = str | list[Event]


class Opening(NamedTuple):
    """Request to open an account."""

    account: str
    kind: int
    province: int
    operator: str
    name: str


class Filing(NamedTuple):
    """A project's filing as it is handed in."""

    project: int
    owner: str
    operator: str
    owner_name: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str


class RefusedCall(Exception):
    """The call reverts with the error of this name."""


def require(holds: bool, refusal: str) -> None:
    if not holds:
        raise RefusedCall(refusal)


@dataclass
class Model:
    """The ledger's state, and what only the contracts' permissions know: roles by address, and who submitted what."""

    state: State = field(default_factory=State)
    roles: dict[int, set[str]] = field(default_factory=dict)
    waiting: dict[int, Filing] = field(default_factory=dict)

    def expect(self, caller: str, now: int, function: str, *args: Any) -> Outcome:
        """The outcome of `function(*args)`, named as in the contracts, sent by `caller` at the second `now`."""
        rule: Callable[..., list[Event]] = getattr(self, f"_{function}")
        try:
            return rule(caller, now, *args)
        except RefusedCall as refused:
            return str(refused)

    def _role(self, role: int, caller: str) -> None:
        require(caller in self.roles.get(role, ()), UNAUTHORISED)

    def _may_act(self, account: str, caller: str) -> bool:
        found = self.state.accounts.get(account)
        return found is not None and found.operator == caller and not found.frozen

    # Registry

    def _openInstitutions(self, caller: str, _now: int, openings: Sequence[Opening]) -> list[Event]:  # noqa: N802
        self._role(AUTHORITY, caller)
        events: list[Event] = []
        known, provinces = set(self.state.accounts), set(self.state.provinces)
        platforms = sum(account.platform >= 0 for account in self.state.accounts.values())
        for opening in openings:
            self._require_new(opening, known)
            require(opening.kind > AccountKind.BUYER, "KindNotAllowed")
            provincial = opening.kind == AccountKind.PROVINCE
            require(not provincial or opening.province != 0, "ProvinceUnknown")
            self._require_province(opening.province)
            require(not provincial or opening.province not in provinces, "ProvinceHasAccount")
            known.add(opening.account)
            events.append(
                AccountOpened(opening.account, opening.kind, opening.province, opening.operator, opening.name)
            )
            if provincial:
                provinces.add(opening.province)
            if opening.kind == AccountKind.PLATFORM:
                require(platforms < 64, "TooManyPlatforms")
                events.append(PlatformAdmitted(opening.account, platforms))
                platforms += 1
        return events

    def _openBuyers(self, caller: str, _now: int, openings: Sequence[Opening]) -> list[Event]:  # noqa: N802
        self._role(REGISTRAR, caller)
        known = set(self.state.accounts)
        for opening in openings:
            self._require_new(opening, known)
            require(opening.kind == AccountKind.BUYER, "KindNotAllowed")
            self._require_province(opening.province)
            known.add(opening.account)
        return [AccountOpened(item.account, item.kind, item.province, item.operator, item.name) for item in openings]

    def _require_new(self, opening: Opening, known: set[str]) -> None:
        require(opening.account != NO_ACCOUNT, "AccountZero")
        require(opening.account not in known, "AccountExists")

    def _require_province(self, province: int) -> None:
        require(province == 0 or 11 <= province <= 82, "ProvinceUnknown")

    def _setOperator(self, caller: str, _now: int, account: str, operator: str) -> list[Event]:  # noqa: N802
        self._role(AUTHORITY, caller)
        require(account in self.state.accounts, "AccountUnknown")
        return [OperatorChanged(account, operator)]

    def _setFrozen(self, caller: str, _now: int, account: str, frozen: bool, reason: str) -> list[Event]:  # noqa: N802
        self._role(AUTHORITY, caller)
        require(account in self.state.accounts, "AccountUnknown")
        return [AccountFrozen(account, frozen, reason)]

    def _submit(self, caller: str, _now: int, filings: Sequence[Filing]) -> list[Event]:
        self._role(REGISTRAR, caller)
        events: list[Event] = []
        latest: dict[int, int] = {}
        for item in filings:
            require(_canonical(item.project), "ProjectNotCanonical")
            require(item.owner != NO_ACCOUNT, "AccountZero")
            require(item.capacity_kw > 0, "CapacityZero")
            require(item.document != "", "DocumentLength")
            known = self.state.projects.get(item.project)
            version = latest.get(item.project, known.latest if known else 0)
            require(version < 255, "VersionsExhausted")
            latest[item.project] = version + 1
            terms = (item.owner, item.in_operation, item.capacity_kw, item.market_based, item.document)
            events.append(FilingSubmitted(item.project, version + 1, *terms))
        return events

    def _review(self, caller: str, _now: int, filings: Sequence[Filing], approved: bool, reason: str) -> list[Event]:
        self._role(PROVINCE, caller)
        events: list[Event] = []
        opened: set[str] = set()
        done: set[int] = set()
        for item in filings:
            province = self.state.provinces.get(item.project >> 20 & 0x7F, NO_ACCOUNT)
            require(self._may_act(province, caller), "NotOfProvince")
            require(item.project not in done and self._waits(item), "FilingNotPending")
            done.add(item.project)
            new = item.owner not in self.state.accounts and item.owner not in opened
            if approved and new:
                opened.add(item.owner)
                place = item.project >> 20 & 0x7F
                events.append(AccountOpened(item.owner, AccountKind.OWNER.value, place, item.operator, item.owner_name))
            version = self.state.projects[item.project].latest
            events.append(FilingReviewed(item.project, version, approved, caller, reason))
        return events

    def _waits(self, filing: Filing) -> bool:
        known = self.state.projects.get(filing.project)
        latest = self.state.filings.get((filing.project, known.latest)) if known else None
        return (
            latest is not None and latest.state == FilingState.SUBMITTED and self.waiting.get(filing.project) == filing
        )

    # Readings

    def _commit(self, caller: str, now: int, *terms: Any) -> list[Event]:
        self._role(PROVIDER, caller)
        return self._committed(caller, now, False, *terms)

    def _commitDeclared(self, caller: str, now: int, *terms: Any) -> list[Event]:  # noqa: N802
        self._role(INFO_CENTRE, caller)
        return self._committed(caller, now, True, *terms)

    def _committed(
        self,
        caller: str,
        now: int,
        declared: bool,
        month: int,
        root: str,
        leaves: int,
        total_wh: int,
        evidence: str,
        replaces: int,
    ) -> list[Event]:
        require(root != ZERO_WORD, "RootZero")
        require(leaves != 0, "LeavesZero")
        require(evidence != ZERO_WORD, "EvidenceZero")
        require(now >= Month(month).ends_at, "MonthNotEnded")
        if replaces:
            old = self.state.commitments.get(replaces)
            require(old is not None, "CommitmentUnknown")
            if old is not None:
                require((old.provider, old.declared) == (caller, declared), "CommitmentNotOwn")
                require(old.month == month, "CommitmentOfOtherMonth")
                require(not old.replaced_by, "CommitmentReplaced")
        number = len(self.state.commitments) + 1
        return [ReadingsCommitted(number, month, caller, declared, root, leaves, total_wh, evidence, replaces)]

    # Issuing

    def _issue(
        self, caller: str, _now: int, commitment: int, chunk: int, leaves: Sequence[int], proof: Sequence[bytes]
    ) -> list[Event]:
        self._role(AUTHORITY, caller)
        made = self.state.commitments.get(commitment)
        if made is None:
            raise RefusedCall("CommitmentUnknown")
        require(not made.replaced_by, "CommitmentReplaced")
        require(chunk * 256 < made.leaves, "ChunkOutOfRange")
        require(len(leaves) == min(made.leaves - chunk * 256, 256), "ChunkLength")
        proven = verify_chunk(bytes.fromhex(made.root[2:]), made.leaves, chunk, Chunk(tuple(leaves), tuple(proof)))
        require(proven, "ChunkNotInCommitment")
        known = self.state.chunks.get((commitment, chunk))
        left = [i for i in range(len(leaves)) if known is None or not known.issued >> i & 1]
        lanes: dict[tuple[int, int], Lane] = {}
        events: list[Event] = []
        issued = 0
        for offset in left:
            found = self._leaf(leaves[offset], made.month, lanes)
            if isinstance(found, LeafRefusal):
                events.append(LeafRefused(commitment, chunk * 256 + offset, found.value))
                continue
            issued |= 1 << offset
            events += found
        require(issued != 0, "NothingToIssue")
        return [*events, Issued(commitment, chunk, issued, tuple(leaves))]

    def _leaf(
        self, word: int, month: int, lanes: dict[tuple[int, int], Lane]
    ) -> LeafRefusal | list[ConsecutiveTransfer]:
        number, bits = word >> 208, word >> 200 & 0xFF
        project = self.state.projects.get(number)
        if project is None or not project.approved:
            return LeafRefusal.PROJECT_NOT_APPROVED
        technology = Technology.of_number(number >> 39 & 0x1F)
        if bits > 3 or technology in (Technology.PUMPED_STORAGE, Technology.STORAGE):
            return LeafRefusal.NOT_ISSUABLE
        if month < project.in_operation:
            return LeafRefusal.BEFORE_GRID_CONNECTION
        rule = classify(technology, Electricity.of_number(bits), Month(project.in_operation), project.market_based)
        holder = project.owner
        if rule.first_holder is not FirstHolder.OWNER:
            holder = self.state.provinces.get(number >> 20 & 0x7F, "")
            if not holder:
                return LeafRefusal.NO_PROVINCIAL_ACCOUNT
        return self._lane(word, month, lanes, holder, rule.tradable)

    def _lane(
        self, word: int, month: int, lanes: dict[tuple[int, int], Lane], holder: str, tradable: bool
    ) -> LeafRefusal | list[ConsecutiveTransfer]:
        number, bits, wh = word >> 208, word >> 200 & 0xFF, word >> 136 & (1 << 64) - 1
        known = self.state.lanes.get((number, bits))
        lane = lanes.get((number, bits)) or (Lane.unpack(known.lane) if known else EMPTY_LANE)
        if lane.carry + wh >= 1_000_000_000_000_000:
            return LeafRefusal.TOO_MANY
        try:
            lanes[number, bits], count = lane.issue(Month(month), wh)
        except Refused as refused:
            return LeafRefusal[refused.reason.upper()]
        batch = number << 16 | month << 4 | bits << 1 | tradable
        return [ConsecutiveTransfer(batch << 32, batch << 32 | count - 1, NO_ACCOUNT, holder)] if count else []

    # Ranges

    def _find(self, batch: int, start: int, end: int) -> Segment:
        known = self.state.batches.get(batch)
        if known is None:
            raise RefusedCall("BatchUnknown")
        require(start < end and start < known.count, "RangeEmpty")
        segment = self.state.segment_at(batch, start)
        if segment is None or end > segment.end:
            raise RefusedCall("RangeNotUniform")
        return segment

    def _move(self, caller: str, _now: int, batch: int, start: int, end: int, to: str, basis: str) -> list[Event]:
        self._role(AUTHORITY, caller)
        require(to in self.state.accounts, "AccountUnknown")
        segment = self._find(batch, start, end)
        require(segment.state == CertificateState.HELD, "StateIs")
        return [Moved(batch, start, end, segment.owner, to, basis), *_echo(batch, start, end, segment.owner, to)]

    def _freeze(self, caller: str, _now: int, batch: int, start: int, end: int, basis: str) -> list[Event]:
        self._role(AUTHORITY, caller)
        require(self._find(batch, start, end).state == CertificateState.HELD, "StateIs")
        return [Frozen(batch, start, end, basis)]

    def _unfreeze(self, caller: str, _now: int, batch: int, start: int, end: int, basis: str) -> list[Event]:
        self._role(AUTHORITY, caller)
        require(self._find(batch, start, end).state == CertificateState.FROZEN, "StateIs")
        return [Unfrozen(batch, start, end, basis)]

    def _retire(self, caller: str, now: int, batch: int, start: int, end: int, claim: Claim) -> list[Event]:
        require(1 <= claim.purpose <= 7, "PurposeUnknown")
        require(claim.from_ < claim.to, "PeriodEmpty")
        require(0 < len(claim.beneficiary.encode()) <= 256, "BeneficiaryLength")
        require(len(claim.statement.encode()) <= 1024, "StatementLength")
        segment = self._find(batch, start, end)
        require(self._may_act(segment.owner, caller), "MayNotAct")
        require(segment.state == CertificateState.HELD, "StateIs")
        require(now < _end_of(batch), "Expired")
        return [
            Retired(batch, start, end, segment.owner, 2, claim),
            *_echo(batch, start, end, segment.owner, NO_ACCOUNT),
        ]

    def _expire(self, _caller: str, now: int, batch: int, start: int, end: int) -> list[Event]:
        segment = self._find(batch, start, end)
        require(segment.state == CertificateState.HELD, "StateIs")
        require(now >= _end_of(batch), "NotExpired")
        nothing = Claim("", 0, 0, 0, "")
        return [
            Retired(batch, start, end, segment.owner, 1, nothing),
            *_echo(batch, start, end, segment.owner, NO_ACCOUNT),
        ]

    # Market

    def _list(self, caller: str, now: int, batch: int, start: int, end: int, price: int, platforms: int) -> list[Event]:
        require(platforms != 0, "PlatformsNone")
        admitted = sum(1 << item.platform for item in self.state.accounts.values() if item.platform >= 0)
        require(platforms & ~admitted == 0, "PlatformNotAdmitted")
        segment = self._find(batch, start, end)
        require(self._may_act(segment.owner, caller), "MayNotAct")
        require(segment.state == CertificateState.HELD, "StateIs")
        require(bool(batch & 1), "NotTradable")
        require(not segment.traded, "AlreadyTraded")
        require(now < _end_of(batch), "Expired")
        return [Listed(len(self.state.listings) + 1, batch, start, end, segment.owner, price, platforms)]

    def _open(self, number: int) -> Any:
        listing = self.state.listings.get(number)
        require(listing is not None and not listing.closed, "ListingUnknown")
        return listing

    def _withdraw(self, caller: str, now: int, number: int) -> list[Event]:
        listing = self._open(number)
        allowed = (
            now >= _end_of(listing.batch)
            or self._may_act(listing.seller, caller)
            or caller in self.roles.get(AUTHORITY, ())
        )
        require(allowed, "MayNotAct")
        return [Withdrawn(number, listing.batch, listing.left, listing.left_end)]

    def _take(self, caller: str, now: int, number: int, quantity: int, buyer: str, platform: str) -> list[Event]:
        self._role(PLATFORM, caller)
        listing = self._open(number)
        require(quantity != 0, "QuantityZero")
        require(quantity <= listing.left_end - listing.left, "QuantityAboveListed")
        require(self._may_act(platform, caller), "MayNotAct")
        bit = self.state.accounts[platform].platform
        require(bit >= 0 and bool(listing.platforms >> bit & 1), "PlatformNotNamed")
        self._require_active(buyer)
        start, end = listing.left, listing.left + quantity
        require(now < _end_of(listing.batch), "Expired")
        require(listing.seller != buyer, "BuyerIsSeller")
        self._require_active(listing.seller)
        trade = len(self.state.trades) + 1
        terms = (listing.batch, start, end, listing.seller, buyer, listing.price, platform)
        return [*_echo(listing.batch, start, end, listing.seller, buyer), Traded(trade, number, *terms)]

    def _require_active(self, account: str) -> None:
        found = self.state.accounts.get(account)
        require(found is not None, "AccountUnknown")
        require(found is not None and not found.frozen, "AccountFrozen")


def _echo(batch: int, start: int, end: int, giver: str, taker: str) -> Iterator[ConsecutiveTransfer]:
    yield ConsecutiveTransfer(batch << 32 | start, batch << 32 | end - 1, giver, taker)


def _end_of(batch: int) -> int:
    return expires_at(Month(batch >> 4 & 0xFFF))


def _canonical(project: int) -> bool:
    kind, technology = project >> 44, project >> 39 & 0x1F
    province, sequence = project >> 20 & 0x7F, project & 0xFFFFF
    return 1 <= kind <= 3 and 1 <= technology <= 12 and 11 <= province <= 82 and sequence <= 999_999
