"""Calls that their callers signed and somebody else sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from bench.gas.chain import NOW
from bench.gas.entry import MANY, ONE_OF_MANY, Lines
from bench.gas.lots import WHOLE, Lot
from bench.gas.registry import CLAIM, HASH, Registry
from gecchain.chain.contracts import calldata

__all__ = ["LINES"]

LINES: Final = Lines()
_GAS: Final = 500_000
_DEADLINE: Final = NOW + 30 * 86_400
_TYPES: Final = {
    "EIP712Domain": [
        {"name": "name", "type": "string"},
        {"name": "version", "type": "string"},
        {"name": "chainId", "type": "uint256"},
        {"name": "verifyingContract", "type": "address"},
    ],
    "Request": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "gas", "type": "uint256"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint64"},
        {"name": "data", "type": "bytes"},
    ],
}


def _requests(ours: Registry, batches: Sequence[int], lot: Lot) -> list[tuple[Any, ...]]:
    """To retire the lot of each batch."""
    made = []
    for number, batch in enumerate(batches):
        data = calldata("Certificates", "retire", (batch, lot.start, lot.end, CLAIM))
        nonce = int.from_bytes(HASH, "big") + number
        made.append((ours.chain.sender, ours.deployment.certificates, _GAS, nonce, _DEADLINE, data))
    return made


def _signature(ours: Registry, request: tuple[Any, ...]) -> bytes:
    """By the node's key."""
    names = [field["name"] for field in _TYPES["Request"]]
    typed = {
        "domain": {
            "name": "gecchain Relay",
            "version": "1",
            "chainId": ours.deployment.chain_id,
            "verifyingContract": ours.deployment.relay,
        },
        "types": _TYPES,
        "primaryType": "Request",
        "message": {**dict(zip(names, request, strict=True)), "nonce": hex(request[3])},
    }
    answer = str(ours.chain.rpc.request("eth_signTypedData_v4", ours.chain.sender, typed))
    return bytes.fromhex(answer.removeprefix("0x"))


def _relayed(ours: Registry, batches: Sequence[int], lot: Lot) -> int:
    requests = _requests(ours, batches, lot)
    signatures = [_signature(ours, request) for request in requests]
    structs = [(*request[:5], bytes.fromhex(request[5][2:])) for request in requests]
    return ours.relayed(structs, signatures)


@LINES.entry("Relay.relay", parts=(WHOLE,), note="one request, to retire")
def relay(ours: Registry, lot: Lot) -> int:
    return _relayed(ours, [ours.issued(lot.batch)], lot)


@LINES.entry("Relay.relay", parts=(WHOLE,), note=f"{ONE_OF_MANY}, to retire", batches=MANY)
def relay_many(ours: Registry, lot: Lot) -> int:
    return _relayed(ours, ours.issued_many(MANY, lot.batch), lot)
