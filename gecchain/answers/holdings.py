"""Accounts, and who holds which ranges."""

from pydantic import Field

from gecchain.answers.basis import Answer, Named, PartyAnswer, PlaceAnswer, RangeAnswer

__all__ = ["AccountAnswer", "BatchAnswer", "ExpiringAnswer", "HoldingAnswer", "MandateAnswer", "OwnedAnswer"]


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


class MandateAnswer(Answer):
    """The latest mandate of a principal (授权委托, Q36, Q40), in force in `[begins, until)` unless revoked."""

    principal: PartyAnswer
    agent: PartyAnswer
    begins: str
    until: str
    document: str
    in_force: bool
    revoked: bool
    filed: PlaceAnswer


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


class OwnedAnswer(Answer):
    """Certificates of one batch with one holder and one state. Of what has ended, the holder is who ended it."""

    range: RangeAnswer
    holder: PartyAnswer
    state: Named
    traded: bool = Field(description="Whether its one trade is used (Q51)")
    tradable: bool = Field(description="Whether the class may be traded at all")
    electricity: Named
    technology: Named
    province: Named = Field(description="Where the plant is")
    month: str
    expires_at: str
    project_code: str
    project_name: str
    since_block: int = Field(description="Block of the event that made the range what it is")


class BatchAnswer(Answer):
    """What was issued to a project for one month and class, additions included."""

    batch: str
    project_code: str
    project_name: str
    owner: str = Field(description="Account of the project's owner")
    holder: str = Field(description="Account that was issued to: the owner, or the province's (Q47)")
    month: str
    electricity: Named
    tradable: bool
    technology: Named
    province: Named
    count: int
    first_number: str
    last_number: str
    expires_at: str
    issued_block: int
    issued_at: str
    case: int | None = Field(description="The open dispute over it (Q95)")


class ExpiringAnswer(Answer):
    """A range whose validity ends within three months (临期, Q96)."""

    range: RangeAnswer
    holder: str
    state: Named
    month: str
    expires_at: str
