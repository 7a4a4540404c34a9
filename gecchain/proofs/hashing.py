"""Keccak-256, canonical JSON, and the digests that tie documents to the chain.

The hash is the chain's own. It comes from eth-hash with the C back end `pysha3`, named outright: the one that eth-hash
would pick by itself takes about six times as long for a Merkle node.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import rfc8785
from eth_hash.backends.pysha3 import backend

from gecchain.errors import BadInput

__all__ = ["DIGEST_BYTES", "JsonValue", "canonical_json", "document_hash", "keccak256", "record_digest"]

JsonValue = None | bool | int | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]

DIGEST_BYTES: Final = 17


def keccak256(data: bytes | bytearray) -> bytes:
    """Keccak-256 as the chain computes it: 32 bytes."""
    return backend.keccak256(data)


def canonical_json(value: JsonValue) -> bytes:
    """UTF-8 JSON in the one form of RFC 8785. No floats: energy, money and places are integers or strings.

    BadInput for floats, integers beyond 2^53, and whatever JSON does not know.
    """
    _without_floats(value)
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise BadInput(f"No canonical JSON: {error}", field="document") from None


def document_hash(document: bytes) -> bytes:
    """Keccak-256 of a document's canonical bytes: of a public filing, the filing hash that the contract computes."""
    return keccak256(document)


def record_digest(record: bytes) -> bytes:
    """First 17 bytes of keccak-256 over a reading's canonical JSON: what a leaf has room for (136 bits)."""
    return keccak256(record)[:DIGEST_BYTES]


def _without_floats(value: object) -> None:
    if isinstance(value, float):
        raise BadInput(f"{value} is a float.", field="document", value=str(value), remedy="Write it as a string.")
    if isinstance(value, Mapping):
        for part in value.values():
            _without_floats(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _without_floats(part)
