"""What a signer that is not ours signed, taken apart and compared with what it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import rlp
from eth_account import Account
from eth_account.messages import SignableMessage
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.exceptions import RLPException

__all__ = ["compare_transaction", "is_signed_by", "signature_of"]

_NUMBERS: Final = ("nonce", "gasPrice", "gas")
_FIELDS: Final = 9
_SIGNATURE_BYTES: Final = 65
# EIP-2: the other half of the signatures is refused, so that one transaction has one hash.
_HIGHEST_S: Final = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_UNFIT: Final = (RLPException, BadSignature, ValidationError, ValueError, TypeError)


def compare_transaction(raw: bytes, asked: Mapping[str, Any], signer: str) -> str:
    """What is different in a signed transaction, in words; nothing if it is exactly the one that was asked for.

    `asked` has chainId, nonce, gas, gasPrice, value, data (0x hex) and to (0x, or empty to create a contract). Only a
    transaction with the chain in its signature (EIP-155) is taken, the kind that all of ours are.
    """
    try:
        fields = rlp.decode(raw)
    except RLPException:
        return "it is no transaction of the kind that was asked for"
    if not _is_flat(fields):
        return "it is no transaction of the kind that was asked for"
    *words, v, _r, s = fields
    wanted = _words(asked)
    for name, found, expected in zip((*_NUMBERS, "to", "value", "data"), words, wanted, strict=True):
        if found != expected:
            return f"{name} is {_shown(found)}, asked was {_shown(expected)}"
    if int.from_bytes(v, "big") - 35 - 2 * int(asked["chainId"]) not in (0, 1):
        return f"it is not for the chain {asked['chainId']}"
    if int.from_bytes(s, "big") > _HIGHEST_S:
        return "its signature is not the one of two that counts (EIP-2)"
    found = _recovered(raw)
    return "" if found.lower() == signer.lower() else f"it is signed by {found or 'nobody'}, asked was {signer}"


def is_signed_by(message: SignableMessage, signature: bytes, signer: str) -> bool:
    """Whether a signature of 65 bytes is this key's over this message."""
    if len(signature) != _SIGNATURE_BYTES or int.from_bytes(signature[32:64], "big") > _HIGHEST_S:
        return False
    try:
        return str(Account.recover_message(message, signature=signature)).lower() == signer.lower()
    except _UNFIT:
        return False


def signature_of(answer: bytes) -> bytes:
    """A signature with v as 27 or 28, as contracts read it; some signers say 0 or 1."""
    if len(answer) == _SIGNATURE_BYTES and answer[-1] in (0, 1):
        return answer[:-1] + bytes([answer[-1] + 27])
    return answer


def _is_flat(fields: Any) -> bool:
    return isinstance(fields, Sequence) and len(fields) == _FIELDS and all(isinstance(one, bytes) for one in fields)


def _words(asked: Mapping[str, Any]) -> list[bytes]:
    """The fields as they stand in a transaction: numbers without leading zeroes."""
    nonce, price, gas = (_number(asked[name]) for name in _NUMBERS)
    to, data = (bytes.fromhex(str(asked[name]).removeprefix("0x")) for name in ("to", "data"))
    return [nonce, price, gas, to, _number(asked["value"]), data]


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def _shown(word: bytes) -> str:
    return f"0x{word[:32].hex()}{'…' if len(word) > 32 else ''}"


def _recovered(raw: bytes) -> str:
    try:
        return str(Account.recover_transaction(raw))
    except _UNFIT:
        return ""
