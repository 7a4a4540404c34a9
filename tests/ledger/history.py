"""Random histories that the contracts could have logged, beside a naive model with one entry a certificate.

The model shares no code with the fold: carry is a dict of remainders, a batch a list of certificates.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

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
    Recorded,
    Retired,
    Traded,
    Unfrozen,
    Withdrawn,
)

HELD, LISTED, FROZEN, RETIRED = 1, 2, 3, 4
PROVINCE, PROVINCE_ACCOUNT = 15, "0x" + "0f" * 20
PLATFORM = "0x" + "0e" * 20
ACCOUNTS = tuple("0x" + f"{number:02x}" * 20 for number in (1, 2, 3))
SOLAR, HYDRO = 4, 6
FIRST_MONTH = 1500


def project_of(technology: int, sequence: int) -> int:
    return 1 << 44 | technology << 39 | 1400 << 27 | PROVINCE << 20 | sequence


PROJECTS = (project_of(SOLAR, 1), project_of(SOLAR, 2), project_of(HYDRO, 3))


@dataclass
class Certificate:
    """One certificate of the naive model. `piece` is the segment it belongs to: equal pieces were never cut apart."""

    owner: str
    state: int
    traded: bool
    piece: int
    story: list[str]


@dataclass
class History:
    """Interprets small numbers as whatever is possible next, and records what the contracts would log."""

    blocks: list[list[Recorded]] = field(default_factory=lambda: [[]])
    batches: dict[int, list[Certificate]] = field(default_factory=dict)
    carry: dict[tuple[int, int], int] = field(default_factory=dict)
    metered: int = 0
    months: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    filings: dict[int, list[str]] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)
    listings: dict[int, tuple[int, int, int, str, int]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("tx", "listing", "trade", "commitment"), 0))
    pieces: int = 0

    def __post_init__(self) -> None:
        self.log(
            AccountOpened(PROVINCE_ACCOUNT, 3, PROVINCE, PROVINCE_ACCOUNT, "省级账户"),
            AccountOpened(PLATFORM, 5, 0, PLATFORM, "platform"),
            PlatformAdmitted(PLATFORM, 0),
            *(AccountOpened(address, 2, 0, address, "") for address in ACCOUNTS),
        )
        for project in PROJECTS:
            self.submit(project, 0, 0)
            self.review(project, True)

    @property
    def recorded(self) -> list[Recorded]:
        return [event for block in self.blocks for event in block]

    def log(self, *events: Event) -> None:
        """One transaction in the current block."""
        self.counters["tx"] += 1
        number = len(self.blocks)
        transaction = f"0x{self.counters['tx']:064x}"
        for event in events:
            index = len(self.blocks[-1])
            self.blocks[-1].append(Recorded(number, index, hash_of(number), transaction, 1_700_000_000 + number, event))

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
        else:
            self.blocks.append([])

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

    def account(self, which: int, low: int, high: int) -> None:
        address = ACCOUNTS[which % len(ACCOUNTS)]
        if low % 2:
            self.log(AccountFrozen(address, bool(high % 2), "case"))
        else:
            self.log(OperatorChanged(address, f"0x{high:040x}"))

    # Issuing

    def issue(self, which: int, low: int, high: int) -> None:
        month = FIRST_MONTH + which % 6
        readings = {}
        for project in PROJECTS:
            if low >> PROJECTS.index(project) & 1:
                readings[project] = (high * (project & 0xFFFFF) * 7919) % 9_000_000
        if not readings:
            return
        self.counters["commitment"] += 1
        commitment = self.counters["commitment"]
        leaves = tuple(project << 208 | wh << 136 | commitment for project, wh in readings.items())
        total = sum(readings.values())
        self.log(ReadingsCommitted(commitment, month, PLATFORM, False, word(7), len(leaves), total, word(8), 0))
        bits = sum(
            1 << i for i, project in enumerate(readings) if month not in self.months.setdefault((project, 0), set())
        )
        refused = [LeafRefused(commitment, i, 2) for i in range(len(leaves)) if not bits >> i & 1]
        if not bits:
            return
        echoes = [
            echo
            for i, (project, wh) in enumerate(readings.items())
            if bits >> i & 1
            for echo in self.mint(project, month, wh)
        ]
        self.log(*echoes, *refused, Issued(commitment, 0, bits, leaves))

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
        self.batches[batch] = [Certificate(holder, HELD, False, self.pieces, ["issued"]) for _ in range(count)]
        return [self.echo(batch, 0, count, NO_ACCOUNT, holder)]

    def echo(self, batch: int, start: int, end: int, giver: str, taker: str) -> ConsecutiveTransfer:
        return ConsecutiveTransfer(batch << 32 | start, batch << 32 | end - 1, giver, taker)

    # Ranges

    def pick(self, state: int, which: int, low: int, high: int) -> tuple[int, int, int] | None:
        """Some range within one piece in that state."""
        wholes = [
            (batch, piece)
            for batch, certificates in sorted(self.batches.items())
            for piece in dict.fromkeys(item.piece for item in certificates if item.state == state)
        ]
        if not wholes:
            return None
        batch, piece = wholes[which % len(wholes)]
        serials = [serial for serial, item in enumerate(self.batches[batch]) if item.piece == piece]
        start = serials[low % len(serials)]
        return batch, start, start + 1 + high % (serials[-1] + 1 - start)

    def change(self, batch: int, start: int, end: int, name: str) -> list[Certificate]:
        """The certificates of a range, cut out of their piece."""
        certificates = self.batches[batch]
        piece = certificates[start].piece
        after = [item for item in certificates[end:] if item.piece == piece]
        self.pieces += 2
        for item in after:
            item.piece = self.pieces
        for item in certificates[start:end]:
            item.piece = self.pieces - 1
            item.story.append(name)
        return certificates[start:end]

    def move(self, which: int, low: int, high: int) -> None:
        if found := self.pick(HELD, which, low, high):
            batch, start, end = found
            giver, taker = self.batches[batch][start].owner, ACCOUNTS[high % len(ACCOUNTS)]
            for item in self.change(*found, "moved"):
                item.owner = taker
            self.log(Moved(*found, giver, taker, word(9)), self.echo(batch, start, end, giver, taker))

    def freeze(self, which: int, low: int, high: int) -> None:
        back = bool(low % 2)
        if found := self.pick(FROZEN if back else HELD, which, low, high):
            for item in self.change(*found, "unfrozen" if back else "frozen"):
                item.state = HELD if back else FROZEN
            self.log((Unfrozen if back else Frozen)(*found, word(9)))

    def list(self, which: int, low: int, high: int) -> None:
        found = self.pick(HELD, which, low, high)
        if found is None or self.batches[found[0]][found[1]].traded or not found[0] & 1:
            return
        seller = self.batches[found[0]][found[1]].owner
        for item in self.change(*found, "listed"):
            item.state = LISTED
        self.counters["listing"] += 1
        self.listings[self.counters["listing"]] = (*found, seller, high)
        self.log(Listed(self.counters["listing"], *found, seller, high, 1 << 63 | 1))

    def take(self, which: int, low: int, high: int) -> None:
        if not self.listings:
            return
        number = sorted(self.listings)[which % len(self.listings)]
        batch, start, limit, seller, price = self.listings.pop(number)
        end = start + 1 + low % (limit - start)
        if end < limit:
            self.listings[number] = (batch, end, limit, seller, price)
        buyer = ACCOUNTS[(ACCOUNTS.index(seller) + 1 + high % 2) % 3]
        for item in self.change(batch, start, end, "traded"):
            item.owner, item.state, item.traded = buyer, HELD, True
        self.counters["trade"] += 1
        event = Traded(self.counters["trade"], number, batch, start, end, seller, buyer, price, PLATFORM)
        self.log(self.echo(batch, start, end, seller, buyer), event)

    def withdraw(self, which: int, low: int, high: int) -> None:
        if self.listings:
            number = sorted(self.listings)[which % len(self.listings)]
            found = self.listings.pop(number)[:3]
            for item in self.change(*found, "withdrawn"):
                item.state = HELD
            self.log(Withdrawn(number, *found))

    def retire(self, which: int, low: int, high: int) -> None:
        if found := self.pick(HELD, which, low, high):
            batch, start, end = found
            holder = self.batches[batch][start].owner
            for item in self.change(*found, "retired"):
                item.state = RETIRED
            claim = Claim("某公司", 1, FIRST_MONTH, FIRST_MONTH + 1, "") if low % 2 else Claim("", 0, 0, 0, "")
            event = Retired(batch, start, end, holder, 2 if low % 2 else 1, claim)
            self.log(event, self.echo(batch, start, end, holder, NO_ACCOUNT))


def word(number: int) -> str:
    return f"0x{number:064x}"


def hash_of(block: int, fork: int = 0) -> str:
    return f"0x{fork:032x}{block:032x}"


def play(steps: list[tuple[int, int, int, int]]) -> History:
    history = History()
    for step in steps:
        history.play(step)
    return history


def steps(most: int = 60) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    """Lists of operations for `play`; every list is possible."""
    small = st.integers(0, 11)  # 10 and 11 begin a block
    return st.lists(st.tuples(small, st.integers(0, 30), st.integers(0, 30), st.integers(0, 1 << 20)), max_size=most)
