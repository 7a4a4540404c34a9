import hmac
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from gecchain.errors import BadInput
from gecchain.rules import account_address, identity_hash, legal_code, valid_resident_number, valid_uscc

USCC = json.loads((Path(__file__).parents[1] / "vectors" / "uscc.json").read_text())["cases"]
KEY = bytes(range(32))
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

bodies = st.builds(
    lambda digits, rest: digits + rest,
    st.text("0123456789", min_size=8, max_size=8),
    st.text(ALPHABET, min_size=9, max_size=9),
)
codes = bodies.map(lambda body: body + uscc.calc_check_digit(body))


@pytest.mark.parametrize("case", USCC, ids=lambda case: case["code"] or "empty")
def test_q86_social_credit_codes_of_the_vectors(case):
    assert valid_uscc(case["code"]) is case["valid"]


@pytest.mark.parametrize(
    "code", ["91110000600037341l", " 91110000600037341L", "91110000-600037341L", "9111000060003734１L"]
)
def test_q86_a_code_is_written_in_one_way_only(code):
    assert not valid_uscc(code)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_q86_an_altered_code_is_noticed(code, place, character):
    assert valid_uscc(code)
    if code[place] != character:
        assert not valid_uscc(code[:place] + character + code[place + 1 :])


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", False),
        ("110105194912310020", False),
        ("110105 19491231002X", False),
        ("11010519491331002X", False),
        ("", False),
    ],
)
def test_q86_resident_identity_numbers(code, valid):
    assert valid_resident_number(code) is valid


def test_q86_legal_codes_are_of_either_kind_and_not_repeated_in_errors():
    assert legal_code("91110000600037341L") == "91110000600037341L"
    assert legal_code("11010519491231002X") == "11010519491231002X"
    with pytest.raises(BadInput) as refused:
        legal_code("110105194912310020")
    assert "110105" not in f"{refused.value} {refused.value.value}"


@given(st.binary(min_size=16, max_size=64), codes)
def test_q86_the_account_is_the_end_of_the_keyed_hash(key, code):
    found = identity_hash(key, code)
    assert found == hmac.digest(key, code.encode(), "sha256")
    assert account_address(found) == "0x" + found.hex()[24:]


@given(codes, codes)
def test_q86_one_identity_one_account(one, other):
    assert (identity_hash(KEY, one) == identity_hash(KEY, other)) == (one == other)


@given(codes)
def test_q86_another_key_gives_another_account(code):
    assert identity_hash(KEY, code) != identity_hash(KEY[::-1], code)


@pytest.mark.parametrize("code", ["", "91110000600037341l", "9111 0000", "９１", "A" * 65])
def test_q86_codes_that_are_not_canonical_have_no_account(code):
    with pytest.raises(BadInput):
        identity_hash(KEY, code)


def test_q86_a_short_key_is_refused():
    with pytest.raises(BadInput):
        identity_hash(KEY[:15], "91110000600037341L")


def test_q86_an_account_needs_32_bytes():
    with pytest.raises(BadInput):
        account_address(b"\x00" * 20)


@given(st.text(max_size=20) | st.text("0123456789Xx", min_size=18, max_size=18))
def test_q86_whatever_is_typed_is_valid_or_not(text):
    assert not (valid_uscc(text) or valid_resident_number(text)) or legal_code(text) == text
