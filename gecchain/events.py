"""The Python twins of every event of the contracts, so that nobody right of the chain needs an ABI or web3.

Field names are the contract's in snake case (`from` is written `from_`). Units and types, everywhere:
addresses and 32-byte words are lower-case hex text with `0x`; months count from 1900-01; energy is Wh; prices are fen
a certificate; ranges are half open, except `ConsecutiveTransfer`, whose last token is included (ERC-2309).
Text that the chain carries is shown as text: bytes that are not UTF-8, and NUL, arrive as U+FFFD.
"""

from dataclasses import dataclass, fields
from typing import Any, Final, TypeAlias

__all__ = [
    "EVENTS",
    "NO_ACCOUNT",
    "AccountFrozen",
    "AccountOpened",
    "Claim",
    "ConsecutiveTransfer",
    "Event",
    "FilingReviewed",
    "FilingSubmitted",
    "Frozen",
    "Issued",
    "LeafRefused",
    "Listed",
    "Moved",
    "OperatorChanged",
    "PlatformAdmitted",
    "ReadingsCommitted",
    "Recorded",
    "Retired",
    "Traded",
    "Unfrozen",
    "Withdrawn",
    "from_document",
    "place_of",
    "to_document",
]

NO_ACCOUNT: Final = "0x" + "00" * 20
POSITION_BITS: Final = 24


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account exists from now on (Q84, Q86). `province` is 0 where it does not apply; a person has no name."""

    account: str
    kind: int
    province: int
    operator: str
    name: str


@dataclass(frozen=True, slots=True)
class PlatformAdmitted:
    """A platform's account got its bit (0..63) in the mask of a listing's platforms (Q97)."""

    account: str
    index: int


@dataclass(frozen=True, slots=True)
class OperatorChanged:
    """Another key acts for the account (Q88)."""

    account: str
    operator: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    """The account may not act any more, or may again."""

    account: str
    frozen: bool
    reason: str


@dataclass(frozen=True, slots=True)
class FilingSubmitted:
    """A version of a project's filing (建档立卡, Q90) waits for its province. `in_operation` is a month."""

    project: int
    version: int
    owner: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str


@dataclass(frozen=True, slots=True)
class FilingReviewed:
    """The province approved a version or sent it back (Q91)."""

    project: int
    version: int
    approved: bool
    reviewer: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadingsCommitted:
    """A provider stands for a month's readings by their Merkle root (Q25). `replaces` is 0 or an earlier commitment."""

    commitment: int
    month: int
    provider: str
    declared: bool
    root: str
    leaves: int
    total_wh: int
    evidence: str
    replaces: int


@dataclass(frozen=True, slots=True)
class Issued:
    """Of one chunk's `leaves` (words), those whose bit is set in `issued` became a batch, or carry (Q24)."""

    commitment: int
    chunk: int
    issued: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LeafRefused:
    """A leaf (counted over the whole commitment) was not issued; it can be tried again."""

    commitment: int
    leaf: int
    reason: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A free move (划转, Q47, Q48): no trade is used."""

    batch: int
    start: int
    end: int
    from_: str
    to: str
    basis: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """The range is in doubt and stays where it is (Q95)."""

    batch: int
    start: int
    end: int
    basis: str


@dataclass(frozen=True, slots=True)
class Unfrozen:
    """The range is no longer in doubt."""

    batch: int
    start: int
    end: int
    basis: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a holder declares with a retirement (Q54); months `[from_, to)`. Empty for an expired range."""

    beneficiary: str
    purpose: int
    from_: int
    to: int
    statement: str


@dataclass(frozen=True, slots=True)
class Retired:
    """The range is used up for good (核销, Q79). `reason`: 1 expired, 2 consumption, 3 CCER, 4 account closed."""

    batch: int
    start: int
    end: int
    holder: str
    reason: int
    claim: Claim


@dataclass(frozen=True, slots=True)
class ConsecutiveTransfer:
    """ERC-2309's echo of an issue, move, trade or retirement; `to_token_id` is included."""

    from_token_id: int
    to_token_id: int
    from_address: str
    to_address: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A range is offered (挂牌, Q43). `price` in fen a certificate; bit i of `platforms` is platform i (Q99)."""

    listing: int
    batch: int
    start: int
    end: int
    seller: str
    price: int
    platforms: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was left of a listing is its seller's again (Q98)."""

    listing: int
    batch: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Traded:
    """The one trade of a range (Q51)."""

    trade: int
    listing: int
    batch: int
    start: int
    end: int
    seller: str
    buyer: str
    price: int
    platform: str


Event: TypeAlias = (
    AccountOpened
    | PlatformAdmitted
    | OperatorChanged
    | AccountFrozen
    | FilingSubmitted
    | FilingReviewed
    | ReadingsCommitted
    | Issued
    | LeafRefused
    | Moved
    | Frozen
    | Unfrozen
    | Retired
    | ConsecutiveTransfer
    | Listed
    | Withdrawn
    | Traded
)

EVENTS: Final[dict[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        AccountOpened,
        PlatformAdmitted,
        OperatorChanged,
        AccountFrozen,
        FilingSubmitted,
        FilingReviewed,
        ReadingsCommitted,
        Issued,
        LeafRefused,
        Moved,
        Frozen,
        Unfrozen,
        Retired,
        ConsecutiveTransfer,
        Listed,
        Withdrawn,
        Traded,
    )
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event and its place: `log_index` counts within the block, `time` is the block's, UTC seconds."""

    block: int
    log_index: int
    block_hash: str
    transaction: str
    time: int
    event: Event

    @property
    def position(self) -> int:
        """The place as one integer, in the chain's total order: block, then 24 bits of log index."""
        return self.block << POSITION_BITS | self.log_index


def place_of(position: int) -> tuple[int, int]:
    """`(block, log index)` of a position."""
    return position >> POSITION_BITS, position & ((1 << POSITION_BITS) - 1)


# Integers that JavaScript cannot hold exactly are decimal text in documents.
_WIDE: Final = frozenset(
    {
        "project",
        "batch",
        "issued",
        "leaves",
        "total_wh",
        "from_token_id",
        "to_token_id",
        "listing",
        "trade",
        "price",
        "platforms",
    }
)


def to_document(event: Event) -> dict[str, object]:
    """The event as a JSON object: field names as here without trailing `_`, wide integers as decimal text."""
    return {field.name.rstrip("_"): _plain(field.name, getattr(event, field.name)) for field in fields(event)}


def _plain(name: str, value: object) -> object:
    if isinstance(value, Claim):
        return {field.name.rstrip("_"): getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and name in _WIDE:
        return str(value)
    return value


def from_document(kind: str, document: dict[str, object]) -> Event:
    """The event that `to_document` wrote; `KeyError` for a kind or field that does not exist."""
    shape: Any = EVENTS[kind]
    event: Event = shape(**{field.name: _rich(field.name, document[field.name.rstrip("_")]) for field in fields(shape)})
    return event


def _rich(name: str, value: object) -> object:
    if isinstance(value, dict):
        return Claim(**{field.name: value[field.name.rstrip("_")] for field in fields(Claim)})
    if isinstance(value, list):
        return tuple(int(item) for item in value)
    if isinstance(value, str) and name in _WIDE:
        return int(value)
    return value
