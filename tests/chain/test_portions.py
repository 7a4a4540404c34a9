"""Parts are whole, in order, and no heavier than they may be."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.portions import portions


@given(st.lists(st.integers(0, 12)), st.integers(0, 20), st.integers(1, 5))
def test_parts_are_as_large_as_they_may_be(weights: list[int], most: int, count: int) -> None:
    parts = list(portions(weights, lambda weight: weight, most, count))
    assert [weight for part in parts for weight in part] == weights
    assert all(part for part in parts)
    assert all(len(part) <= count and (sum(part) <= most or len(part) == 1) for part in parts)
    for part, after in itertools.pairwise(parts):
        assert len(part) == count or sum(part) + after[0] > most
