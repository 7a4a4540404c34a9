"""ABI of types without pointers, word by word: numbers, addresses, truths, fixed bytes, and structs of them.

What planning and intake ask of the chain is of this kind, a million times a month; a general codec takes twenty times
as long for it. Anything with a pointer in it (text, arrays) is left to eth_abi, and a test holds the two together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import ABIType, TupleType, parse

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
def decoder_of(types: tuple[str, ...]) -> Callable[[bytes], tuple[Any, ...]]:
    """What makes the values of an answer of these canonical types.

    Structs and arrays are tuples and addresses lower-case hex text, as eth_abi has them. It raises DecodingError for an
    answer of another shape, BadInput for a type that no contract of ours has.
    """
    parts = [_taking(parse(kind)) for kind in types]
    size = _size_of(parts)
    take = _taking_parts(parts)

    def decoded(data: bytes) -> tuple[Any, ...]:
        if size is not None and len(data) != size:
            raise DecodingError(f"{len(data)} bytes instead of {size}")
        return tuple(take(data, 0))

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


Take = Callable[[bytes, int], Any]


@dataclass(frozen=True, slots=True)
class _Take:
    """How a type's values are read from a place in an answer; `size` is that of its head, None if it is pointed to."""

    size: int | None
    value: Take


def _size_of(parts: Sequence[_Take]) -> int | None:
    """Bytes that these take together, None if one of them is pointed to."""
    sizes = [part.size for part in parts if part.size is not None]
    return sum(sizes) if len(sizes) == len(parts) else None


def _taking(kind: ABIType) -> _Take:
    if kind.arrlist:
        return _taking_array(kind)
    if isinstance(kind, TupleType):
        parts = [_taking(part) for part in kind.components]
        return _Take(_size_of(parts), _taking_parts(parts))
    name = _name(kind)
    if name in _TEXTS:
        return _Take(None, _TEXTS[name])
    if name not in _TAKEN:
        raise _unknown(kind)
    return _Take(_WORD, _TAKEN[name])


def _taking_parts(parts: Sequence[_Take]) -> Take:
    """Heads side by side; what is pointed to is counted from the beginning of the heads."""
    places, at = [], 0
    for part in parts:
        places.append((at, part.size is None, part.value))
        at += part.size or _WORD

    def take(data: bytes, base: int) -> tuple[Any, ...]:
        return tuple(
            [
                value(data, base + _pointer(data, base + place) if pointed else base + place)
                for place, pointed, value in places
            ]
        )

    return take


def _taking_array(kind: ABIType) -> _Take:
    item = _taking(kind.item_type)
    if kind.arrlist is None or kind.arrlist[-1]:
        raise _unknown(kind)

    def take(data: bytes, at: int) -> tuple[Any, ...]:
        length = _pointer(data, at)
        if length * _WORD > len(data) - at:
            raise DecodingError(f"{length} items in {len(data)} bytes")
        return tuple(_taking_parts([item] * length)(data, at + _WORD))

    return _Take(None, take)


def _number(data: bytes, at: int) -> int:
    word = data[at : at + _WORD]
    if len(word) != _WORD:
        raise DecodingError("the answer is cut short")
    return int.from_bytes(word, "big")


def _pointer(data: bytes, at: int) -> int:
    found = _number(data, at)
    if found > len(data):
        raise DecodingError(f"{found} points beyond {len(data)} bytes")
    return found


def _taking_number(bits: int) -> Take:
    limit = 1 << bits

    def take(data: bytes, at: int) -> int:
        value = _number(data, at)
        if value >= limit:
            raise DecodingError(f"{value} has more than {bits} bits")
        return value

    return take


def _taking_signed(bits: int) -> Take:
    limit = 1 << bits - 1

    def take(data: bytes, at: int) -> int:
        word = _number(data, at)
        value = word - (1 << 256) if word >> 255 else word
        if not -limit <= value < limit:
            raise DecodingError(f"{value} has more than {bits} bits")
        return value

    return take


def _take_truth(data: bytes, at: int) -> bool:
    value = _number(data, at)
    if value > 1:
        raise DecodingError(f"{value} is no truth value")
    return value == 1


def _take_address(data: bytes, at: int) -> str:
    value = _number(data, at)
    if value >> 160:
        raise DecodingError("more than an address")
    return f"0x{value:040x}"


def _taking_bytes(size: int) -> Take:
    def take(data: bytes, at: int) -> bytes:
        raw = data[at : at + _WORD]
        if len(raw) != _WORD or any(raw[size:]):
            raise DecodingError(f"more than {size} bytes, or cut short")
        return raw[:size]

    return take


def _take_run(data: bytes, at: int) -> bytes:
    length = _pointer(data, at)
    raw = data[at + _WORD : at + _WORD + length]
    if len(raw) != length:
        raise DecodingError("the answer is cut short")
    return raw


def _take_text(data: bytes, at: int) -> str:
    try:
        return _take_run(data, at).decode()
    except UnicodeDecodeError as error:
        raise DecodingError("text that is no UTF-8") from error


_TEXTS: Final[dict[str, Take]] = {"bytes": _take_run, "string": _take_text}
_TAKEN: Final[dict[str, Take]] = {
    **{f"uint{bits}": _taking_number(bits) for bits in range(8, 257, 8)},
    **{f"int{bits}": _taking_signed(bits) for bits in range(8, 257, 8)},
    **{f"bytes{size}": _taking_bytes(size) for size in range(1, 33)},
    "bool": _take_truth,
    "address": _take_address,
}
