"""ABI of types without pointers, word by word: numbers, addresses, truths, fixed bytes, and structs of them.

What planning and intake ask of the chain is of this kind, a million times a month; a general codec takes twenty times
as long for it. Anything with a pointer in it (text, arrays) is left to eth_abi, and a test holds the two together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import ABIType, BasicType, TupleType, parse

from gecchain.errors import BadInput

__all__ = ["decoder_of", "encoder_of"]

_WORD: Final = 32
_ADDRESS: Final = 20
Put = Callable[[Any], bytes]


@cache
def encoder_of(types: tuple[str, ...]) -> Callable[[Sequence[Any]], bytes]:
    """What makes the bytes of arguments of these canonical types.

    It raises EncodingError for what does not fit, as eth_abi does; BadInput for a type that no contract of ours has.
    """
    put = _putting_parts([_putting(parse(kind)) for kind in types])

    def encoded(values: Sequence[Any]) -> bytes:
        try:
            return put(values)
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            raise EncodingError(str(error)) from error

    return encoded


@cache
def decoder_of(types: tuple[str, ...]) -> Callable[[bytes], tuple[Any, ...]] | None:
    """What makes the values of an answer of these canonical types, or None where one of them has a pointer.

    Structs are tuples and addresses lower-case hex text, as eth_abi has them. DecodingError for another shape.
    """
    shapes = [_taking(parse(kind)) for kind in types]
    if None in shapes:
        return None
    takes = [shape for shape in shapes if shape is not None]
    words = sum(count for count, _shape in takes)

    def decoded(data: bytes) -> tuple[Any, ...]:
        if len(data) != words * _WORD:
            raise DecodingError(f"{len(data)} bytes instead of {words * _WORD}")
        found = [int.from_bytes(data[at : at + _WORD], "big") for at in range(0, len(data), _WORD)]
        values, at = [], 0
        for count, shape in takes:
            values.append(shape(found[at : at + count]))
            at += count
        return tuple(values)

    return decoded


@dataclass(frozen=True, slots=True)
class _Put:
    """How a type's values are written; `size` is that of its head, None for one that is pointed to."""

    size: int | None
    bytes: Put


def _putting(kind: ABIType) -> _Put:
    if kind.arrlist:
        return _putting_array(kind)
    if isinstance(kind, TupleType):
        parts = [_putting(part) for part in kind.components]
        sizes = [part.size for part in parts]
        known = [size for size in sizes if size is not None]
        return _Put(sum(known) if len(known) == len(sizes) else None, _putting_parts(parts))
    name = _name(kind)
    put = _BASIC.get(name)
    if put is None:
        raise _unknown(kind)
    return _Put(None if name in ("string", "bytes") else _WORD, put)


def _putting_parts(parts: Sequence[_Put]) -> Put:
    """Heads and then what is pointed to, as for a struct or a list of arguments."""
    heads = sum(part.size or _WORD for part in parts)

    def put(values: Any) -> bytes:
        head, tail = [], []
        at = heads
        for part, value in zip(parts, values, strict=True):
            raw = part.bytes(value)
            if part.size is None:
                head.append(at.to_bytes(_WORD, "big"))
                tail.append(raw)
                at += len(raw)
            else:
                head.append(raw)
        return b"".join(head + tail)

    return put


def _putting_array(kind: ABIType) -> _Put:
    """An array of any length; those of a fixed one our contracts do not take."""
    item = _putting(kind.item_type)
    if kind.arrlist is None or kind.arrlist[-1]:
        raise _unknown(kind)

    def put(values: Any) -> bytes:
        if isinstance(values, str | bytes):
            raise TypeError(f"{values!r} is no list")
        length = len(values).to_bytes(_WORD, "big")
        if item.size is None:
            return length + _putting_parts([item] * len(values))(values)
        return length + b"".join([item.bytes(value) for value in values])

    return _Put(None, put)


def _name(kind: ABIType) -> str:
    return str(kind.to_type_str())  # type: ignore[no-untyped-call]


def _unknown(kind: ABIType) -> BadInput:
    return BadInput(f"No contract of ours has the type {_name(kind)}.", field="type", value=_name(kind))


def _putting_number(bits: int) -> Put:
    limit = 1 << bits

    def put(value: Any) -> bytes:
        if isinstance(value, bool) or not 0 <= value < limit:
            raise ValueError(f"{value!r} is no number below 2^{bits}")
        return int(value).to_bytes(_WORD, "big")

    return put


def _putting_signed(bits: int) -> Put:
    limit = 1 << bits - 1

    def put(value: Any) -> bytes:
        if isinstance(value, bool) or not -limit <= value < limit:
            raise ValueError(f"{value!r} does not fit {bits} bits")
        return int(value).to_bytes(_WORD, "big", signed=True)

    return put


def _putting_bytes(size: int) -> Put:
    def put(value: Any) -> bytes:
        if not isinstance(value, bytes | bytearray) or len(value) > size:
            raise ValueError(f"{value!r} has more than {size} bytes, or is none")
        return bytes(value).ljust(_WORD, b"\0")

    return put


def _put_truth(value: Any) -> bytes:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no truth value")
    return value.to_bytes(_WORD, "big")


def _put_address(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else bytes.fromhex(value.removeprefix("0x"))
    if len(raw) != _ADDRESS:
        raise ValueError(f"{value!r} is no address")
    return raw.rjust(_WORD, b"\0")


def _put_run(value: Any) -> bytes:
    if not isinstance(value, bytes | bytearray):
        raise TypeError(f"{value!r} is no bytes")
    return len(value).to_bytes(_WORD, "big") + bytes(value) + b"\0" * (-len(value) % _WORD)


def _put_text(value: Any) -> bytes:
    return _put_run(value.encode())


_BASIC: Final[dict[str, Put]] = {
    **{f"uint{bits}": _putting_number(bits) for bits in range(8, 257, 8)},
    **{f"int{bits}": _putting_signed(bits) for bits in range(8, 257, 8)},
    **{f"bytes{size}": _putting_bytes(size) for size in range(1, 33)},
    "bool": _put_truth,
    "address": _put_address,
    "bytes": _put_run,
    "string": _put_text,
}


Shape = Callable[[Sequence[int]], Any]


def _taking(kind: ABIType) -> tuple[int, Shape] | None:
    """How many words a type takes, and what makes its value of them."""
    if kind.arrlist or kind.is_dynamic:
        return None
    if not isinstance(kind, BasicType):
        return _taking_struct(kind)
    if kind.base in ("uint", "int"):
        return 1, _taking_number(kind.sub, kind.base == "int")
    if kind.base == "bool":
        return 1, _take_truth
    if kind.base == "address":
        return 1, _take_address
    return (1, _taking_bytes(kind.sub)) if kind.base == "bytes" else None


def _taking_struct(kind: ABIType) -> tuple[int, Shape] | None:
    parts = [_taking(part) for part in kind.components] if isinstance(kind, TupleType) else [None]
    if None in parts:
        return None
    known = [part for part in parts if part is not None]
    places, at = [], 0
    for count, shape in known:
        places.append((at, at + count, shape))
        at += count

    def take(words: Sequence[int]) -> tuple[Any, ...]:
        return tuple([shape(words[start:end]) for start, end, shape in places])

    return at, take


def _taking_number(bits: int, signed: bool) -> Shape:
    limit = 1 << (bits - 1 if signed else bits)

    def take(words: Sequence[int]) -> int:
        value = words[0] - (1 << 256) if signed and words[0] >> 255 else words[0]
        if not (-limit if signed else 0) <= value < limit:
            raise DecodingError(f"{value} has more than {bits} bits")
        return value

    return take


def _take_truth(words: Sequence[int]) -> bool:
    if words[0] > 1:
        raise DecodingError(f"{words[0]} is no truth value")
    return words[0] == 1


def _take_address(words: Sequence[int]) -> str:
    if words[0] >> 160:
        raise DecodingError("more than an address")
    return f"0x{words[0]:040x}"


def _taking_bytes(size: int) -> Shape:
    def take(words: Sequence[int]) -> bytes:
        raw = words[0].to_bytes(_WORD, "big")
        if any(raw[size:]):
            raise DecodingError(f"more than {size} bytes")
        return raw[:size]

    return take
