"""What queries answer: frozen values, made of the ledger's own where those say it already.

Energy is Wh, money fen, times UTC seconds, months count from 1900-01, ranges are half open, addresses and words are
lower-case hex text. Enumerations stay the numbers of the chain; `gecchain.rules` names them.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from gecchain.ledger import (
    Account,
    Balance,
    Batch,
    Commitment,
    Filing,
    LaneAccount,
    Listing,
    Project,
    Retirement,
    Segment,
    Trade,
)

__all__ = [
    "AccountView",
    "CertificateView",
    "CommitmentView",
    "EventView",
    "FilingView",
    "Health",
    "HoldingView",
    "LeafView",
    "ListingView",
    "Page",
    "Party",
    "Place",
    "ProjectView",
    "RetirementView",
    "StatisticsRow",
    "TraceKind",
    "TraceStep",
    "TradeView",
]

T = TypeVar("T")
TraceKind: TypeAlias = Literal["production", "trading", "transmission", "consumption", "settlement"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order. `next` is the opaque cursor to hand in as `after`, None at the end of what there is now."""

    items: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the chain something happened."""

    block: int
    block_hash: str
    log_index: int
    transaction: str
    time: int

    @property
    def position(self) -> int:
        """The place as one integer (see `gecchain.events.Recorded.position`)."""
        return self.block << 24 | self.log_index


@dataclass(frozen=True, slots=True)
class Party:
    """Someone who takes part, by role (`owner`, `provider`, `seller`, `buyer`, ...). A person's name is empty."""

    role: str
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class LeafView:
    """The reading behind a batch. `index` counts over the commitment; `word` is the 256-bit leaf of the tree."""

    index: int
    chunk: int
    word: int
    project: int
    electricity: int
    wh: int
    digest: str


@dataclass(frozen=True, slots=True)
class CommitmentView:
    """A commitment and where it was made."""

    commitment: Commitment
    provider: Account | None
    place: Place


@dataclass(frozen=True, slots=True)
class FilingView:
    """A version of a filing; `document` is the parsed public filing, `filing.document` its canonical text."""

    filing: Filing
    document: dict[str, object]
    submitted: Place
    reviewed: Place | None


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project; `filing` is the version in force (None before the first approval), `history` all, oldest first."""

    project: Project
    code: str
    owner: Account | None
    filing: FilingView | None
    history: tuple[FilingView, ...]
    lanes: tuple[LaneAccount, ...]
    certificates: int
    latest_month: int | None


@dataclass(frozen=True, slots=True)
class CertificateView:
    """One certificate (Q14). `filing` is the version in force when it was issued.

    `segment` says who holds it, its state and whether it was traded; `expires_at` is the first second at which it is
    no longer valid; `readings_root`, `leaf.index` and the filing's hash are its facts.
    """

    token_id: int
    number: str
    serial: int
    month: int
    electricity: int
    tradable: bool
    expires_at: int
    batch: Batch
    segment: Segment
    project: Project
    project_code: str
    filing: FilingView
    owner: Account | None
    holder: Account | None
    commitment: CommitmentView
    leaf: LeafView
    issued: Place
    listing: Listing | None
    trade: Trade | None
    retirement: Retirement | None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One event of a certificate's life. `kind` is one of five (organised after ITU-T F.751.14; the mapping is ours).

    `name` is the event in snake case; `start`, `end` the range it acted on (None where it is about more than
    certificates); `data` the event as JSON, for `issued` reduced to this batch.
    """

    kind: TraceKind
    name: str
    time: int
    block: int
    block_hash: str
    transaction: str
    log_index: int
    parties: tuple[Party, ...]
    start: int | None
    end: int | None
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account and what it holds in sum."""

    account: Account
    balance: Balance
    opened: Place


@dataclass(frozen=True, slots=True)
class HoldingView:
    """A range that an account holds, or held when it was retired."""

    segment: Segment
    project_code: str
    project_name: str
    month: int
    electricity: int
    tradable: bool
    expires_at: int
    first_number: str
    last_number: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One event in the chain's total order; `cursor` continues after it."""

    cursor: str
    kind: str
    place: Place
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class ListingView:
    """An offer with its project; `listing.left .. left_end` is still on offer."""

    listing: Listing
    seller: Account | None
    project_code: str
    project_name: str
    month: int
    technology: int
    province: int
    expires_at: int
    place: Place


@dataclass(frozen=True, slots=True)
class TradeView:
    """A trade, what the voucher (交易凭证, Q15) is made of."""

    trade: Trade
    seller: Account | None
    buyer: Account | None
    platform: Account | None
    project_code: str
    project_name: str
    first_number: str
    last_number: str
    place: Place


@dataclass(frozen=True, slots=True)
class RetirementView:
    """A retirement, what the sheet (核销信息表, Q81) is made of."""

    retirement: Retirement
    holder: Account | None
    project_code: str
    project_name: str
    first_number: str
    last_number: str
    place: Place


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """Certificates by the asked-for grouping; a group's unasked fields are None."""

    month: int | None
    province: int | None
    technology: int | None
    issued: int
    traded: int
    retired: int


@dataclass(frozen=True, slots=True)
class Health:
    """Where the index stands. `head` is the chain's newest block when the indexer last looked."""

    block: int
    hash: str
    time: int
    head: int

    @property
    def lag(self) -> int:
        """Blocks that the index is behind that head."""
        return max(self.head - self.block, 0)
