"""The fold against a naive model with one entry a certificate, and the named invariants."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import BrokenProof
from gecchain.events import ConsecutiveTransfer, Issued, Moved, Recorded
from gecchain.ledger import State, apply, settle
from gecchain.rules import Lane
from tests.ledger.history import LISTED, RETIRED, History, play, steps


def folded(recorded: list[Recorded]) -> State:
    state = State()
    for event in recorded:
        apply(state, event)
    settle(state)
    return state


@given(steps())
def test_fold_holds_what_the_naive_model_holds(moves: list[tuple[int, int, int, int]]) -> None:
    history = play(moves)
    state = folded(history.recorded)
    assert set(state.batches) == set(history.batches)
    for batch, certificates in history.batches.items():
        for serial, expected in enumerate(certificates):
            segment = state.segment_at(batch, serial)
            assert segment is not None
            assert (segment.owner, segment.state, segment.traded) == (expected.owner, expected.state, expected.traded)
            mates = [s for s, other in enumerate(certificates) if other.piece == expected.piece]
            assert (segment.start, segment.end) == (mates[0], mates[-1] + 1)
        assert state.segment_at(batch, len(certificates)) is None


@given(steps())
def test_segments_are_disjoint_and_cover_the_batch(moves: list[tuple[int, int, int, int]]) -> None:
    """I2."""
    state = folded(play(moves).recorded)
    for batch in state.batches.values():
        segments = state.segments_of(batch.id)
        assert [segment.start for segment in segments] == [0, *(segment.end for segment in segments[:-1])]
        assert segments[-1].end == batch.count


@given(steps())
def test_issued_is_held_and_retired(moves: list[tuple[int, int, int, int]]) -> None:
    """I3, per account and in total, and the tallies are the same certificates counted otherwise."""
    history = play(moves)
    state = folded(history.recorded)
    holding: Counter[str] = Counter()
    retired: Counter[str] = Counter()
    for certificates in history.batches.values():
        for item in certificates:
            (retired if item.state == RETIRED else holding)[item.owner] += 1
    for balance in state.balances.values():
        assert (balance.holding, balance.retired) == (holding[balance.account], retired[balance.account])
    totals = state.totals[1]
    assert totals.issued == sum(holding.values()) + sum(retired.values())
    assert totals.retired == sum(retired.values())
    traded = sum(item.traded for certificates in history.batches.values() for item in certificates)
    tallies = state.tallies.values()
    assert sum(tally.issued for tally in tallies) == totals.issued
    assert sum(tally.retired for tally in tallies) == totals.retired
    assert sum(tally.traded for tally in tallies) == traded


@given(steps())
def test_metered_is_issued_and_carry(moves: list[tuple[int, int, int, int]]) -> None:
    """I4, per lane and in total."""
    history = play(moves)
    state = folded(history.recorded)
    for lane in state.lanes.values():
        carry = Lane.unpack(lane.lane).carry
        assert carry == history.carry[lane.project, lane.electricity]
        assert lane.metered_wh == 1_000_000 * lane.issued + carry
    totals = state.totals[1]
    assert totals.metered_wh == history.metered == 1_000_000 * totals.issued + totals.carry_wh


@given(steps())
def test_open_listings_are_what_is_listed(moves: list[tuple[int, int, int, int]]) -> None:
    """I5 and I8: only untraded certificates are on offer, once each."""
    state = folded(play(moves).recorded)
    offered = {
        (listing.batch, serial)
        for listing in state.listings.values()
        if not listing.closed
        for serial in range(listing.left, listing.left_end)
    }
    listed = {
        (segment.batch, serial)
        for segment in state.segments.values()
        if segment.state == LISTED
        for serial in range(segment.start, segment.end)
    }
    assert offered == listed
    assert not any(segment.traded for segment in state.segments.values() if segment.state == LISTED)


@given(steps(), st.data())
def test_an_event_applied_twice_is_refused(moves: list[tuple[int, int, int, int]], data: st.DataObject) -> None:
    recorded = play([*moves, (0, 0, 7, 12345)]).recorded
    place = data.draw(st.sampled_from([i for i, at in enumerate(recorded) if isinstance(at.event, Issued)]))
    state = folded(recorded)
    with pytest.raises(BrokenProof) as refused:
        apply(state, replace(recorded[place], transaction="0xagain"))
    assert f"block {recorded[place].block}" in refused.value.where


@given(steps(), st.data())
def test_a_missing_or_changed_transfer_is_refused(moves: list[tuple[int, int, int, int]], data: st.DataObject) -> None:
    recorded = play([*moves, (0, 0, 7, 12345)]).recorded
    echoes = [i for i, at in enumerate(recorded) if isinstance(at.event, ConsecutiveTransfer)]
    if not echoes:
        return
    place = data.draw(st.sampled_from(echoes))
    event = recorded[place].event
    assert isinstance(event, ConsecutiveTransfer)
    other = replace(recorded[place], event=replace(event, to_token_id=event.to_token_id + 1))
    for changed in ([], [other]):
        with pytest.raises(BrokenProof):
            folded([*recorded[:place], *changed, *recorded[place + 1 :]])


@settings(max_examples=50)
@given(steps(), st.data())
def test_a_range_across_two_segments_is_refused(moves: list[tuple[int, int, int, int]], data: st.DataObject) -> None:
    history = History()
    for step in [(0, 0, 7, 12345), *moves]:
        history.play(step)
    state = folded(history.recorded)
    cut = [batch for batch in state.batches if len(state.segments_of(batch)) > 1]
    if not cut:
        return
    batch = data.draw(st.sampled_from(cut))
    left = state.segments_of(batch)[0]
    history.log(Moved(batch, left.end - 1, left.end + 1, left.owner, left.owner, "0x" + "00" * 32))
    with pytest.raises(BrokenProof, match="No single segment"):
        apply(state, history.recorded[-1])
