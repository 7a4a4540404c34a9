"""Corrections of metered energy: whole certificates, and a carry that none can overdraw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import CertificateState, certificates_of, corrected, shown_state

CARRIES = st.integers(0, 999_999)


@given(CARRIES, st.integers(0, 2**62))
def test_q95_upwards_is_as_issuing(carry, wh):
    assert corrected(carry, wh) == certificates_of(carry, wh)


@given(CARRIES, st.integers(1, 2**62))
def test_q95_downwards_takes_the_carry_first(carry, wh):
    certificates, left = corrected(carry, -wh)
    taken = 0 if wh <= carry else -(-(wh - carry) // 1_000_000)
    assert (certificates, left) == (-taken, carry + taken * 1_000_000 - wh)
    assert 0 <= left < 1_000_000


@given(CARRIES, st.integers(-(2**62), 2**62))
def test_q95_a_correction_taken_back_changes_nothing(carry, wh):
    certificates, middle = corrected(carry, wh)
    assert corrected(middle, -wh) == (-certificates, carry)


@pytest.mark.parametrize("carry", [-1, 1_000_000])
def test_what_is_no_carry_is_bad_input(carry):
    with pytest.raises(BadInput, match="carry"):
        corrected(carry, 1)


@pytest.mark.parametrize("state", CertificateState)
def test_q66_only_what_is_alive_and_untraded_stands_still(state):
    alive = state in (CertificateState.HELD, CertificateState.LISTED)
    assert shown_state(state, traded=False, ccer=True) == (CertificateState.FROZEN if alive else state)
    assert shown_state(state, traded=True, ccer=True) == shown_state(state, traded=False, ccer=False) == state
