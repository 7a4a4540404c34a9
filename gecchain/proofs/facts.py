"""The facts a certificate stands on, and the hash that locates it and proves them in one.

Facts, version 1, are what issuing fixed for good; state and holder change and are not among them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gecchain.errors import BadInput
from gecchain.proofs.hashing import keccak256
from gecchain.rules import CertificateState, shown_state

__all__ = ["FACTS_VERSION", "CertificateFacts", "certificate_hash", "facts_hash", "split_certificate_hash"]

FACTS_VERSION: Final = 1
_TAIL: Final = 20


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """All that the chain answers about one certificate.

    `count` is the size of its batch, `holder` an address in lower-case hex (the last one, once it is retired). `leaf`
    is the index of its reading in the commitment of `readings_root`. `answered_hash` is the certificate hash that the
    chain itself gives (`Facts.hash`), None where the facts come from a copy that keeps none. Hashes are 32 bytes.

    A certificate that a decided case added (Q95) has its `case_id`, which is also its `leaf`, and as `readings_root`
    the hash of the evidence that the case was decided on. Of `count` cases added `added`; the reading gave the others.
    `ccer` says that its project turned to CCER, so that it stands still while it is untraded (Q66).
    """

    token_id: int
    count: int
    state: CertificateState
    holder: str
    traded: bool
    readings_root: bytes
    leaf: int
    filing_hash: bytes
    chain_id: int
    certificates: str
    answered_hash: bytes | None
    case_id: int = 0
    added: int = 0
    ccer: bool = False

    @property
    def shown(self) -> CertificateState:
        """The state that people see, see `shown_state`."""
        return shown_state(self.state, traded=self.traded, ccer=self.ccer)

    def recomputed(self) -> bytes:
        """The certificate hash from the facts' parts, whatever the chain said: 32 bytes."""
        facts = facts_hash(
            self.chain_id, self.certificates, self.token_id, self.readings_root, self.leaf, self.filing_hash
        )
        return certificate_hash(self.token_id, facts)


@lru_cache(maxsize=1024)
def facts_hash(
    chain_id: int, certificates: str, token_id: int, readings_root: bytes, leaf: int, filing_hash: bytes
) -> bytes:
    """keccak256(abi.encode(uint8 1, uint256, address, uint96, bytes32, uint24, bytes32)): 32 bytes.

    `certificates` is the contract's address in hex. BadInput for a part that does not fit its type.
    """
    words = (
        _uint("version", FACTS_VERSION, 8),
        _uint("chain id", chain_id, 256),
        _uint("contract", _address(certificates), 160),
        _uint("token id", token_id, 96),
        _hash("readings root", readings_root),
        _uint("leaf", leaf, 24),
        _hash("filing hash", filing_hash),
    )
    return keccak256(b"".join(words))


def certificate_hash(token_id: int, facts: bytes) -> bytes:
    """The hash a certificate is known by: its token id (12 bytes), then the last 20 bytes of its facts' hash."""
    return _uint("token id", token_id, 96)[-12:] + _hash("facts", facts)[-_TAIL:]


def split_certificate_hash(certificate: bytes) -> tuple[int, bytes]:
    """`(token id, last 20 bytes of the facts' hash)`; whether such a token can exist is not checked."""
    return int.from_bytes(_hash("certificate", certificate)[:12], "big"), certificate[-_TAIL:]


def _address(text: str) -> int:
    try:
        address = bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        address = b""
    if len(address) != 20 or len(text) != 42:
        raise BadInput("An address has 20 bytes in hex.", field="contract", value=text)
    return int.from_bytes(address, "big")


def _uint(field: str, value: int, bits: int) -> bytes:
    if not 0 <= value < 1 << bits:
        raise BadInput(f"{field} has {bits} bits.", field=field, value=str(value))
    return value.to_bytes(32, "big")


def _hash(field: str, value: bytes) -> bytes:
    if len(value) != 32:
        raise BadInput(f"{field} has 32 bytes.", field=field, value=value.hex())
    return value
