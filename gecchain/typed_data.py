"""Typed data (EIP-712) as every signed paper of the registry uses it: orders, wishes to read, requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from gecchain.proofs import keccak256

__all__ = ["Types", "digest_of", "recovered", "signable"]

Types = Mapping[str, Sequence[Mapping[str, str]]]
_PARITIES: Final = {b"\x00": b"\x00", b"\x01": b"\x01", b"\x1b": b"\x00", b"\x1c": b"\x01"}


def signable(domain: Mapping[str, Any], types: Types, message: Mapping[str, Any]) -> SignableMessage:
    """What a key signs of a message of these types."""
    return encode_typed_data(dict(domain), {name: list(parts) for name, parts in types.items()}, dict(message))


def digest_of(message: SignableMessage) -> bytes:
    """The 32 bytes that are signed, as a contract computes them."""
    return keccak256(b"\x19" + message.version + message.header + message.body)


def recovered(digest: bytes, signature: bytes) -> str | None:
    """The key that made a signature of 65 bytes, 0x in lower case; None if it is no signature of anybody."""
    parity = _PARITIES.get(signature[-1:])
    if parity is None:
        return None
    try:
        made = Signature(signature_bytes=signature[:-1] + parity)
        return str(made.recover_public_key_from_msg_hash(digest).to_address())
    except (BadSignature, ValidationError, ValueError, TypeError):
        return None
