"""The JSON that the API answers, as it stands in the OpenAPI document.

Energy is integer Wh, money integer fen a certificate, months `YYYY-MM`, times UTC (`2026-09-03T06:22:05Z`), ranges half
open. Integers that JavaScript cannot hold exactly (token ids, batches, prices, watt-hours) are decimal text.
"""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "AccountAnswer",
    "Answer",
    "CertificateAnswer",
    "ClaimAnswer",
    "DocumentCheckAnswer",
    "EventAnswer",
    "FilingAnswer",
    "HealthAnswer",
    "HoldingAnswer",
    "LaneAnswer",
    "LaterAnswer",
    "ListingAnswer",
    "MonthAnswer",
    "Named",
    "PageAnswer",
    "PartyAnswer",
    "PlaceAnswer",
    "ProjectAnswer",
    "RangeAnswer",
    "ReadingAnswer",
    "RetirementAnswer",
    "StatisticsAnswer",
    "StatisticsRowAnswer",
    "StepAnswer",
    "TraceAnswer",
    "TraceStepAnswer",
    "TradeAnswer",
    "UndoneAnswer",
    "VerifyAnswer",
]

T = TypeVar("T")


class Answer(BaseModel):
    """Values are made by us out of checked ones, so they are frozen and not looked at again."""

    model_config = ConfigDict(frozen=True)


class Named(Answer):
    """Something of a closed list: its word in JSON and its name in both languages."""

    code: str
    zh: str
    en: str


class PlaceAnswer(Answer):
    """Where on the chain it happened."""

    block: int
    block_hash: str
    transaction: str
    log_index: int
    time: str


class PartyAnswer(Answer):
    """An account by its role. A natural person's name is empty."""

    role: str
    address: str
    name: str


class RangeAnswer(Answer):
    """Certificates `[start, end)` of a batch, with the first and the last number."""

    batch: str
    start: int
    end: int
    count: int
    first_number: str
    last_number: str


class ClaimAnswer(Answer):
    """What the holder declared with a retirement (Q54). Months `[from, to)`."""

    beneficiary: str
    purpose: Named | None
    period_from: str | None
    period_to: str | None
    statement: str


class ReadingAnswer(Answer):
    """The meter reading behind a batch: a leaf of a provider's commitment (Q25)."""

    commitment: int
    leaf: int
    wh: str
    digest: str
    root: str
    leaves: int
    provider: PartyAnswer
    declared: bool
    derived: bool = Field(description="Computed from other figures and not metered, as the provider's name says")
    committed: PlaceAnswer


class FilingAnswer(Answer):
    """A version of a project's public filing (Q90 to Q92)."""

    version: int
    state: str
    hash: str
    document: dict[str, object]
    submitted: PlaceAnswer
    reviewed: PlaceAnswer | None
    reason: str


class ListingAnswer(Answer):
    """An open lot (Q43): `left` is what is still on offer."""

    listing: str
    seller: PartyAnswer
    price_fen: str
    left: RangeAnswer
    listed: PlaceAnswer
    project_code: str
    project_name: str
    technology: Named
    province: Named
    month: str
    expires_at: str
    expired: bool


class UndoneAnswer(Answer):
    """A part of a trade or retirement that a decided case gave back."""

    range: RangeAnswer
    case: int


class TradeAnswer(Answer):
    """The one trade of a range (Q51), what a voucher (Q15) is made of."""

    trade: str
    way: Named
    listing: str | None = Field(description="The lot it was taken from; null for an order or a settlement")
    range: RangeAnswer
    seller: PartyAnswer
    buyer: PartyAnswer
    platform: PartyAnswer | None = Field(description="Null for a green-power settlement")
    price_fen: str
    project_code: str
    project_name: str
    traded: PlaceAnswer
    undone: list[UndoneAnswer] = Field(description="Parts that a decided case gave back (Q53, Q95)")


class RetirementAnswer(Answer):
    """A retired range (Q79), what a retirement sheet (Q81) is made of."""

    retirement: str
    range: RangeAnswer
    holder: PartyAnswer
    reason: Named
    claim: ClaimAnswer | None
    project_code: str
    project_name: str
    retired: PlaceAnswer
    undone: list[UndoneAnswer] = Field(description="Parts that a decided case gave back (Q95)")


class StepAnswer(Answer):
    """One step of a verification. `passed` is null where it was not reached or has nothing to compare."""

    number: int
    name: str
    passed: bool | None
    expected: str
    found: str
    detail: dict[str, str]


class VerifyAnswer(Answer):
    """Whether what was handed in is genuine, and how that was found out (Q18)."""

    claim: str
    verdict: str = Field(description="valid, unknown, tampered, malformed or disputed (store and chain disagree)")
    genuine: bool
    status: str | None = Field(description="held, listed, frozen, retired, deducted or expired")
    traded: bool | None
    number: str | None
    hash: str | None
    token_id: str | None
    steps: list[StepAnswer]
    indexed_block: int | None
    checked_at: str
    page: str | None


class CertificateAnswer(Answer):
    """One certificate with the fields of Q14."""

    number: str
    hash: str
    token_id: str
    batch: str
    serial: int
    batch_count: int
    state: Named
    status: Named
    traded: bool
    tradable: bool
    energy_wh: int
    technology: Named
    project_type: Named
    electricity: Named
    month: str
    valid_until: str
    expires_at: str
    subsidy: str
    project_code: str
    project_name: str
    location: str
    province: Named
    owner: PartyAnswer
    owner_credit_code: str | None
    holder: PartyAnswer | None
    holder_province: Named | None
    reading: ReadingAnswer
    filing: FilingAnswer
    issued: PlaceAnswer
    listing: str | None
    trade: str | None
    retirement: str | None
    case: int | None = Field(description="The open dispute over its batch (Q95)")
    added_by_case: int | None = Field(description="The decided dispute that it was issued from, if not from a reading")
    made_up: list[str] = Field(description="Fields of the filing that were made up for a demonstration")


class TraceStepAnswer(Answer):
    """One event of a certificate's life."""

    kind: Named
    name: Named
    place: PlaceAnswer
    parties: list[PartyAnswer]
    start: int | None
    end: int | None
    case: int | None
    reason: str
    evidence: str | None
    data: dict[str, object]


class TraceAnswer(Answer):
    """The whole way of a certificate, from filing and reading to its end (Q11, Q18)."""

    number: str
    serial: int
    batch_count: int
    derived: bool
    steps: list[TraceStepAnswer]


class MonthAnswer(Answer):
    """What was issued to a project for one month and class."""

    month: str
    electricity: Named
    tradable: bool
    count: int
    derived: bool
    first_number: str
    last_number: str


class LaneAnswer(Answer):
    """Energy of one class: metered = 1,000,000 x issued + carry (Q24)."""

    electricity: Named
    metered_wh: str
    issued: int
    carry_wh: str


class ProjectAnswer(Answer):
    """A project, its filing in force and every version before it (Q90 to Q92)."""

    code: str
    type: Named
    technology: Named
    province: Named
    owner: PartyAnswer
    filing: FilingAnswer | None
    history: list[FilingAnswer]
    energy: list[LaneAnswer]
    months: list[MonthAnswer]
    certificates: int
    latest_month: str | None
    made_up: list[str]


class HoldingAnswer(Answer):
    """A range that an account holds, or held when it was retired."""

    range: RangeAnswer
    state: Named
    traded: bool
    tradable: bool
    electricity: Named
    month: str
    expires_at: str
    project_code: str
    project_name: str


class AccountAnswer(Answer):
    """An account and what it holds in sum (Q84)."""

    address: str
    name: str
    kind: Named
    province: Named | None
    frozen: bool
    closed: bool
    holding: int
    retired: int
    opened: PlaceAnswer


class EventAnswer(Answer):
    """One event of the chain, as its contract logged it; `cursor` continues after it."""

    cursor: str
    kind: str
    place: PlaceAnswer
    data: dict[str, object]


class PageAnswer(Answer, Generic[T]):
    """A part of a list. `next` continues it (`after=`), and is null at the end of what there is now."""

    items: list[T]
    next: str | None


class StatisticsRowAnswer(Answer):
    """Certificates of one group."""

    group: Named
    issued: int
    traded: int
    retired: int


class StatisticsAnswer(Answer):
    """The registry in sum: metered Wh = 1,000,000 x issued + carry."""

    metered_wh: str
    carry_wh: str
    issued: int
    retired: int
    by: str
    rows: list[StatisticsRowAnswer]


class LaterAnswer(Answer):
    """Something that has happened since the block a document is of."""

    name: Named
    place: PlaceAnswer


class DocumentCheckAnswer(Answer):
    """A document as of a block, whether a copy is the same, and what has happened since."""

    kind: str
    code: str
    as_of: int = Field(description="Last block up to the one asked for in which something happened to it")
    as_of_hash: str
    as_of_time: str
    document_sha256: str = Field(description="SHA-256 of the document's canonical data (RFC 8785)")
    sha256: str | None = Field(description="The hash that was asked about")
    verdict: str | None = Field(
        description="same, different, or incomparable (set by another press or sealed with another seal than ours)"
    )
    form: str | None = Field(description="What the copy is if it is the same: data, pdf or sealed_pdf")
    latest: bool = Field(description="Whether nothing has happened to it since")
    since: list[LaterAnswer]


class HealthAnswer(Answer):
    """Where the index stands and, if the node answers, where the chain stands."""

    status: str = Field(description="ok, behind, node-unreachable or empty")
    indexed_block: int | None
    indexed_hash: str | None
    indexed_time: str | None
    chain_head: int | None = Field(description="Asked from the node now; null if it does not answer")
    last_seen_head: int | None = Field(description="The chain's newest block when the indexer last looked")
    lag: int | None = Field(description="Blocks between chain head (or the last seen one) and the index")
    node: str = Field(description="reachable, unreachable or not-configured")
    chain_id: int
    certificates: str
