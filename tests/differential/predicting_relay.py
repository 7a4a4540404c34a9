"""What `Relay` must do with signed calls, from `IRelay`, check by check: those it makes are as if made directly."""

from collections.abc import Iterator

from eth_abi.abi import encode
from eth_hash.auto import keccak

from gecchain.events import Event, Relayed
from tests.differential.chain import CHAIN_ID, Refusal
from tests.differential.known import Known
from tests.differential.operations import Asked, Handed, Signed
from tests.differential.people import signed

__all__ = ["OBJECTIONS", "ROOM", "digest_of", "objection_to", "refused_whole", "shares"]

OBJECTIONS = ("None", "Expired", "RelayedAlready", "NotOurs", "NotSigned")
ROOM = 1 << 64
"""More gas than any call of the tests has (64 bits hold it)."""
_DOMAIN_TYPE = keccak(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_REQUEST_TYPE = keccak(b"Request(address from,address to,uint256 gas,uint256 nonce,uint64 deadline,bytes data)")
_NOT_OURS = ("AccessManager", "Relay")


def digest_of(relay: str, asked: Asked) -> bytes:
    """What the caller signs (EIP-712)."""
    names = keccak(b"gecchain Relay"), keccak(b"1")
    domain = keccak(encode(["bytes32"] * 3 + ["uint256", "address"], [_DOMAIN_TYPE, *names, CHAIN_ID, relay]))
    types = ["bytes32", "address", "address", "uint256", "uint256", "uint64", "bytes32"]
    return keccak(b"\x19\x01" + domain + keccak(encode(types, [_REQUEST_TYPE, *asked[:-1], keccak(asked.data)])))


def objection_to(known: Known, item: Signed) -> str:
    """Why a request is passed over now: one of OBJECTIONS."""
    asked = item.asked
    digest = digest_of(known.addresses["Relay"], asked)
    if known.now > asked.deadline:
        return "Expired"
    if "0x" + digest.hex() in known.state.relayed:
        return "RelayedAlready"
    ours = {address for name, address in known.addresses.items() if name not in _NOT_OURS}
    if asked.to not in ours:
        return "NotOurs"
    true = signed(asked.from_, digest)
    return "None" if true and item.signature == true else "NotSigned"


def refused_whole(known: Known, handed: Handed) -> Refusal | None:
    """The refusal of all of them together; of GasShort its first value alone is foreseen."""
    if handed.lost:
        return Refusal("LengthsDiffer", (len(handed.items), len(handed.items) - handed.lost))
    for item in handed.items:
        if item.asked.gas >= ROOM and objection_to(known, item) == "None":
            return Refusal("GasShort", (item.asked.gas,))
    return None


def shares(events: tuple[Event, ...]) -> Iterator[tuple[tuple[Event, ...], Relayed]]:
    """The events of each call that was made, and what is told of it."""
    share: list[Event] = []
    for event in events:
        if isinstance(event, Relayed):
            yield tuple(share), event
            share = []
        else:
            share.append(event)
    assert not share, "events of no request"
