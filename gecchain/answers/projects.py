"""Projects, their filings, and what was metered and issued."""

from pydantic import Field

from gecchain.answers.basis import Answer, Named, PartyAnswer, PlaceAnswer

__all__ = [
    "CcerAnswer",
    "CcerRegistrationAnswer",
    "FilingAnswer",
    "LaneAnswer",
    "MonthAnswer",
    "PlantAnswer",
    "ProjectAnswer",
]


class FilingAnswer(Answer):
    """A version of a project's public filing (Q90 to Q92)."""

    version: int
    state: str
    hash: str
    document: dict[str, object]
    submitted: PlaceAnswer
    reviewed: PlaceAnswer | None
    reason: str


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
    """Energy of one class: metered = 1,000,000 x issued + carry (Q24), but for what disputes take off (Q95)."""

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


class PlantAnswer(Answer):
    """A project with the filing in force or, before its first approval, the latest."""

    project_code: str
    name: str
    location: str
    type: Named
    technology: Named
    province: Named
    owner: PartyAnswer
    state: str = Field(description="approved, or where the first filing stands: submitted, sent_back")
    version: int = Field(description="Of the filing that is shown")
    capacity_kw: int
    in_operation: str
    market_based: bool
    ccer: bool = Field(description="Turned to CCER: what is untraded stands still (Q66)")
    certificates: int
    filing_hash: str


class CcerRegistrationAnswer(Answer):
    """Registered emission reductions of the months `[from, to)` (Q79, Q80)."""

    number: str
    period_from: str
    period_to: str


class CcerAnswer(Answer):
    """Whether a project turned to CCER (Q12, Q66), until when projects can, and what was registered."""

    chosen: bool
    choice_ends: str | None
    registrations: list[CcerRegistrationAnswer]
