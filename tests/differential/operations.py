"""What a sequence is made of: calls and jumps in time, as plain values, so that any part can be replayed."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

__all__ = [
    "Allotted",
    "Asked",
    "Call",
    "Claimed",
    "Handed",
    "Opened",
    "Operation",
    "Order",
    "Papers",
    "Piece",
    "Remedied",
    "Settling",
    "Signed",
    "Wait",
    "shown",
]


class Opened(NamedTuple):
    """`Opening` of `IRegistry`."""

    account: str
    kind: int
    province: int
    operator: str
    name: str


class Papers(NamedTuple):
    """`Filing` of `IRegistry`."""

    project: int
    owner: str
    operator: str
    owner_name: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str


class Claimed(NamedTuple):
    """`Claim` of `ICertificates`."""

    beneficiary: str
    purpose: int
    from_: int
    to: int
    statement: str


class Piece(NamedTuple):
    """`Range`: serials of a batch."""

    batch: int
    start: int
    end: int


class Allotted(NamedTuple):
    """`Allotment` of `ICertificates`."""

    batch: int
    start: int
    end: int
    to: str


class Remedied(NamedTuple):
    """`Step` of `ICases`."""

    remedy: int
    start: int
    end: int


class Order(NamedTuple):
    """`Deal` of `IMarket`."""

    seller: str
    buyer: str
    project: int
    batch: int
    start: int
    end: int
    quantity: int
    price: int
    platform: str
    paid_on_platform: bool
    expires: int
    nonce: int


class Settling(NamedTuple):
    """`Settlement` of `IMarket`: a contract's month."""

    contract: bytes
    project: int
    month: int
    buyer: str
    contract_wh: int
    fed_in_wh: int
    consumed_wh: int
    attribute_price: int
    energy_price: int
    ranges: tuple[Piece, ...]


class Asked(NamedTuple):
    """`Request` of `IRelay`."""

    from_: str
    to: str
    gas: int
    nonce: int
    deadline: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a contract by its name. Addresses are lower-case hex text, words 32 bytes, structs named tuples."""

    caller: str
    contract: str
    function: str
    args: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A call that its caller signed; `asked` is it as a request, in full."""

    call: Call
    asked: Asked
    signature: bytes


@dataclass(frozen=True, slots=True)
class Handed:
    """Signed calls handed to the relay by somebody, `lost` signatures short."""

    caller: str
    items: tuple[Signed, ...]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """The chain's clock goes on by so many seconds, more than 0."""

    seconds: int


Operation: TypeAlias = Call | Handed | Wait


def shown(operation: Operation) -> str:
    """One line for a report; what is long is cut."""
    if isinstance(operation, Wait):
        return f"wait {operation.seconds} s"
    if isinstance(operation, Handed):
        items = "; ".join(f"{shown(item.call)}, {_short(item.asked[:-1])}" for item in operation.items)
        return f"relayed by {operation.caller}: {items}"
    text = ", ".join(_short(arg) for arg in operation.args)
    return f"{operation.contract}.{operation.function}({text}) by {operation.caller}"


def _short(value: object) -> str:
    text = "0x" + value.hex() if isinstance(value, bytes) else repr(value)
    return text if len(text) <= 400 else f"{text[:300]}… ({len(text)} characters)"
