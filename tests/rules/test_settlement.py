import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import settled_certificates

SETTLEMENT = json.loads((Path(__file__).parents[1] / "vectors" / "settlement.json").read_text())["cases"]
energies = st.integers(0, 10**16)


@pytest.mark.parametrize("case", SETTLEMENT)
def test_q46_settlement_of_the_vectors(case):
    found = settled_certificates(case["contract_wh"], case["fed_in_wh"], case["consumed_wh"])
    assert found == case["certificates"]


@given(energies, energies, energies)
def test_q46_never_above_any_of_the_three_and_less_than_one_below(contract, fed_in, consumed):
    settled = settled_certificates(contract, fed_in, consumed) * 1_000_000
    assert all(settled <= part for part in (contract, fed_in, consumed))
    assert any(part - settled < 1_000_000 for part in (contract, fed_in, consumed))


@pytest.mark.parametrize("parts", [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_q46_negative_energy_is_refused(parts):
    with pytest.raises(BadInput):
        settled_certificates(*parts)
