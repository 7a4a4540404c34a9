import json

import pytest
from Crypto.Hash import keccak
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.proofs import canonical_json, document_hash, keccak256, record_digest

texts = st.text(st.characters(exclude_categories=("Cs",)))
keys = st.text("abcé中\U0001f600", max_size=4)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcé中\U0001f600", max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_keccak_of_nothing_is_the_one_of_the_chain_and_not_sha3():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@given(st.binary(max_size=300))
def test_keccak_agrees_with_another_implementation(data):
    assert keccak256(data) == keccak.new(data=data, digest_bits=256).digest()


@given(values)
def test_canonical_json_is_read_back_and_has_one_form(value):
    document = canonical_json(value)
    assert json.loads(document) == value
    assert canonical_json(json.loads(document)) == document


def test_canonical_json_sorts_and_leaves_out_spaces():
    assert canonical_json({"b": 1, "a": ["电", True, None]}) == '{"a":["电",true,null],"b":1}'.encode()


@pytest.mark.parametrize("value", [1.5, {"a": [0.0]}, 2**53 + 1, float("nan"), "\ud800", {1: "a"}, object(), b"x"])
def test_what_has_no_canonical_json_is_refused(value):
    with pytest.raises(BadInput):
        canonical_json(value)


@given(st.binary(max_size=100))
def test_documents_have_32_bytes_and_records_17(data):
    assert document_hash(data) == keccak256(data)
    assert record_digest(data) == keccak256(data)[:17]
