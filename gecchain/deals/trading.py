"""What is done with an order: sign it, carry it out from what the seller holds, cancel it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gecchain.chain.deployment import Deployment
from gecchain.chain.holdings import Piece, Wish, batches_of, choose, held
from gecchain.chain.items import events_in, logs_naming
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Writer
from gecchain.deals.order import DEAL_TYPES, Deal, SignedDeal, digest_of, domain_of, message_of
from gecchain.errors import BadInput, BrokenProof, Refused
from gecchain.events import DealCancelled, DealFilled
from gecchain.rules import BatchKey, DealStatus, Electricity, Range, certificates, expires_at
from gecchain.signer import Signer

__all__ = ["Filled", "cancel", "choose_ranges", "fill", "sign", "status_of"]


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of an order: trades `[first_trade, last_trade]`. `transaction` is empty if it was filled before."""

    event: DealFilled
    transaction: str = ""
    block: int = 0


def sign(order: SignedDeal, signer: Signer, reader: Reader) -> SignedDeal:
    """The order with the signature of each side for which this key acts now. Refused if it acts for neither."""
    deal = order.deal
    sides = (deal.seller, deal.buyer)
    actors = reader.views([View("registry", "actorOf", (account,)) for account in sides])
    selling, buying = (str(actor).lower() == signer.address.lower() for (actor,) in actors)
    if not (selling or buying):
        raise Refused(
            f"the key {signer.address} acts for neither side of the order",
            reason="MayNotAct",
            remedy="Sign with the key of the seller's or the buyer's operator, or of its agent.",
        )
    signature = signer.sign_typed(domain_of(order), DEAL_TYPES, message_of(deal))
    return replace(
        order,
        seller_signature=signature if selling else order.seller_signature,
        buyer_signature=signature if buying else order.buyer_signature,
    )


def status_of(reader: Reader, order: SignedDeal) -> DealStatus:
    """What became of an order so far."""
    return DealStatus.of_number(int(reader.view(View("market", "statusOf", (digest_of(order),)))[0]))


def choose_ranges(reader: Reader, deal: Deal) -> list[Piece]:
    """Ranges of what the seller holds and may still trade, by month and serial, `quantity` in all: all or nothing.

    Refused when the seller does not hold as many of what the order names.
    """
    batches = [deal.batch] if deal.batch else batches_of(reader, [deal.project], [(Electricity.ON_GRID, True)])[0]
    within = Range(deal.start, deal.end) if deal.end else None
    found: list[Piece] = []
    for batch in _valid(reader, batches):
        found += held(reader, [Wish(batch, deal.seller, deal.quantity, untraded=True, within=within)])[0]
        if sum(len(piece.serials) for piece in found) >= deal.quantity:
            return choose(found, deal.quantity)[0]
    there = sum(len(piece.serials) for piece in found)
    raise Refused(
        f"the order is over {deal.quantity:,} certificates; of those it names the seller holds {there:,} that can be "
        "traded",
        reason="QuantityNotMet",
        remedy="Withdraw what is listed, or make an order for what there is.",
    )


def fill(platform: Writer, reader: Reader, order: SignedDeal) -> Filled:
    """Carry an order out, as the platform that it names. One that was filled before is not filled again.

    BadInput while a signature is missing; Refused with the contract's error in words.
    """
    platform.resume()
    digest = digest_of(order)
    if status_of(reader, order) is DealStatus.FILLED:
        return Filled(logs_naming(reader, "market", DealFilled, [int.from_bytes(digest, "big")])[0])
    for side in ("seller", "buyer"):
        if not getattr(order, f"{side}_signature"):
            raise BadInput(
                f"the {side} has not signed", field=f"{side}_signature", remedy="Let it sign with gec market sign."
            )
    ranges = [piece.as_struct() for piece in choose_ranges(reader, order.deal)]
    args = [order.deal.as_struct(), ranges, order.seller_signature, order.buyer_signature]
    what = f"filling the order over {certificates(order.deal.quantity)}"
    receipt = platform.send(Action.call(what, "Market", reader.deployment.market, "fill", args))
    for event in events_in(receipt, DealFilled):
        return Filled(event, receipt.transaction, receipt.block)
    raise BrokenProof(f"the transaction {receipt.transaction} filled no order", where=receipt.transaction)


def cancel(party: Writer, deployment: Deployment, order: SignedDeal) -> tuple[DealCancelled, str, int]:
    """Cancel an order that is not filled, as its seller or buyer: the event, its transaction and block."""
    what = f"cancelling the order over {certificates(order.deal.quantity)}"
    key = "cancel:" + digest_of(order).hex() + party.sender.lower()
    receipt = party.send(Action.call(what, "Market", deployment.market, "cancel", [order.deal.as_struct()], key=key))
    for event in events_in(receipt, DealCancelled):
        return event, receipt.transaction, receipt.block
    raise BrokenProof(f"the transaction {receipt.transaction} cancelled no order", where=receipt.transaction)


def _valid(reader: Reader, batches: Sequence[int]) -> list[int]:
    """Those that are not past their validity at the newest block."""
    now = reader.blocks([reader.head()])[0].time
    return [batch for batch in batches if expires_at(BatchKey.from_id(batch).month) > now]
