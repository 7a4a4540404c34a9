"""The codec of words gives what eth_abi gives, for every view of ours that has no pointer, and refuses what it refuses."""

import json
from importlib import resources

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.contracts import NAMES
from gecchain.chain.views import canonical_type
from gecchain.chain.words import decoder_of, encoder_of


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
PLAIN = sorted({outputs for _name, _inputs, outputs in VIEWS if outputs and decoder_of(outputs)})
KINDS = ("uint8", "uint64", "uint256", "bool", "address")
WORDS = st.integers(0, (1 << 256) - 1) | st.sampled_from([0, 1, 255, 256, (1 << 160) - 1, 1 << 160, 1 << 255])


def test_what_is_asked_by_the_million_is_plain() -> None:
    plain = {name for name, inputs, outputs in VIEWS if encoder_of(inputs) and decoder_of(outputs)}
    assert {"Registry.project", "Registry.laneOf", "Certificates.segmentAt", "Readings.commitment"} <= plain
    assert "Certificates.facts" not in plain


@given(st.data())
def test_answers_as_eth_abi_has_them(data: st.DataObject) -> None:
    outputs = data.draw(st.sampled_from(PLAIN))
    words = data.draw(st.lists(WORDS, min_size=1, max_size=14))
    raw = b"".join(word.to_bytes(32, "big") for word in words)
    plain = decoder_of(outputs)
    assert plain is not None
    try:
        expected = decode(outputs, raw)
    except DecodingError:
        with pytest.raises(DecodingError):
            plain(raw)
        return
    size = len(encode(outputs, expected))
    assert plain(raw[:size]) == expected
    if len(raw) > size:
        with pytest.raises(DecodingError):
            plain(raw)


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(-2, 1 << 257) | st.booleans() | st.text(max_size=3))))
def test_arguments_as_eth_abi_has_them(given_: list[tuple[str, object]]) -> None:
    types, values = tuple(kind for kind, _value in given_), [value for _kind, value in given_]
    plain = encoder_of(types)
    assert plain is not None
    try:
        expected = encode(types, values)
    except EncodingError:
        with pytest.raises(EncodingError):
            plain(values)
        return
    assert plain(values) == expected


@given(st.binary(min_size=20, max_size=20), st.booleans(), st.integers(0, (1 << 48) - 1))
def test_addresses_and_numbers(raw: bytes, truth: bool, number: int) -> None:
    types, values = ("address", "bool", "uint48"), ("0x" + raw.hex(), truth, number)
    plain, back = encoder_of(types), decoder_of(types)
    assert plain is not None
    assert back is not None
    assert plain(values) == encode(types, values)
    assert back(plain(values)) == values


def test_wrong_number_of_arguments() -> None:
    plain = encoder_of(("uint8", "uint8"))
    assert plain is not None
    with pytest.raises(EncodingError):
        plain([1])
