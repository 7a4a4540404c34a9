"""The codec of words gives what eth_abi gives, for every call and plain answer of ours, and refuses what it refuses."""

import json
from contextlib import suppress
from importlib import resources
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_abi.grammar import ABIType, BasicType, TupleType, parse
from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.contracts import NAMES
from gecchain.chain.views import canonical_type
from gecchain.chain.words import decoder_of, encoder_of
from gecchain.errors import BadInput


def _calls() -> list[tuple[str, ...]]:
    found = set()
    for name in NAMES:
        file = resources.files("gecchain.chain") / "artifacts" / f"{name}.json"
        for item in json.loads(file.read_bytes())["abi"]:
            if item["type"] == "function":
                found.add(tuple(canonical_type(part) for part in item["inputs"]))
    return sorted(found)


def _views() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    found = []
    for name in NAMES:
        file = resources.files("gecchain.chain") / "artifacts" / f"{name}.json"
        for item in json.loads(file.read_bytes())["abi"]:
            if item["type"] == "function" and item["stateMutability"] in ("view", "pure"):
                sides = [tuple(canonical_type(part) for part in item[side]) for side in ("inputs", "outputs")]
                found.append((f"{name}.{item['name']}", sides[0], sides[1]))
    return found


VIEWS = _views()
CALLS = _calls()
ANSWERS = sorted({outputs for _name, _inputs, outputs in VIEWS if outputs})
PLAIN = [outputs for outputs in ANSWERS if not any(parse(kind).is_dynamic for kind in outputs)]
KINDS = ("uint8", "int64", "uint256", "bool", "address", "bytes32", "bytes", "string", "uint32[]", "(uint8,string)[]")
WORDS = st.integers(0, (1 << 256) - 1) | st.sampled_from([0, 1, 255, 256, (1 << 160) - 1, 1 << 160, 1 << 255])


@given(st.data())
def test_plain_answers_as_eth_abi_has_them(data: st.DataObject) -> None:
    outputs = data.draw(st.sampled_from(PLAIN))
    words = data.draw(st.lists(WORDS, min_size=1, max_size=14))
    raw = b"".join(word.to_bytes(32, "big") for word in words)
    try:
        expected = decode(outputs, raw)
    except DecodingError:
        with pytest.raises(DecodingError):
            decoder_of(outputs)(raw)
        return
    size = len(encode(outputs, expected))
    assert decoder_of(outputs)(raw[:size]) == expected
    if len(raw) > size:
        with pytest.raises(DecodingError):
            decoder_of(outputs)(raw)


@given(st.data())
def test_every_answer_of_ours(data: st.DataObject) -> None:
    types = data.draw(st.sampled_from(ANSWERS))
    raw = encode(types, [data.draw(_fitting(parse(kind))) for kind in types])
    assert decoder_of(types)(raw) == decode(types, raw)


@given(st.data())
def test_junk_is_refused_and_never_a_crash(data: st.DataObject) -> None:
    types = data.draw(st.sampled_from(ANSWERS))
    raw = bytearray(encode(types, [data.draw(_fitting(parse(kind))) for kind in types]))
    for _ in range(data.draw(st.integers(1, 3))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    junk = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    with suppress(DecodingError):
        decoder_of(types)(junk)


@given(st.data())
def test_arguments_as_eth_abi_has_them(data: st.DataObject) -> None:
    types = tuple(data.draw(st.lists(st.sampled_from(KINDS), max_size=5)))
    values = [data.draw(_values(kind)) for kind in types]
    try:
        expected = encode(types, values)
    except EncodingError:
        with pytest.raises(EncodingError):
            encoder_of(types)(values)
        return
    assert encoder_of(types)(values) == expected


@given(st.data())
def test_every_call_of_ours(data: st.DataObject) -> None:
    types = data.draw(st.sampled_from(CALLS))
    values = [data.draw(_fitting(parse(kind))) for kind in types]
    assert encoder_of(types)(values) == encode(types, values)


def test_wrong_number_of_arguments() -> None:
    with pytest.raises(EncodingError):
        encoder_of(("uint8", "uint8"))([1])


def test_a_type_that_no_contract_has() -> None:
    with pytest.raises(BadInput):
        encoder_of(("uint8[3]",))


def _values(kind: str) -> st.SearchStrategy[object]:
    """What fits, and now and then what does not."""
    return _fitting(parse(kind)) | st.integers(-2, 1 << 257) | st.booleans() | st.text(max_size=3)


def _fitting(kind: ABIType) -> st.SearchStrategy[Any]:
    if kind.arrlist:
        return st.lists(_fitting(kind.item_type), max_size=3)
    if isinstance(kind, TupleType):
        return st.tuples(*map(_fitting, kind.components))
    assert isinstance(kind, BasicType)
    if kind.base == "uint":
        return st.integers(0, (1 << kind.sub) - 1)
    if kind.base == "int":
        return st.integers(-(1 << kind.sub - 1), (1 << kind.sub - 1) - 1)
    if kind.base == "address":
        return st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
    if kind.base == "bytes":
        return st.binary(max_size=70) if kind.sub is None else st.binary(min_size=kind.sub, max_size=kind.sub)
    return st.booleans() if kind.base == "bool" else st.text(max_size=40)
