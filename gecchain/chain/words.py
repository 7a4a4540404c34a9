"""ABI of types without pointers, word by word: numbers, addresses, truths, fixed bytes, and structs of them.

What planning and intake ask of the chain is of this kind, a million times a month; a general codec takes 150 microseconds
for an answer that ten slices give. Anything with a pointer in it (text, arrays) is left to eth_abi, and a test holds the
two together.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import ABIType, BasicType, TupleType, parse

__all__ = ["decoder_of", "encoder_of"]

_WORD: Final = 32
Put = Callable[[Any], bytes]
Take = Callable[[int], Any]


@cache
def encoder_of(types: tuple[str, ...]) -> Callable[[Sequence[Any]], bytes] | None:
    """What makes the bytes of arguments of these canonical types, or None where one of them has a pointer.

    It raises EncodingError for what does not fit.
    """
    puts = [_putting(parse(kind)) for kind in types]
    if None in puts:
        return None
    known = [put for put in puts if put is not None]

    def encoded(values: Sequence[Any]) -> bytes:
        try:
            return b"".join([put(value) for put, value in zip(known, values, strict=True)])
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            raise EncodingError(str(error)) from error

    return encoded


@cache
def decoder_of(types: tuple[str, ...]) -> Callable[[bytes], tuple[Any, ...]] | None:
    """What makes the values of an answer of these canonical types, or None where one of them has a pointer.

    Structs are tuples and addresses lower-case hex text, as eth_abi has them. It raises DecodingError for another shape.
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


def _putting(kind: ABIType) -> Put | None:
    if not isinstance(kind, BasicType) or kind.arrlist or kind.is_dynamic:
        return None
    if kind.base == "uint":
        return _putting_number(1 << kind.sub)
    if kind.base == "bool":
        return _put_truth
    if kind.base == "address":
        return _put_address
    return None


def _putting_number(limit: int) -> Put:
    def put(value: Any) -> bytes:
        if isinstance(value, bool) or not 0 <= value < limit:
            raise ValueError(f"{value!r} is no number below {limit}")
        return int(value).to_bytes(_WORD, "big")

    return put


def _put_truth(value: Any) -> bytes:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no truth value")
    return value.to_bytes(_WORD, "big")


def _put_address(value: Any) -> bytes:
    raw = bytes.fromhex(value.removeprefix("0x"))
    if len(raw) != 20:
        raise ValueError(f"{value!r} is no address")
    return raw.rjust(_WORD, b"\0")


Shape = Callable[[Sequence[int]], Any]


def _taking(kind: ABIType) -> tuple[int, Shape] | None:
    """How many words a type takes, and what makes its value of them."""
    if kind.arrlist or kind.is_dynamic:
        return None
    if isinstance(kind, TupleType):
        return _taking_struct(kind)
    assert isinstance(kind, BasicType)
    if kind.base in ("uint", "int"):
        return 1, _taking_number(kind.sub, kind.base == "int")
    if kind.base == "bool":
        return 1, _take_truth
    if kind.base == "address":
        return 1, _take_address
    return (1, _taking_bytes(kind.sub)) if kind.base == "bytes" else None


def _taking_struct(kind: TupleType) -> tuple[int, Shape] | None:
    parts = [_taking(part) for part in kind.components]
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
