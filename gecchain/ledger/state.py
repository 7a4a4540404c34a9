"""What the fold knows: every entity as a frozen value that carries its own key.

The same values are rows of the store, so that SQL, the reference model and the replay cannot mean different things.
A *position* (`Recorded.position`) says where on the chain an entity came to be; 0 stands for not yet.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from gecchain.events import NO_ACCOUNT

__all__ = [
    "ENTITIES",
    "Account",
    "Balance",
    "Batch",
    "Chunk",
    "Commitment",
    "Filing",
    "FilingState",
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
    "key_of",
]


class FilingState(IntEnum):
    """Where a version of a filing stands with its province (Q91)."""

    SUBMITTED = 0
    APPROVED = 1
    SENT_BACK = 2
    REPLACED = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An account (绿证账户, Q84). `platform` is its bit in listings, or -1."""

    address: str
    kind: int
    province: int
    operator: str
    name: str
    frozen: bool
    freeze_reason: str
    platform: int
    opened: int


@dataclass(frozen=True, slots=True)
class Project:
    """A project and the terms in force; `approved` is the filing version they come from, 0 before the first."""

    id: int
    latest: int
    approved: int
    owner: str = NO_ACCOUNT
    in_operation: int = 0
    market_based: bool = False


@dataclass(frozen=True, slots=True)
class Filing:
    """A version of a project's filing (Q90 to Q92). `document` is canonical JSON; its keccak256 is the filing hash."""

    project: int
    version: int
    owner: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str
    state: int
    reviewer: str
    reason: str
    submitted: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class Commitment:
    """A provider's readings of one month. `replaced_by` is the commitment that revises it, or 0."""

    id: int
    month: int
    provider: str
    declared: bool
    root: str
    leaves: int
    total_wh: int
    evidence: str
    replaces: int
    replaced_by: int
    position: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which of a commitment's leaves `[256 * chunk, ...)` are issued; `issued` is the bit set."""

    commitment: int
    chunk: int
    issued: int


@dataclass(frozen=True, slots=True)
class LaneAccount:
    """Energy account of one project and electricity: the contract's lane word, and what went through it (I4)."""

    project: int
    electricity: int
    lane: int
    metered_wh: int
    issued: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Certificates of one project, month and class. `leaf` counts over the commitment; `filing` is a version."""

    id: int
    count: int
    commitment: int
    leaf: int
    filing: int
    position: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Serials `[start, end)` with one owner and one history; `since` is the position that made it what it is."""

    batch: int
    start: int
    end: int
    owner: str
    state: int
    traded: bool
    since: int


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the life of a range; `previous` is the position of the one before it, so histories are chains."""

    position: int
    batch: int
    start: int
    end: int
    previous: int


@dataclass(frozen=True, slots=True)
class Listing:
    """An offer (挂牌). `[left, left_end)` is what is still on offer; empty when it is withdrawn or sold out."""

    id: int
    batch: int
    start: int
    end: int
    seller: str
    price: int
    platforms: int
    left: int
    left_end: int
    position: int
    closed: int


@dataclass(frozen=True, slots=True)
class Trade:
    """The one trade of a range (Q51); `price` in fen a certificate."""

    id: int
    listing: int
    batch: int
    start: int
    end: int
    seller: str
    buyer: str
    price: int
    platform: str
    position: int


@dataclass(frozen=True, slots=True)
class Retirement:
    """A retired range and its claim (Q54, Q79); identified by its position. Months `[period_start, period_end)`."""

    position: int
    batch: int
    start: int
    end: int
    holder: str
    reason: int
    beneficiary: str
    purpose: int
    period_start: int
    period_end: int
    statement: str


@dataclass(frozen=True, slots=True)
class Balance:
    """Certificates of one account: `holding` is alive in any state, `retired` was its when it ended (I3)."""

    account: str
    holding: int
    retired: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Certificates counted by what statistics ask for; `month` is the production month."""

    month: int
    province: int
    technology: int
    electricity: int
    tradable: bool
    issued: int
    traded: int
    retired: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole registry: metered Wh of issued leaves = 1,000,000 * issued + carry (I4); one row, `id` is 1."""

    id: int = 1
    metered_wh: int = 0
    carry_wh: int = 0
    issued: int = 0
    retired: int = 0


# Attribute of State -> (value, its key's fields). The order satisfies foreign keys.
ENTITIES: Final[dict[str, tuple[type[Any], tuple[str, ...]]]] = {
    "accounts": (Account, ("address",)),
    "projects": (Project, ("id",)),
    "filings": (Filing, ("project", "version")),
    "commitments": (Commitment, ("id",)),
    "chunks": (Chunk, ("commitment", "chunk")),
    "lanes": (LaneAccount, ("project", "electricity")),
    "batches": (Batch, ("id",)),
    "segments": (Segment, ("batch", "start")),
    "steps": (Step, ("position",)),
    "listings": (Listing, ("id",)),
    "trades": (Trade, ("id",)),
    "retirements": (Retirement, ("position",)),
    "balances": (Balance, ("account",)),
    "tallies": (Tally, ("month", "province", "technology", "electricity", "tradable")),
    "totals": (Totals, ("id",)),
}


def key_of(kind: str, value: object) -> Any:
    """A value's key in its dict of State: one field bare, several as a tuple."""
    names = ENTITIES[kind][1]
    return getattr(value, names[0]) if len(names) == 1 else tuple(getattr(value, name) for name in names)


@dataclass(slots=True)
class State:
    """Everything known, or the part of it that some events touch. Only the fold writes here.

    `cuts` holds the sorted starts of batches that are cut; a batch without an entry is one segment from 0.
    `provinces` maps a province to its one account (Q87). `transfers` are ERC-2309 logs still owed (+) or not yet
    explained (-) within `transaction`.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    projects: dict[int, Project] = field(default_factory=dict)
    filings: dict[tuple[int, int], Filing] = field(default_factory=dict)
    commitments: dict[int, Commitment] = field(default_factory=dict)
    chunks: dict[tuple[int, int], Chunk] = field(default_factory=dict)
    lanes: dict[tuple[int, int], LaneAccount] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    segments: dict[tuple[int, int], Segment] = field(default_factory=dict)
    steps: dict[int, Step] = field(default_factory=dict)
    listings: dict[int, Listing] = field(default_factory=dict)
    trades: dict[int, Trade] = field(default_factory=dict)
    retirements: dict[int, Retirement] = field(default_factory=dict)
    balances: dict[str, Balance] = field(default_factory=dict)
    tallies: dict[tuple[int, int, int, int, bool], Tally] = field(default_factory=dict)
    totals: dict[int, Totals] = field(default_factory=lambda: {1: Totals()})
    cuts: dict[int, list[int]] = field(default_factory=dict)
    provinces: dict[int, str] = field(default_factory=dict)
    transfers: dict[tuple[int, int, str, str], int] = field(default_factory=dict)
    transaction: str = ""

    def segments_of(self, batch: int) -> list[Segment]:
        """The known segments of a batch, in order."""
        return [self.segments[batch, start] for start in self.cuts.get(batch, (0,)) if (batch, start) in self.segments]

    def segment_at(self, batch: int, serial: int) -> Segment | None:
        """The segment that holds a serial, or None where none is known."""
        starts = self.cuts.get(batch)
        if starts is None:
            segment = self.segments.get((batch, 0))
        else:
            at = bisect_right(starts, serial)
            segment = self.segments.get((batch, starts[at - 1])) if at else None
        return segment if segment is not None and segment.start <= serial < segment.end else None

    def put_segment(self, segment: Segment) -> None:
        """Adds or replaces the segment that begins at `segment.start`."""
        key = (segment.batch, segment.start)
        if key not in self.segments and (segment.start or segment.batch in self.cuts):
            starts = self.cuts.setdefault(segment.batch, [0] if (segment.batch, 0) in self.segments else [])
            insort(starts, segment.start)
        self.segments[key] = segment

    def put_account(self, account: Account, *, provincial: bool) -> None:
        """Adds or replaces an account; a provincial one becomes the province's."""
        self.accounts[account.address] = account
        if provincial:
            self.provinces[account.province] = account.address
