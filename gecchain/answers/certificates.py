"""A certificate: whether it is genuine, what it says, and its whole way."""

from pydantic import Field

from gecchain.answers.basis import Answer, Named, PartyAnswer, PlaceAnswer
from gecchain.answers.projects import FilingAnswer

__all__ = [
    "ApprovalAnswer",
    "CertificateAnswer",
    "DocumentCheckAnswer",
    "LaterAnswer",
    "ReadingAnswer",
    "StepAnswer",
    "TraceAnswer",
    "TraceStepAnswer",
    "VerifyAnswer",
]


class ApprovalAnswer(Answer):
    """An officer's key that approved a commitment before it was issued from, and where."""

    officer: str
    approved: PlaceAnswer


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
    approvals: list[ApprovalAnswer]


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
