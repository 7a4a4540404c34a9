"""What queries answer about certificates, accounts, projects and the market as they stand."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

from gecchain.ledger import (
    Account,
    Addition,
    Balance,
    Batch,
    Case,
    Commitment,
    Filing,
    LaneAccount,
    Listing,
    Project,
    Retirement,
    Segment,
    Trade,
    UndoneRetirement,
    UndoneTrade,
)
from gecchain.rules.numbers import number_of, token_id
from gecchain.rules.purposes import CertificateState

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
    """A commitment, where it was made, and the officers who approved it, each with the place of the approval."""

    commitment: Commitment
    provider: Account | None
    place: Place
    approvals: tuple[tuple[str, Place], ...]


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
    `shown` is the state that people see: frozen for what is untraded while its project turned to CCER. `addition` is
    not None where a case added the certificate: its `basis` and `case_id` stand in its facts for root and leaf, and
    `leaf` and `commitment` are those of the month's reading. `case` is the open dispute over its batch.
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
    shown: CertificateState
    addition: Addition | None
    case: Case | None


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One event of a certificate's life. `kind` is one of five (organised after ITU-T F.751.14; the mapping is ours).

    `name` is the event in snake case; `start`, `end` the range it acted on (None where it is about more than
    certificates); `data` the event as JSON, for `issued` reduced to this batch. `case_id` is the dispute it belongs to,
    `reason` why it was done in the actor's words (or empty), `evidence` the hash of what it was based on, if any.
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
    case_id: int | None
    reason: str
    evidence: str | None


@dataclass(frozen=True, slots=True)
class CertificateTrace:
    """The whole way of a certificate, how many its batch has, and what says whether its reading is derived.

    `provider` is who provided the reading, or empty; `filing` the document in force when the batch was issued.
    """

    steps: tuple[TraceStep, ...]
    batch_count: int
    provider: str
    filing: dict[str, object]


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

    @property
    def first_number(self) -> str:
        """The number of its first certificate."""
        return number_of(token_id(self.segment.batch, self.segment.start))

    @property
    def last_number(self) -> str:
        """The number of its last certificate."""
        return number_of(token_id(self.segment.batch, self.segment.end - 1))


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
    """A trade, what the voucher (交易凭证, Q15) is made of; `undone` are the parts that went back, oldest first."""

    trade: Trade
    seller: Account | None
    buyer: Account | None
    platform: Account | None
    project_code: str
    project_name: str
    place: Place
    undone: tuple[UndoneTrade, ...]

    @property
    def first_number(self) -> str:
        """The number of its first certificate."""
        return number_of(token_id(self.trade.batch, self.trade.start))

    @property
    def last_number(self) -> str:
        """The number of its last certificate."""
        return number_of(token_id(self.trade.batch, self.trade.end - 1))


@dataclass(frozen=True, slots=True)
class RetirementView:
    """A retirement, what the sheet (核销信息表, Q81) is made of; `undone` are the parts that were given back."""

    retirement: Retirement
    holder: Account | None
    project_code: str
    project_name: str
    place: Place
    undone: tuple[UndoneRetirement, ...]

    @property
    def first_number(self) -> str:
        """The number of its first certificate."""
        return number_of(token_id(self.retirement.batch, self.retirement.start))

    @property
    def last_number(self) -> str:
        """The number of its last certificate."""
        return number_of(token_id(self.retirement.batch, self.retirement.end - 1))


@dataclass(frozen=True, slots=True)
class StatisticsRow:
    """Certificates by the asked-for grouping; a group's unasked fields are None."""

    month: int | None
    province: int | None
    technology: int | None
    issued: int
    traded: int
    retired: int
    deducted: int


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
