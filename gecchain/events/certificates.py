"""What happens to ranges of certificates, market apart."""

from dataclasses import dataclass

__all__ = [
    "Added",
    "Claim",
    "ConsecutiveTransfer",
    "Deducted",
    "ExpiryNear",
    "Frozen",
    "Issued",
    "ItemRefused",
    "LeafRefused",
    "Moved",
    "Retired",
    "RetirementUndone",
    "TradeUndone",
    "Unfrozen",
]


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
    """A free move (划转, Q47, Q48): no trade is used. `kind` is a MoveKind."""

    batch: int
    start: int
    end: int
    from_: str
    to: str
    kind: int
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
class Added:
    """A decided case added certificates: the batch's serials go on (补发, Q95). `basis` is the evidence's hash."""

    batch: int
    start: int
    end: int
    holder: str
    case_id: int
    basis: str


@dataclass(frozen=True, slots=True)
class Deducted:
    """A decided case ended these numbers without retirement (扣减, Q95)."""

    batch: int
    start: int
    end: int
    holder: str
    case_id: int


@dataclass(frozen=True, slots=True)
class TradeUndone:
    """A decided case gave a range back to its first holder, and its one trade with it (Q53, Q95)."""

    batch: int
    start: int
    end: int
    buyer: str
    seller: str
    case_id: int


@dataclass(frozen=True, slots=True)
class RetirementUndone:
    """A decided case gave a retired range back to its last holder (Q95)."""

    batch: int
    start: int
    end: int
    holder: str
    case_id: int


@dataclass(frozen=True, slots=True)
class ExpiryNear:
    """Certificates of this production month end within three months (临期预警, Q96)."""

    month: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class ItemRefused:
    """One item of a call with many was refused; `reason` is the contract's error as hex text. Changes nothing."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class ConsecutiveTransfer:
    """ERC-2309's echo of an issue, move, trade or retirement; `to_token_id` is included."""

    from_token_id: int
    to_token_id: int
    from_address: str
    to_address: str
