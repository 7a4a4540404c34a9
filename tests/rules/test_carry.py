import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput, Refused
from gecchain.rules import EMPTY_LANE, Lane, LeafRefusal, Month, certificates_of

VECTORS = Path(__file__).parents[1] / "vectors"
CARRY = json.loads((VECTORS / "carry.json").read_text())["cases"]
LANES = json.loads((VECTORS / "lanes.json").read_text())["cases"]

MILLION = 1_000_000
energies = st.integers(0, 999_999_998 * MILLION)
months = st.integers(0, 4095).map(Month)
close_months = st.integers(1500, 1600).map(Month)


def issued(readings):
    """The lane after readings, the certificates, and the Wh that were taken."""
    lane, total, taken = EMPTY_LANE, 0, 0
    for month, wh in readings:
        try:
            lane, count = lane.issue(month, wh)
        except Refused:
            continue
        total, taken = total + count, taken + wh
    return lane, total, taken


@pytest.mark.parametrize("case", CARRY, ids=lambda case: case["name"])
def test_q24_carry_of_the_vectors(case):
    carry, lane = 0, EMPTY_LANE
    for number, month in enumerate(case["months"]):
        count, carry = certificates_of(carry, month["metered_wh"])
        lane, minted = lane.issue(Month(1500 + number), month["metered_wh"])
        assert (count, carry) == (minted, lane.carry) == (month["certificates"], month["carry_wh"])


@pytest.mark.parametrize("case", LANES, ids=lambda case: case["name"])
def test_q24_lanes_of_the_vectors(case):
    lane = EMPTY_LANE
    for step in case["steps"]:
        month = Month.parse(step["month"])
        assert month.index == step["index"]
        if step["refused"]:
            with pytest.raises(Refused) as refused:
                lane.issue(month, int(step["wh"]))
            assert refused.value.reason == step["refused"] == LeafRefusal.of_slug(step["refused"]).slug
        else:
            lane, count = lane.issue(month, int(step["wh"]))
            assert count == step["count"]
        assert (lane.carry, lane.window, lane.pack()) == (step["carry"], int(step["window"]), int(step["lane"]))


@given(st.lists(st.tuples(close_months, energies), max_size=60))
def test_q24_metered_is_issued_and_carry(readings):
    lane, total, taken = issued(readings)
    assert taken == MILLION * total + lane.carry
    assert 0 <= lane.carry < MILLION


@given(st.lists(st.tuples(close_months, energies), max_size=60), close_months, energies)
def test_q24_a_month_is_issued_once(readings, month, wh):
    lane, _, _ = issued(readings)
    if lane.is_issued(month):
        with pytest.raises(Refused):
            lane.issue(month, wh)
    elif lane == EMPTY_LANE or month > lane.latest - 32:
        after, _ = lane.issue(month, wh)
        assert after.is_issued(month)
        with pytest.raises(Refused) as refused:
            after.issue(month, wh)
        assert refused.value.reason == "month_already_issued"


@given(st.lists(st.tuples(months, energies), max_size=40))
def test_q24_the_order_of_open_months_does_not_change_the_total(readings):
    lane, _, _ = issued(readings)
    window = range(max(lane.latest.index - 31, 0), lane.latest.index + 1)
    opened = [Month(index) for index in window if lane.is_issued(Month(index))]
    wh = 1_500_001
    forwards, backwards = (issued([(month, wh) for month in order]) for order in (opened, opened[::-1]))
    assert forwards == backwards


@given(st.lists(st.tuples(close_months, energies), max_size=60))
def test_a_lane_packs_into_64_bits_and_back(readings):
    lane, _, _ = issued(readings)
    assert 0 <= lane.pack() < 1 << 64
    assert Lane.unpack(lane.pack()) == lane


@given(st.integers(0, (1 << 64) - 1))
def test_a_word_that_unpacks_packs_to_itself(word):
    try:
        lane = Lane.unpack(word)
    except BadInput:
        return
    assert lane.pack() == word


@given(months, st.integers(0, MILLION - 1))
def test_32_months_back_is_too_old_and_31_is_not(month, wh):
    lane, _ = EMPTY_LANE.issue(month, wh)
    if month.index >= 32:
        with pytest.raises(Refused) as refused:
            lane.issue(month - 32, wh)
        assert refused.value.reason == "too_old"
    if month.index >= 31:
        assert lane.issue(month - 31, wh)[0].window == 1 | 1 << 31


def test_a_batch_holds_at_most_999999999():
    assert EMPTY_LANE.issue(Month(1500), 999_999_999 * MILLION + 999_999)[1] == 999_999_999
    with pytest.raises(Refused) as refused:
        EMPTY_LANE.issue(Month(1500), 1_000_000_000 * MILLION)
    assert refused.value.reason == "too_many"


@pytest.mark.parametrize(("carry", "metered"), [(-1, 5), (5, -1)])
def test_negative_energy_is_refused(carry, metered):
    with pytest.raises(BadInput):
        certificates_of(carry, metered)


@pytest.mark.parametrize("word", [MILLION, 1 << 32 | MILLION, 1, 5 << 20, 2 << 32, 1 << 64 | 1 << 32, (1 << 64) - 1])
def test_words_that_no_lane_packs_to_are_refused(word):
    with pytest.raises(BadInput):
        Lane.unpack(word)
