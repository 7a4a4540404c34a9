"""What is on sale, what was traded, and what was retired."""

from pydantic import Field

from gecchain.answers.basis import Answer, Named, PartyAnswer, PlaceAnswer, RangeAnswer

__all__ = [
    "ClaimAnswer",
    "DealAnswer",
    "ListingAnswer",
    "RetirementAnswer",
    "SettlementAnswer",
    "TradeAnswer",
    "UndoneAnswer",
]


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


class ClaimAnswer(Answer):
    """What the holder declared with a retirement (Q54). Months `[from, to)`."""

    beneficiary: str
    purpose: Named | None
    period_from: str | None
    period_to: str | None
    statement: str


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


class DealAnswer(Answer):
    """A bilateral order (双边协商, Q43) that was filled or cancelled, with its trades."""

    deal: str
    status: Named
    paid_on_platform: bool | None
    trades: list[str]
    ranges: list[RangeAnswer]
    place: PlaceAnswer


class SettlementAnswer(Answer):
    """A settled month of a green-power contract (绿色电力交易, Q29, Q46). Energy in Wh, prices in fen."""

    contract: str
    project_code: str
    project_name: str
    month: str
    contract_wh: str
    fed_in_wh: str
    consumed_wh: str
    energy_price_fen: str
    attribute_price_fen: str | None
    certificates: int
    trades: list[str]
    ranges: list[RangeAnswer]
    place: PlaceAnswer
