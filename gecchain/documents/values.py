"""What a document is: a kind, a code, the block it is of, and its data in the one form of RFC 8785."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from gecchain.proofs import JsonValue, canonical_json
from gecchain.store.views import Place

__all__ = ["FORMAT", "Chain", "Document", "Kind"]

FORMAT: Final = 1  # of the data; grows when a field changes its meaning or is added


class Kind(StrEnum):
    """The three documents: 绿证 (Q14), 交易凭证 (Q15), 核销信息表 (Q81)."""

    CERTIFICATE = "certificate"
    VOUCHER = "voucher"
    RETIREMENT = "retirement"


@dataclass(frozen=True, slots=True)
class Chain:
    """The registry that a document is of: chain id and address of the contract Certificates, lower-case hex."""

    id: int
    certificates: str


@dataclass(frozen=True)
class Document:
    """A document as of a block. `body` holds what is particular to its kind."""

    kind: Kind
    code: str
    chain: Chain
    place: Place
    body: Mapping[str, JsonValue]

    @cached_property
    def data(self) -> dict[str, JsonValue]:
        """All of it as JSON: integers and text, no labels, no price, no personal data."""
        return {
            "as_of": {"block": self.place.block, "block_hash": self.place.block_hash, "time": self.place.time},
            "chain": {"certificates": self.chain.certificates, "id": self.chain.id},
            "code": self.code,
            "format": FORMAT,
            "kind": self.kind.value,
            **self.body,
        }

    @cached_property
    def json(self) -> bytes:
        """The data in canonical form (RFC 8785), what is attached to the PDF."""
        return canonical_json(self.data)

    @cached_property
    def sha256(self) -> str:
        """The document's hash: SHA-256 of its canonical data, 64 hex digits; `sha256sum` says the same."""
        return hashlib.sha256(self.json).hexdigest()
