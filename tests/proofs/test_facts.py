import json
from pathlib import Path

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.proofs import certificate_hash, facts_hash, keccak256, split_certificate_hash

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "facts.json").read_text())["cases"]
TYPES = ["uint8", "uint256", "address", "uint96", "bytes32", "uint24", "bytes32"]
GOOD = (31337, "0x" + "ab" * 20, 5, bytes(32), 7, bytes(32))

hashes = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
tokens = st.integers(0, (1 << 96) - 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["number"])
def test_facts_of_the_vectors(case):
    token = int(case["token_id"])
    found = facts_hash(
        int(case["chain_id"]),
        case["certificates"],
        token,
        bytes.fromhex(case["readings_root"][2:]),
        case["leaf"],
        bytes.fromhex(case["filing_hash"][2:]),
    )
    assert "0x" + found.hex() == case["facts_hash"]
    assert "0x" + certificate_hash(token, found).hex() == case["certificate_hash"]


@given(st.integers(0, (1 << 256) - 1), addresses, tokens, hashes, st.integers(0, (1 << 24) - 1), hashes)
def test_facts_are_encoded_as_the_contract_does(chain, address, token, root, leaf, filing):
    expected = keccak256(encode(TYPES, [1, chain, address, token, root, leaf, filing]))
    assert facts_hash(chain, address, token, root, leaf, filing) == expected


@given(tokens, hashes)
def test_q18_a_certificate_hash_locates_itself(token, facts):
    found = certificate_hash(token, facts)
    assert len(found) == 32
    assert split_certificate_hash(found) == (token, facts[-20:])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 1 << 256),
        (0, -1),
        (1, "0x" + "ab" * 19),
        (1, "ab" * 20),
        (1, "0x" + "zz" * 20),
        (2, 1 << 96),
        (3, bytes(31)),
        (4, 1 << 24),
        (5, bytes(33)),
    ],
)
def test_parts_that_do_not_fit_are_refused(place, value):
    assert len(facts_hash(*GOOD)) == 32
    with pytest.raises(BadInput):
        facts_hash(*GOOD[:place], value, *GOOD[place + 1 :])


def test_a_certificate_hash_has_32_bytes():
    with pytest.raises(BadInput):
        split_certificate_hash(bytes(31))
    with pytest.raises(BadInput):
        certificate_hash(1 << 96, bytes(32))
