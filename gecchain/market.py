"""Write path of the market: list a range, withdraw lots, take from one or several (挂牌、撤牌、摘牌, Q43, Q98)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from gecchain.chain.codec import decode_log
from gecchain.chain.deployment import Deployment
from gecchain.chain.items import GAS_PER_CALL, GAS_PER_RANGE, chunks, events_in, refusals_in
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof, Refused
from gecchain.events import Listed, Traded, Withdrawn
from gecchain.rules import Range, certificates

__all__ = [
    "Done",
    "Offer",
    "Order",
    "Withdrawal",
    "list_range",
    "plan_across",
    "take",
    "take_across",
    "take_many",
    "withdraw",
    "withdraw_many",
]

_LOTS_A_CALL: Final = 100

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


@dataclass(frozen=True, slots=True)
class Offer:
    """A lot on sale: so many certificates are left, at `price` fen each."""

    listing: int
    left: int
    price: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What became of a lot that was to be withdrawn: the event, or why not, with what to do about it."""

    listing: int
    transaction: str
    block: int
    event: Withdrawn | None
    why: str = ""
    reason: str = ""
    remedy: str = ""


def list_range(
    seller: Writer, deployment: Deployment, batch: int, serials: Range, price: int, platforms: int, *, key: str
) -> Done:
    """Put serials of a batch on sale at `price` fen a certificate; `platforms` is the bit set of those who may sell."""
    what = f"listing {certificates(len(serials))}"
    args = [batch, serials.start, serials.end, price, platforms]
    return _done(seller.send(Action.call(what, "Market", deployment.market, "list", args, key=key)), Listed)


def withdraw(seller: Writer, deployment: Deployment, listing: int) -> Done:
    """Take what is left of a lot off sale."""
    what = f"withdrawing lot {listing}"
    return _done(seller.send(Action.call(what, "Market", deployment.market, "withdraw", [listing])), Withdrawn)


def withdraw_many(seller: Writer, deployment: Deployment, listings: Sequence[int]) -> list[Withdrawal]:
    """Take many lots off sale, 100 a transaction; one that is refused stops none of the others."""
    done: list[Withdrawal] = []
    for some in chunks(list(dict.fromkeys(listings)), _LOTS_A_CALL):
        what = f"withdrawing {len(some)} lots"
        gas = GAS_PER_CALL + len(some) * GAS_PER_RANGE
        action = Action.call(what, "Market", deployment.market, "withdrawAll", [some], gas=gas)
        done += _withdrawals(seller.send(action), some)
    return done


def _withdrawals(receipt: Receipt, listings: Sequence[int]) -> list[Withdrawal]:
    refused = refusals_in(receipt)
    events = {event.listing: event for event in events_in(receipt, Withdrawn)}
    return [
        Withdrawal(listing, receipt.transaction, receipt.block, events.get(listing), *refused.get(place, ()))
        for place, listing in enumerate(listings)
    ]


def plan_across(offers: Iterable[Offer], quantity: int) -> list[Offer]:
    """The cheapest lots (of the same price the oldest) that hold `quantity` together. Refused when there are fewer."""
    chosen, left = [], quantity
    for offer in sorted(offers, key=lambda offer: (offer.price, offer.listing)):
        if left <= 0:
            break
        chosen.append(offer)
        left -= offer.left
    if left > 0:
        raise Refused(
            f"only {quantity - left:,} of {quantity:,} certificates are on sale there",
            reason="QuantityNotMet",
            remedy="Take less; see gec market listings.",
        )
    return chosen


def take_across(
    platform: Writer, deployment: Deployment, account: str, order: Order, lots: Sequence[int]
) -> list[Done]:
    """Sell a quantity from several lots of one seller in their order, all or nothing; `order.listing` is not used."""
    what = f"taking {certificates(order.quantity)} from {len(lots)} lots"
    args = [list(lots), order.quantity, order.buyer, account]
    receipt = platform.send(Action.call(what, "Market", deployment.market, "takeAcross", args, key=order.key))
    return [Done(event, receipt.transaction, receipt.block) for event in events_in(receipt, Traded)]


def take(platform: Writer, deployment: Deployment, account: str, order: Order) -> Done:
    """Sell part or all of a lot to a buyer, as the platform whose account is `account`."""
    return take_many(platform, deployment, account, [order])[0]


def take_many(platform: Writer, deployment: Deployment, account: str, orders: Sequence[Order]) -> list[Done]:
    """Sell to many buyers, many in flight; the orders must not depend on each other's place in the lot."""
    actions = (
        Action.call(
            f"taking {certificates(order.quantity)} of lot {order.listing}",
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
