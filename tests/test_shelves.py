"""A shelf is a dictionary, however little of it is in memory."""

import random
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import Unavailable
from gecchain.fsck.shelves import shelves
from gecchain.ledger import Balance, Segment, State

KEYS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([1 << 63, (1 << 64) - 1, 1 << 200, "", "0xab", "某", True]),
    st.tuples(st.integers(0, 2), st.booleans()),
)
STEPS = st.lists(st.tuples(st.sampled_from(["set", "get", "del", "all", "default"]), KEYS, st.integers()), max_size=60)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_a_shelf_is_a_dictionary(steps: list[tuple[str, Any, int]], near: int) -> None:
    known: dict[Any, int] = {}
    with shelves(near) as room:
        shelf = room.sums()
        for what, key, value in steps:
            assert done(shelf, what, key, value) == done(known, what, key, value)
        assert list(shelf.items()) == list(known.items())
        assert list(shelf.values()) == list(known.values())


def done(mapping: MutableMapping[Any, int], what: str, key: Any, value: int) -> Any:
    if what == "set":
        mapping[key] = value
        return None
    if what == "get":
        return mapping.get(key), key in mapping
    if what == "default":
        return mapping.setdefault(key, value)
    if what == "all":
        return len(mapping), list(mapping)
    try:
        del mapping[key]
    except KeyError as error:
        return str(error)
    return None


def test_a_state_on_shelves_keeps_its_segments_in_order() -> None:
    draw = random.Random(4)
    plain = State()
    with shelves(near=2) as room:
        kept = room.state()
        for _time in range(400):
            batch, start = draw.randrange(1, 4) << 60, draw.randrange(0, 40)
            segment = Segment(batch, start, start + draw.randrange(1, 5), "0x" + "ab" * 20, 1, 0, 0)
            for state in (plain, kept):
                state.put_segment(segment)
            assert kept.segment_at(batch, start + 2) == plain.segment_at(batch, start + 2)
        for number in range(1, 4):
            assert kept.segments_of(number << 60) == plain.segments_of(number << 60)
        kept.balances["a"] = Balance("a", 1, 2, 3)
        assert dict(kept.balances) == {"a": Balance("a", 1, 2, 3)}


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gecchain.fsck.shelves._PRAGMAS", ("page_size=512", "max_page_count=300"))
    with pytest.raises(Unavailable, match="scratch file") as told:
        fill()
    assert "TMPDIR" in str(told.value.remedy)


def fill() -> None:
    with shelves(near=1) as room:
        shelf = room.sums()
        for number in range(100_000):
            shelf[number] = number
