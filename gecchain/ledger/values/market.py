"""Listings, trades, bilateral orders and settlements."""

from dataclasses import dataclass

__all__ = ["Deal", "Listing", "Settlement", "Trade", "UndoneTrade"]


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
    """The one trade of a range (Q51); `price` in fen a certificate, `way` a TradeWay.

    `listing` is 0 unless it was listed; `undone` certificates went back (Q53).
    """

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
    way: int
    undone: int = 0


@dataclass(frozen=True, slots=True)
class UndoneTrade:
    """A part of a trade that a case undid (Q53, Q95); identified by its position."""

    position: int
    trade: int
    batch: int
    start: int
    end: int
    buyer: str
    seller: str
    case_id: int


@dataclass(frozen=True, slots=True)
class Deal:
    """A bilateral order that was filled or cancelled (Q43); `id` its EIP-712 hash, `status` a DealStatus.

    Filled by the trades `first_trade .. last_trade`; cancelled for the account `cancelled_by`.
    """

    id: str
    status: int
    first_trade: int
    last_trade: int
    paid_on_platform: bool
    expires: int
    cancelled_by: str
    position: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """A green-power contract's month, settled by the trades `first_trade .. last_trade` (Q29, Q46). Wh and fen."""

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
    position: int
