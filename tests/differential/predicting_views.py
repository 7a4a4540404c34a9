"""What the views of `Certificates` must answer, in bytes; numbers, dates and hashes by the product's own rules."""

from collections.abc import Callable
from typing import Any

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Segment
from gecchain.proofs import certificate_hash, facts_hash
from gecchain.rules import CertificateState, number_of
from tests.differential.chain import BASE_URI, CHAIN_ID
from tests.differential.known import Known, expiry_of, require
from tests.differential.predicting_deals import digest_of

__all__ = ["FACTS", "VIEWS", "hash_of"]

FACTS = "(uint256,string,(address,uint32,uint24,uint24,uint8),address,uint32,uint32,uint8,bool,uint64,bytes32,bytes32,bytes32)"  # noqa: E501
_NOTHING = (0, "", (NO_ACCOUNT, 0, 0, 0, 0), NO_ACCOUNT, 0, 0, 0, False, 0, bytes(32), bytes(32), bytes(32))


def _segment(known: Known, token: int) -> Segment:
    batch, serial = token >> 32, token & 0xFFFFFFFF
    exists = batch in known.state.batches and serial < known.state.batches[batch].count
    require(exists, "ERC721NonexistentToken", token)
    found = known.state.segment_at(batch, serial)
    assert found is not None, "the fold lost a segment"
    return found


def hash_of(known: Known, token: int) -> tuple[bytes, bytes, bytes]:
    """Readings root, filing hash and certificate hash of a token that exists."""
    batch = known.state.batches[token >> 32]
    root, leaf = _origin(known, token)
    filing = keccak(known.state.filings[batch.id >> 16, batch.filing].document.encode())
    facts = facts_hash(CHAIN_ID, known.addresses["Certificates"], token, root, leaf, filing)
    return root, filing, certificate_hash(token, facts)


def _origin(known: Known, token: int) -> tuple[bytes, int]:
    """Readings root and leaf; of what a case added its evidence and number."""
    batch, serial = known.state.batches[token >> 32], token & 0xFFFFFFFF
    for addition in known.state.additions.values():
        if addition.batch == batch.id and addition.start <= serial < addition.end:
            return bytes.fromhex(addition.basis[2:]), addition.case_id
    return bytes.fromhex(known.state.commitments[batch.commitment].root[2:]), batch.leaf


def _facts(known: Known, token: int) -> tuple[Any, ...]:
    found = _segment(known, token)
    batch = known.state.batches[token >> 32]
    leaf = _origin(known, token)[1]
    origin = (known.first_holders[batch.id], batch.count, batch.commitment, leaf, batch.filing)
    place = (found.owner, found.start, found.end, found.state, found.traded)
    return (token, number_of(token), origin, *place, expiry_of(batch.id), *hash_of(known, token))


def _owner(known: Known, token: int) -> str:
    found = _segment(known, token)
    require(found.state < CertificateState.RETIRED, "ERC721NonexistentToken", token)
    return found.owner


def _verify(known: Known, claimed: bytes) -> bytes:
    token = int.from_bytes(claimed[:12], "big")
    batch, serial = token >> 32, token & 0xFFFFFFFF
    if batch not in known.state.batches or serial >= known.state.batches[batch].count:
        return encode(["bool", FACTS], [False, _NOTHING])
    facts = _facts(known, token)
    return encode(["bool", FACTS], [facts[-1] == claimed, facts])


def _balance(known: Known, holder: str) -> bytes:
    require(holder != NO_ACCOUNT, "ERC721InvalidOwner", holder)
    found = known.state.balances.get(holder)
    return encode(["uint256"], [found.holding if found else 0])


def _segment_at(known: Known, batch: int, serial: int) -> bytes:
    require(batch in known.state.batches, "BatchUnknown", batch)
    count = known.state.batches[batch].count
    require(serial < count, "RangeEmpty", serial, count)
    found = _segment(known, batch << 32 | serial)
    values = [found.start, found.end, found.owner, found.state, found.traded]
    return encode(["uint32", "uint32", "address", "uint8", "bool"], values)


_OF_CERTIFICATES: dict[str, Callable[..., bytes]] = {
    "facts": lambda known, token: encode([FACTS], [_facts(known, token)]),
    "verify": _verify,
    "ownerOf": lambda known, token: encode(["address"], [_owner(known, token)]),
    "locked": lambda known, token: encode(["bool"], [bool(_owner(known, token))]),
    "getApproved": lambda known, token: encode(["address"], [NO_ACCOUNT if _owner(known, token) else ""]),
    "tokenURI": lambda known, token: encode(
        ["string"], [BASE_URI + number_of(_segment(known, token).batch << 32 | token & 0xFFFFFFFF)]
    ),
    "balanceOf": _balance,
    "segmentAt": _segment_at,
}
VIEWS: dict[tuple[str, str], Callable[..., bytes]] = {
    **{("Certificates", name): view for name, view in _OF_CERTIFICATES.items()},
    ("Market", "hashOf"): lambda known, order: digest_of(known.addresses["Market"], order),
    ("Registry", "mayAct"): lambda known, account, caller: encode(["bool"], [known.may_act(account, caller)]),
}
