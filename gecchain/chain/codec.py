"""Logs to events by fixed layout: one table of signatures, slices of hex, and no formatting in between.

A national month is a million logs, and general decoders take milliseconds each. The table is held against the compiled
ABI by a test, and the layout against eth_abi's own encoding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from eth_hash.auto import keccak

from gecchain.errors import BrokenProof
from gecchain.events import EVENTS, Claim, Event, Serials

__all__ = ["IGNORED", "SIGNATURES", "decode_log", "topic_of"]

# name -> (canonical type, indexed) of each parameter, in the order of the ABI and of the dataclass's fields.
SIGNATURES: Final[dict[str, tuple[tuple[str, bool], ...]]] = {
    name: tuple((word.removesuffix("*"), word.endswith("*")) for word in words.split())
    for name, words in {
        "AccountOpened": "address* uint8 uint8 address string",
        "PlatformAdmitted": "address* uint8",
        "OperatorChanged": "address* address",
        "AccountFrozen": "address* bool string",
        "AccountClosed": "address* string",
        "MandateFiled": "address* address* uint40 uint40 bytes32",
        "MandateRevoked": "address* address*",
        "FilingSubmitted": "uint48* uint8 address uint16 uint32 bool string",
        "FilingReviewed": "uint48* uint8 bool address string",
        "CcerChosen": "uint48* bool",
        "CcerRegistered": "uint48* uint16 uint16 string",
        "CcerLinkageSet": "uint64",
        "EnergyCorrected": "uint48* uint16 uint8 uint24* int64 int32",
        "ReadingsCommitted": "uint24* uint16* address* bool bytes32 uint24 uint128 bytes32 uint24",
        "CommitmentApproved": "uint24* address* uint8",
        "QuorumSet": "uint8",
        "Declared": "bytes32* uint16* address* uint256 bytes32 address",
        "DeclarationChecked": "bytes32* bool address string",
        "DeclarationRechecked": "bytes32* bool address string uint24 uint24",
        "Issued": "uint24* uint16* uint256 uint256[]",
        "LeafRefused": "uint24* uint24 uint8",
        "Moved": "uint64* uint32 uint32 address address uint8 bytes32",
        "Frozen": "uint64* uint32 uint32 bytes32",
        "Unfrozen": "uint64* uint32 uint32 bytes32",
        "Retired": "uint64* uint32 uint32 address* uint8 (string,uint8,uint16,uint16,string)",
        "Added": "uint64* uint32 uint32 address uint24* bytes32",
        "Deducted": "uint64* uint32 uint32 address uint24*",
        "TradeUndone": "uint64* uint32 uint32 address address uint24*",
        "RetirementUndone": "uint64* uint32 uint32 address uint24*",
        "ExpiryNear": "uint16* uint64",
        "ItemRefused": "uint256 bytes",
        "ConsecutiveTransfer": "uint256* uint256 address* address*",
        "Listed": "uint256* uint64* uint32 uint32 address uint64 uint64",
        "Withdrawn": "uint256* uint64* uint32 uint32",
        "Traded": "uint256* uint256* uint64 uint32 uint32 address address* uint64 address uint8",
        "DealFilled": "bytes32* uint256 uint256 bool uint64",
        "DealCancelled": "bytes32* address*",
        "Settled": "bytes32* uint48* uint16 uint256 uint256 uint64 uint64 uint64 uint64 address",
        "CaseOpened": "uint24* uint64* address* (uint32,uint32)[] bytes32 string",
        "CaseProposed": "uint24* address int64 bytes32 string",
        "CaseChecked": "uint24* address bool bytes32 string",
        "CaseDecided": "uint24* address uint8 int32 bytes32 string",
        "CaseClosed": "uint24* address",
        "DeadlinesSet": "uint16 uint16 uint16 uint16",
        "Relayed": "bytes32* address* address* bool bytes",
    }.items()
}
_WORD: Final = 64  # hex characters of 32 bytes
_SIGNED: Final = 1 << 256


def topic_of(name: str) -> str:
    """The first topic of an event's logs."""
    signature = f"{name}({','.join(kind for kind, _indexed in SIGNATURES[name])})"
    return "0x" + keccak(signature.encode()).hex()


# OpenZeppelin's note that a contract got its AccessManager: authority over contracts is no event of the registry.
IGNORED: Final = "0x" + keccak(b"AuthorityUpdated(address)").hex()


def _integer(data: str, at: int) -> int:
    return int(data[at : at + _WORD], 16)


def _signed(data: str, at: int) -> int:
    value = _integer(data, at)
    return value - _SIGNED if value >> 255 else value


def _truth(data: str, at: int) -> bool:
    return data[at + _WORD - 1] == "1"


def _address(data: str, at: int) -> str:
    return "0x" + data[at + 24 : at + _WORD]


def _word(data: str, at: int) -> str:
    return "0x" + data[at : at + _WORD]


def _text(data: str, at: int) -> str:
    """Text as text: what is not UTF-8, and NUL, which no database keeps, become U+FFFD."""
    length = 2 * _integer(data, at)
    raw = bytes.fromhex(data[at + _WORD : at + _WORD + length])
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")


def _bytes(data: str, at: int) -> str:
    end = at + _WORD + 2 * _integer(data, at)
    if end > len(data):
        raise IndexError
    return "0x" + data[at + _WORD : end]


def _serials(data: str, at: int) -> tuple[Serials, ...]:
    numbers = [
        int(data[i : i + _WORD], 16) for i in range(at + _WORD, at + _WORD + 2 * _WORD * _integer(data, at), _WORD)
    ]
    return tuple(Serials(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True))


def _integers(data: str, at: int) -> tuple[int, ...]:
    first = at + _WORD
    return tuple(int(data[i : i + _WORD], 16) for i in range(first, first + _WORD * _integer(data, at), _WORD))


def _claim(data: str, at: int) -> Claim:
    return Claim(
        beneficiary=_text(data, at + 2 * _integer(data, at)),
        purpose=_integer(data, at + _WORD),
        from_=_integer(data, at + 2 * _WORD),
        to=_integer(data, at + 3 * _WORD),
        statement=_text(data, at + 2 * _integer(data, at + 4 * _WORD)),
    )


_DYNAMIC: Final[dict[str, Callable[[str, int], Any]]] = {
    "string": _text,
    "bytes": _bytes,
    "uint256[]": _integers,
    "(uint32,uint32)[]": _serials,
    "(string,uint8,uint16,uint16,string)": _claim,
}
_STATIC: Final[dict[str, Callable[[str, int], Any]]] = {
    "bool": _truth,
    "address": _address,
    "bytes32": _word,
    "int32": _signed,
    "int64": _signed,
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How one event is read: where each field comes from (a topic's number, or -1 for data), and by what."""

    shape: Callable[..., Event]
    steps: tuple[tuple[int, int, bool, Callable[[str, int], Any]], ...]
    topics: int


def _layout(name: str) -> _Layout:
    steps: list[tuple[int, int, bool, Callable[[str, int], Any]]] = []
    topic, head = 0, 0
    for kind, indexed in SIGNATURES[name]:
        dynamic = _DYNAMIC.get(kind)
        read = dynamic or _STATIC.get(kind, _integer)
        if indexed:
            topic += 1
            steps.append((topic, 0, False, read))
        else:
            steps.append((-1, head, dynamic is not None, read))
            head += _WORD
    if len(steps) != len(fields(EVENTS[name])):
        raise BrokenProof(f"The twin of {name} has other fields.", where="gecchain.events")
    return _Layout(EVENTS[name], tuple(steps), topic + 1)


_LAYOUTS: Final = {topic_of(name): _layout(name) for name in SIGNATURES}


def decode_log(topics: Sequence[str], data: str) -> Event | None:
    """The event of a log, None for one that is not the registry's business. BrokenProof for anything else."""
    layout = _LAYOUTS.get(topics[0].lower()) if topics else None
    if layout is None or len(topics) != layout.topics:
        if topics and topics[0].lower() == IGNORED:
            return None
        raise BrokenProof("A log that no event explains.", where=f"topic {topics[0] if topics else 'none'}")
    body = data[2:].lower()
    values = []
    try:
        for topic, head, dynamic, read in layout.steps:
            if topic > 0:
                values.append(read(topics[topic][2:].lower(), 0))
            else:
                values.append(read(body, 2 * _integer(body, head) if dynamic else head))
    except (ValueError, IndexError) as error:
        raise BrokenProof("A log that is cut short.", where=f"topic {topics[0]}") from error
    return layout.shape(*values)
