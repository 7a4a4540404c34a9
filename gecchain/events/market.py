"""The three ways to the one trade."""

from dataclasses import dataclass

__all__ = [
    "DealCancelled",
    "DealFilled",
    "Listed",
    "Settled",
    "Traded",
    "Withdrawn",
]


@dataclass(frozen=True, slots=True)
class Listed:
    """A range is offered (挂牌, Q43). `price` in fen a certificate; bit i of `platforms` is platform i (Q99)."""

    listing: int
    batch: int
    start: int
    end: int
    seller: str
    price: int
    platforms: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was left of a listing is its seller's again (Q98)."""

    listing: int
    batch: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Traded:
    """The one trade of a range (Q51). `way` is a TradeWay; `listing` is 0 unless it was listed."""

    trade: int
    listing: int
    batch: int
    start: int
    end: int
    seller: str
    buyer: str
    price: int
    platform: str
    way: int


@dataclass(frozen=True, slots=True)
class DealFilled:
    """A bilateral order (双边协商, Q43) was carried out by the trades `first_trade .. last_trade`."""

    deal: str
    first_trade: int
    last_trade: int
    paid_on_platform: bool
    expires: int


@dataclass(frozen=True, slots=True)
class DealCancelled:
    """A bilateral order will not be carried out any more; `by` is the side whose key signed."""

    deal: str
    by: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A green-power contract's month was settled by the trades `first_trade .. last_trade` (Q29, Q46). Energy in Wh,
    `energy_price` in fen per 1000 kWh, apart from the certificates' price.
    """

    contract_id: str
    project: int
    month: int
    first_trade: int
    last_trade: int
    contract_wh: int
    fed_in_wh: int
    consumed_wh: int
    energy_price: int
    exchange: str
