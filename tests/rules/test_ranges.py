from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.errors import BadInput
from gecchain.rules import Label, Range, covers, union

small = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: Range(pair[0], pair[0] + pair[1]))
large = st.integers(0, (1 << 32) - 1).flatmap(
    lambda start: st.integers(start + 1, 1 << 32).map(lambda e: Range(start, e))
)


def serials(*ranges):
    return {serial for one in ranges for serial in range(one.start, one.end)}


def test_length():
    assert Range(120, 4120).length == len(Range(120, 4120)) == 4000


def test_intersect_in_the_middle():
    assert Range(0, 10).intersect(Range(5, 15)) == Range(5, 10)


def test_intersect_of_ranges_that_touch_is_none():
    assert Range(0, 10).intersect(Range(10, 15)) is None
    assert Range(0, 10).touches(Range(10, 15))


def test_subtract_from_the_middle_leaves_two():
    assert Range(0, 10).subtract(Range(4, 6)) == (Range(0, 4), Range(6, 10))


def test_subtract_at_the_start_leaves_the_end():
    assert Range(0, 10).subtract(Range(0, 6)) == (Range(6, 10),)


def test_subtract_at_the_end_leaves_the_start():
    assert Range(0, 10).subtract(Range(6, 12)) == (Range(0, 6),)


def test_subtract_all_leaves_nothing():
    assert Range(2, 8).subtract(Range(0, 10)) == ()


def test_subtract_elsewhere_leaves_all():
    assert Range(2, 8).subtract(Range(8, 10)) == (Range(2, 8),)


def test_union_joins_what_touches_and_overlaps():
    assert union([Range(5, 7), Range(0, 3), Range(3, 5), Range(9, 12), Range(10, 11)]) == (Range(0, 7), Range(9, 12))


def test_union_of_nothing():
    assert union([]) == ()


def test_split_25_75():
    assert Range(0, 100).split(25) == (Range(0, 25), Range(25, 100))


@pytest.mark.parametrize("at", [0, 100, 101])
def test_split_outside_is_refused(at):
    with pytest.raises(BadInput):
        Range(0, 100).split(at)


@given(small, small)
def test_algebra_is_that_of_sets(a, b):
    both = a.intersect(b)
    assert serials(a) & serials(b) == (serials(both) if both else set())
    assert serials(a) - serials(b) == serials(*a.subtract(b))
    assert a.overlaps(b) == bool(serials(a) & serials(b))
    assert a.holds(b) == (serials(b) <= serials(a))
    assert a.overlaps(b) == b.overlaps(a)


@given(st.lists(small, max_size=8))
def test_union_holds_the_same_serials_in_the_fewest_ranges(ranges):
    merged = union(ranges)
    assert serials(*merged) == serials(*ranges)
    assert all(left.end < right.start for left, right in pairwise(merged))


@given(small, st.sets(st.integers(0, 80), max_size=6))
def test_pieces_cover_their_range_and_no_other(whole, cuts):
    at = [whole.start, *sorted(cut for cut in cuts if whole.start < cut < whole.end), whole.end]
    pieces = [Range(start, end) for start, end in pairwise(at)]
    assert covers(reversed(pieces), whole)
    assert not covers(pieces[1:], whole)
    assert not covers([*pieces, pieces[-1]], whole)


@given(large)
def test_a_range_is_read_back_as_it_is_shown(one):
    assert Range.parse(str(one)) == one
    assert Range.parse(f"{one.start:,} - {one.end - 1:,}") == one


def test_people_see_both_ends():
    assert str(Range(120, 4120)) == "120-4119"
    assert str(Range(7, 8)) == "7"
    assert Range.parse("7") == Range(7, 8)


def test_page_text_counts_from_one_and_names_the_total():
    expected = Label("第 120 至 4,119 个，共 12,345 个", "120 to 4,119 of 12,345")
    assert Range(119, 4119).text(12345) == expected
    assert Range(7, 8).text(12345) == Label("第 8 个，共 12,345 个", "8 of 12,345")


@pytest.mark.parametrize("text", ["", "-", "5-", "-5", "5-4", "1-2-3", "a-b", "1..2", "0-4294967296"])
def test_other_spellings_are_refused(text):
    with pytest.raises(BadInput) as refused:
        Range.parse(text)
    assert refused.value.field == "range"


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 4), (-1, 3), (0, (1 << 32) + 1)])
def test_empty_and_impossible_ranges_are_refused(start, end):
    with pytest.raises(BadInput):
        Range(start, end)


@given(small, st.integers(0, 90))
def test_a_serial_is_in_its_range(one, serial):
    assert (serial in one) == (serial in serials(one))
