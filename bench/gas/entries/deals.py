"""Bilateral orders, signed by both sides, and the settlement of green-power contracts."""

from __future__ import annotations

from typing import Any, Final

from bench.gas.chain import NOW
from bench.gas.entry import MANY, ONE_OF_MANY, Lines
from bench.gas.lots import MIDDLE, WHOLE, Lot
from bench.gas.registry import BUYER, HASH, MONTH, OWNER, PLATFORM, Registry
from gecchain.deals.order import DEAL_TYPES, Deal, SignedDeal, domain_of, message_of
from gecchain.rules import BatchKey

__all__ = ["LINES"]

LINES: Final = Lines()
_WH: Final = 1_000_000
_DOMAIN_TYPE: Final = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def _order(batch: int, lot: Lot) -> Deal:
    """Any of the batch, as many as the lot has, from the owner to the buyer."""
    project = BatchKey.from_id(batch).project
    nonce = int.from_bytes(HASH, "big")
    return Deal(OWNER, BUYER, project, batch, 0, 0, lot.certificates, 350, PLATFORM, True, NOW + 30 * 86_400, nonce)


def _signature(ours: Registry, deal: Deal) -> bytes:
    """By the node's key, which acts for seller and buyer."""
    domain = domain_of(SignedDeal(ours.deployment.chain_id, ours.deployment.market, deal))
    typed = {
        "domain": domain,
        "types": {"EIP712Domain": _DOMAIN_TYPE, **DEAL_TYPES},
        "primaryType": "Deal",
        "message": {**message_of(deal), "nonce": hex(deal.nonce)},
    }
    answer = str(ours.chain.rpc.request("eth_signTypedData_v4", ours.chain.sender, typed))
    return bytes.fromhex(answer.removeprefix("0x"))


@LINES.entry("Market.fill", parts=(WHOLE, MIDDLE), note="signed by both sides")
def fill(ours: Registry, lot: Lot) -> int:
    batch = ours.issued(lot.batch)
    deal = _order(batch, lot)
    signature = _signature(ours, deal)
    ranges = [(batch, lot.start, lot.end)]
    return ours.call("Market", "fill", deal.as_struct(), ranges, signature, signature)


@LINES.entry("Market.cancel")
def cancel(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "cancel", _order(ours.issued(lot.batch), lot).as_struct())


def _settlement(batch: int, lot: Lot) -> tuple[Any, ...]:
    """A contract's month of which all that was consumed moves, and a little was fed in that nobody consumed."""
    project = BatchKey.from_id(batch).project
    consumed = lot.certificates * _WH
    energy = (2 * consumed, consumed + 123_456, consumed)
    return HASH, project, MONTH.index, BUYER, *energy, 350, 38_000, [(batch, lot.start, lot.end)]


@LINES.entry("Market.settle", parts=(WHOLE, MIDDLE), note="one contract")
def settle(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "settle", [_settlement(ours.issued(lot.batch), lot)])


@LINES.entry("Market.settle", parts=(WHOLE,), note=ONE_OF_MANY, batches=MANY)
def settle_many(ours: Registry, lot: Lot) -> int:
    return ours.call("Market", "settle", [_settlement(batch, lot) for batch in ours.issued_many(MANY, lot.batch)])
