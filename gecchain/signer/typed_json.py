"""Typed data (EIP-712) as signers take it over JSON-RPC: one document with its domain, types and primary type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["typed_json"]

_DOMAIN: Final = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}


def typed_json(domain: Mapping[str, Any], types: Mapping[str, Any], message: Mapping[str, Any]) -> dict[str, Any]:
    """The document of `eth_signTypedData_v4`: numbers as decimal text, bytes as 0x. ValueError without one root."""
    every = {
        "EIP712Domain": [{"name": name, "type": type_} for name, type_ in _DOMAIN.items() if name in domain],
        **{name: [dict(part) for part in parts] for name, parts in types.items() if name != "EIP712Domain"},
    }
    return {
        "types": every,
        "primaryType": _root(every),
        "domain": _plain(domain),
        "message": _plain(message),
    }


def _root(types: Mapping[str, list[dict[str, str]]]) -> str:
    """The type that no other one has as a part."""
    parts = {part["type"].partition("[")[0] for fields in types.values() for part in fields}
    (root,) = (name for name in types if name not in parts and name != "EIP712Domain")
    return root


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
