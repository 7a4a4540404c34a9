import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import Electricity, FirstHolder, Month, ProjectType, Technology, classify

VECTORS = Path(__file__).parents[1] / "vectors"
TRADABILITY = json.loads((VECTORS / "tradability.json").read_text())["cases"]
HOLDERS = {
    "owner": FirstHolder.OWNER,
    "province": FirstHolder.PROVINCE,
    "by settlement: direct buyer or province": FirstHolder.BY_SETTLEMENT,
    None: None,
}

technologies = st.sampled_from(Technology)
electricities = st.sampled_from(Electricity)
months = st.integers(0, 4095).map(Month)


@pytest.mark.parametrize("case", TRADABILITY, ids=lambda case: f"{case['technology']} {case['why']}")
def test_q23_classes_of_the_vectors(case):
    electricity = Electricity.MECHANISM if case["mechanism"] else Electricity.of_slug(case["electricity"])
    technology = Technology.of_slug(case["technology"])
    month = Month.parse(case["commissioned"][:7])
    found = classify(technology, electricity, month, case["fully_market_based"])
    assert found.issued is case["issued"]
    assert found.first_holder is HOLDERS[case["first_holder"]]
    assert found.tradable is bool(case["tradable"])
    assert found.why


@given(technologies, electricities, months, st.booleans())
def test_q23_only_what_goes_on_the_grid_is_tradable(technology, electricity, month, market):
    found = classify(technology, electricity, month, market)
    assert found.issued or (not found.tradable and found.first_holder is None)
    assert not found.tradable or (electricity is Electricity.ON_GRID and found.first_holder is FirstHolder.OWNER)


@given(electricities, months, st.booleans())
def test_q23_the_date_and_the_market_matter_for_hydro_alone(electricity, month, market):
    for technology in set(Technology) - {Technology.HYDRO}:
        here = classify(technology, electricity, month, market)
        assert here == classify(technology, electricity, Month.parse("2023-01"), not market)


@given(electricities, months, st.booleans())
def test_2026_storage_gets_nothing(electricity, month, market):
    for technology in (Technology.STORAGE, Technology.PUMPED_STORAGE):
        assert not classify(technology, electricity, month, market).issued


@given(technologies, months, st.booleans())
def test_2026_mechanism_electricity_goes_to_the_province(technology, month, market):
    found = classify(technology, Electricity.MECHANISM, month, market)
    assert not found.issued or (found.first_holder is FirstHolder.PROVINCE and not found.tradable)


@pytest.mark.parametrize("kind", [ProjectType, Technology, Electricity, FirstHolder])
def test_every_member_is_named_and_found(kind):
    for member in kind:
        assert kind.of_slug(member.slug) is member
        assert kind.of_number(member.value) is member
        assert member.label.zh
        assert member.label.en


def test_numbers_and_letters_are_those_of_the_architecture():
    assert [(kind.value, kind.code) for kind in ProjectType] == [(1, "C"), (2, "D"), (3, "H")]
    assert "".join(technology.code for technology in Technology) == "WWWSSHEBBGOE"
    assert [int(technology) for technology in Technology] == list(range(1, 13))
    assert [(int(kind), kind.code) for kind in Electricity] == [(0, "G"), (1, "S"), (2, "F"), (3, "M")]


@pytest.mark.parametrize(("kind", "number"), [(ProjectType, 0), (ProjectType, 4), (Technology, 13), (Electricity, 4)])
def test_unknown_numbers_are_refused_with_the_known_ones(kind, number):
    with pytest.raises(BadInput) as refused:
        kind.of_number(number)
    assert refused.value.value == str(number)
    assert next(iter(kind)).slug in refused.value.remedy


def test_unknown_slugs_are_refused_with_the_known_ones():
    with pytest.raises(BadInput, match="offshore_wind") as refused:
        Technology.of_slug("coal")
    assert refused.value.field == "technology"
