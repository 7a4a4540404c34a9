"""Random histories that the contracts could have logged, beside a naive model with one entry a certificate.

The model shares no code with the fold: carry is a dict of remainders, a batch a list of certificates.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from gecchain.events import (
    NO_ACCOUNT,
    AccountOpened,
    Claim,
    CommitmentApproved,
    ConsecutiveTransfer,
    DealCancelled,
    DealFilled,
    DeclarationRechecked,
    FilingReviewed,
    FilingSubmitted,
    Frozen,
    Issued,
    LeafRefused,
    Listed,
    Moved,
    PlatformAdmitted,
    QuorumSet,
    ReadingsCommitted,
    Retired,
    Settled,
    Traded,
    Unfrozen,
    Withdrawn,
)
from tests.ledger.disputes import OFFICIAL, Disputes
from tests.ledger.pieces import DEDUCTED, FROZEN, HELD, LISTED, RETIRED, START, Certificate, hash_of, word
from tests.ledger.rights import ACCOUNTS, AGENT, LEAVER, Rights

__all__ = [
    "ACCOUNTS",
    "AGENT",
    "DEDUCTED",
    "LEAVER",
    "LISTED",
    "PROJECTS",
    "RETIRED",
    "START",
    "History",
    "hash_of",
    "play",
    "steps",
]

PROVINCE, PROVINCE_ACCOUNT = 15, "0x" + "0f" * 20
PLATFORM = "0x" + "0e" * 20
SOLAR, SOLAR_THERMAL, HYDRO = 4, 5, 6
FIRST_MONTH = 1500
BLOCK = 11


def project_of(technology: int, sequence: int) -> int:
    return 1 << 44 | technology << 39 | 1400 << 27 | PROVINCE << 20 | sequence


PROJECTS = (project_of(SOLAR, 1), project_of(SOLAR, 2), project_of(HYDRO, 3), project_of(SOLAR_THERMAL, 4))


@dataclass
class History(Disputes, Rights):
    """Interprets small numbers as whatever is possible next, and records what the contracts would log."""

    months: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    filings: dict[int, list[str]] = field(default_factory=dict)
    listings: dict[int, tuple[int, int, int, str, int]] = field(default_factory=dict)
    quorum: int = 0
    approved: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log(
            AccountOpened(PROVINCE_ACCOUNT, 3, PROVINCE, PROVINCE_ACCOUNT, "省级账户"),
            AccountOpened(PLATFORM, 5, 0, PLATFORM, "platform"),
            PlatformAdmitted(PLATFORM, 0),
            AccountOpened(AGENT, 4, 0, AGENT, "代理机构"),
            *(AccountOpened(address, 2, 0, address, "") for address in (*ACCOUNTS, LEAVER)),
        )
        for project in PROJECTS:
            self.submit(project, 0, 0)
            self.review(project, True)

    def play(self, step: tuple[int, int, int, int]) -> None:
        """One operation; `step` is (what, which, from, how much)."""
        what, which, low, high = step
        plays = (self.issue, self.issue, self.move, self.freeze, self.list, self.take, self.withdraw, self.retire)
        if what < len(plays):
            plays[what](which, low, high)
        elif what == len(plays):
            self.file(which, low, high)
        elif what == len(plays) + 1:
            self.account(which, low, high)
        elif what <= BLOCK:
            self.blocks.append([])
        else:
            later = (self.sell, self.dispute, self.dispute, self.mandate, self.leave, self.set_deadlines, self.cancel)
            if what - BLOCK - 1 < len(later):
                later[what - BLOCK - 1](which, low, high)
            elif what % 2:
                self.turn(PROJECTS[3], which, low, high)
            else:
                self.declare_and_issue(which, low, high)

    # Filings and accounts

    def submit(self, project: int, which: int, low: int) -> None:
        versions = self.filings.setdefault(project, [])
        owner = ACCOUNTS[which % len(ACCOUNTS)]
        versions.append(owner)
        self.log(FilingSubmitted(project, len(versions), owner, 1400, 1000, bool(low % 2), '{"name":"plant"}'))

    def review(self, project: int, approved: bool) -> None:
        versions = self.filings[project]
        if approved:
            self.owners[project] = versions[-1]
        self.log(FilingReviewed(project, len(versions), approved, PROVINCE_ACCOUNT, "" if approved else "why"))

    def file(self, which: int, low: int, high: int) -> None:
        project = PROJECTS[which % len(PROJECTS)]
        if len(self.filings[project]) > 200:
            return
        self.submit(project, low, high)
        if high % 3:
            self.review(project, high % 3 == 1)

    # Issuing

    def issue(self, which: int, low: int, high: int) -> None:
        month = FIRST_MONTH + 5 - which % 6
        readings = {}
        for project in PROJECTS:
            if low >> PROJECTS.index(project) & 1:
                readings[project] = (high * (project & 0xFFFFF) * 7919) % 9_000_000
        if readings:
            commitment = self.count("commitment")
            leaves = tuple(project << 208 | wh << 136 | commitment for project, wh in readings.items())
            self.log(self.committed(commitment, month, leaves, False))
            self.approve(commitment, low, high)
            self.draw(commitment, month, leaves)

    def committed(self, commitment: int, month: int, leaves: tuple[int, ...], declared: bool) -> ReadingsCommitted:
        total = sum(leaf >> 136 & (1 << 64) - 1 for leaf in leaves)
        return ReadingsCommitted(commitment, month, PLATFORM, declared, word(7), len(leaves), total, word(8), 0)

    def approve(self, commitment: int, low: int, high: int) -> None:
        """As many officers as there must be, or more, after that number was changed at times."""
        events: list[CommitmentApproved | QuorumSet] = []
        if high % 4 == 0:
            self.quorum = low % 3
            events.append(QuorumSet(self.quorum))
        officers = ACCOUNTS[: max(self.quorum, high % 3)]
        events += [CommitmentApproved(commitment, one, count) for count, one in enumerate(officers, start=1)]
        if events:
            self.approved[commitment] = list(officers)
            self.log(*events)

    def draw(self, commitment: int, month: int, leaves: tuple[int, ...]) -> None:
        """Issues what of a commitment's one chunk can be."""
        bits = sum(
            1 << i for i, leaf in enumerate(leaves) if month not in self.months.setdefault((leaf >> 208, 0), set())
        )
        refused = [LeafRefused(commitment, i, 2) for i in range(len(leaves)) if not bits >> i & 1]
        if not bits:
            return
        echoes = [
            echo
            for i, leaf in enumerate(leaves)
            if bits >> i & 1
            for echo in self.mint(leaf >> 208, month, leaf >> 136 & (1 << 64) - 1)
        ]
        self.log(*echoes, *refused, Issued(commitment, 0, bits, leaves))

    def declare_and_issue(self, which: int, low: int, high: int) -> None:
        """A declared reading on its whole way; the second check may send it back."""
        project, month = PROJECTS[low % len(PROJECTS)], FIRST_MONTH + which % 6
        number = self.declare(project, month, high)
        commitment = self.count("commitment") if low % 4 else 0
        if not commitment:
            self.declared[number] = 4
            self.log(DeclarationRechecked(number, False, OFFICIAL, "不符", 0, 0))
            return
        leaf = project << 208 | 1_000_000 * (high % 9) << 136 | high
        self.declared[number] = 3
        self.log(
            self.committed(commitment, month, (leaf,), True),
            DeclarationRechecked(number, True, OFFICIAL, "", commitment, 0),
        )
        self.approve(commitment, low, high)
        self.draw(commitment, month, (leaf,))

    def mint(self, project: int, month: int, wh: int) -> list[ConsecutiveTransfer]:
        self.months[project, 0].add(month)
        self.metered += wh
        energy = self.carry.get((project, 0), 0) + wh
        count, self.carry[project, 0] = energy // 1_000_000, energy % 1_000_000
        if not count:
            return []
        stock_hydro = project >> 39 & 31 == HYDRO
        batch = project << 16 | month << 4 | (0 if stock_hydro else 1)
        holder = PROVINCE_ACCOUNT if stock_hydro else self.owners[project]
        self.pieces += 1
        self.first_holders[batch] = holder
        self.batches[batch] = [Certificate(holder, HELD, False, self.pieces, ["issued"]) for _ in range(count)]
        return [self.echo(batch, 0, count, NO_ACCOUNT, holder)]

    # Ranges

    def move(self, which: int, low: int, high: int) -> None:
        found = self.pick(HELD, which, low, high)
        if found and not self.expired(found[0]):
            batch, start, end = found
            takers = ACCOUNTS if LEAVER in self.closed else (*ACCOUNTS, LEAVER)
            giver, taker = self.batches[batch][start].owner, takers[high % len(takers)]
            for item in self.change(*found, "moved"):
                item.owner = taker
            self.log(Moved(*found, giver, taker, 1 + low % 4, word(9)), self.echo(batch, start, end, giver, taker))

    def freeze(self, which: int, low: int, high: int) -> None:
        back = bool(low % 2)
        if found := self.pick(FROZEN if back else HELD, which, low, high):
            for item in self.change(*found, "unfrozen" if back else "frozen"):
                item.state = HELD if back else FROZEN
            self.log((Unfrozen if back else Frozen)(*found, word(9 << 40)))

    def list(self, which: int, low: int, high: int) -> None:
        found = self.pick(HELD, which, low, high)
        if found is None or not self.sellable(*found[:2]):
            return
        seller = self.batches[found[0]][found[1]].owner
        for item in self.change(*found, "listed"):
            item.state = LISTED
        number = self.count("listing")
        self.listings[number] = (*found, seller, high)
        self.log(Listed(number, *found, seller, high, 1 << 63 | 1))

    def take(self, which: int, low: int, high: int) -> None:
        if not self.listings:
            return
        number = sorted(self.listings)[which % len(self.listings)]
        batch, start, limit, seller, price = self.listings[number]
        if not self.sellable(batch, start) or seller in self.closed:
            return
        del self.listings[number]
        end = start + 1 + low % (limit - start)
        if end < limit:
            self.listings[number] = (batch, end, limit, seller, price)
        self.log(*self.trade(number, (batch, start, end), seller, high, price, 1))

    def trade(
        self, listing: int, found: tuple[int, int, int], seller: str, high: int, price: int, way: int
    ) -> tuple[ConsecutiveTransfer, Traded]:
        others = [address for address in ACCOUNTS if address != seller]
        buyer = others[high % len(others)]
        for item in self.change(*found, "traded"):
            item.owner, item.state, item.traded = buyer, HELD, True
        event = Traded(self.count("trade"), listing, *found, seller, buyer, price, PLATFORM, way)
        return self.echo(*found, seller, buyer), event

    def sell(self, which: int, low: int, high: int) -> None:
        """A bilateral order, or a settlement of a green-power contract."""
        found = self.pick(HELD, which, low, high)
        if found is None or not self.sellable(*found[:2]) or self.batches[found[0]][found[1]].owner in self.closed:
            return
        batch, start, end = found
        seller = self.batches[batch][start].owner
        number = word(0xDEA1 << 32 | self.count("other"))
        if low % 2:
            echo, traded = self.trade(0, found, seller, high, high, 2)
            self.log(echo, traded, DealFilled(number, traded.trade, traded.trade, bool(high % 2), self.now + 1))
        else:
            echo, traded = self.trade(0, found, seller, high, high, 3)
            energy = (1_000_000 * (end - start) + high % 1_000_000, 1 << 63, 1_000_000 * (end - start + 1))
            month = batch >> 4 & 0xFFF
            trades = (traded.trade, traded.trade)
            self.log(echo, traded, Settled(number, batch >> 16, month, *trades, *energy, high, PLATFORM))

    def cancel(self, which: int, low: int, high: int) -> None:
        self.log(DealCancelled(word(0xCA << 32 | self.count("other")), ACCOUNTS[which % 3]))

    def withdraw(self, which: int, low: int, high: int) -> None:
        if self.listings:
            number = sorted(self.listings)[which % len(self.listings)]
            found = self.listings.pop(number)[:3]
            for item in self.change(*found, "withdrawn"):
                item.state = HELD
            self.log(Withdrawn(number, *found))

    def retire(self, which: int, low: int, high: int) -> None:
        """For the first reason that holds: CCER, expiry, a closed account, a claim."""
        found = self.pick(HELD, which, low, high)
        reason = self.reason(*found[:2]) if found else 0
        if found is None or not reason:
            return
        batch, start, end = found
        holder = self.batches[batch][start].owner
        for item in self.change(*found, "retired"):
            item.state = RETIRED
        claim = Claim("某公司", 1, FIRST_MONTH, FIRST_MONTH + 1, "") if reason == 2 else Claim("", 0, 0, 0, "")
        event = Retired(batch, start, end, holder, reason, claim)
        self.log(event, self.echo(batch, start, end, holder, NO_ACCOUNT))

    def reason(self, batch: int, start: int) -> int:
        item = self.batches[batch][start]
        if (batch >> 16, batch >> 4 & 0xFFF) in self.registered and not item.traded:
            return 3
        if self.expired(batch):
            return 1
        if item.owner in self.closed:
            return 4
        return 2 if item.traded or not self.still(batch) else 0


def play(steps: list[tuple[int, int, int, int]]) -> History:
    history = History()
    for step in steps:
        history.play(step)
    return history


def steps(most: int = 60) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    """Lists of operations for `play`; every list is possible."""
    small = st.integers(0, 22)  # 10 and 11 begin a block
    return st.lists(st.tuples(small, st.integers(0, 30), st.integers(0, 30), st.integers(0, 1 << 20)), max_size=most)
