"""Write path of the market: list a range, withdraw a lot, take part or all of it (挂牌、撤牌、摘牌, Q43, Q98)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from gecchain.chain.codec import decode_log
from gecchain.chain.deployment import Deployment
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof
from gecchain.events import Listed, Traded, Withdrawn
from gecchain.rules import Range

__all__ = ["Done", "Order", "list_range", "take", "take_many", "withdraw"]

_E = TypeVar("_E", Listed, Traded, Withdrawn)


@dataclass(frozen=True, slots=True)
class Done:
    """An event that was caused, and the transaction and block that hold it."""

    event: Listed | Traded | Withdrawn
    transaction: str
    block: int


@dataclass(frozen=True, slots=True)
class Order:
    """A purchase from a lot: `quantity` certificates for the account `buyer`. `key` names it; it is done once."""

    listing: int
    quantity: int
    buyer: str
    key: str


def list_range(
    seller: Writer, deployment: Deployment, batch: int, serials: Range, price: int, platforms: int, *, key: str
) -> Done:
    """Put serials of a batch on sale at `price` fen a certificate; `platforms` is the bit set of those who may sell."""
    what = f"listing {len(serials)} certificates"
    args = [batch, serials.start, serials.end, price, platforms]
    return _done(seller.send(Action.call(what, "Market", deployment.market, "list", args, key=key)), Listed)


def withdraw(seller: Writer, deployment: Deployment, listing: int) -> Done:
    """Take what is left of a lot off sale."""
    what = f"withdrawing lot {listing}"
    return _done(seller.send(Action.call(what, "Market", deployment.market, "withdraw", [listing])), Withdrawn)


def take(platform: Writer, deployment: Deployment, account: str, order: Order) -> Done:
    """Sell part or all of a lot to a buyer, as the platform whose account is `account`."""
    return take_many(platform, deployment, account, [order])[0]


def take_many(platform: Writer, deployment: Deployment, account: str, orders: Sequence[Order]) -> list[Done]:
    """Sell to many buyers, many in flight; the orders must not depend on each other's place in the lot."""
    actions = (
        Action.call(
            f"taking {order.quantity} certificates of lot {order.listing}",
            "Market",
            deployment.market,
            "take",
            [order.listing, order.quantity, order.buyer, account],
            key=order.key,
        )
        for order in orders
    )
    return [_done(receipt, Traded) for receipt in platform.send_all(actions)]


def _done(receipt: Receipt, kind: type[_E]) -> Done:
    for log in receipt.logs:
        event = decode_log(log["topics"], log["data"])
        if isinstance(event, kind):
            return Done(event, receipt.transaction, receipt.block)
    raise BrokenProof(f"the transaction {receipt.transaction} caused no {kind.__name__}", where=receipt.transaction)
