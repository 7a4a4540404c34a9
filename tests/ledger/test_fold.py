"""The fold against a naive model with one entry a certificate, and the named invariants."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecchain.errors import BrokenProof
from gecchain.events import (
    NO_ACCOUNT,
    CommitmentApproved,
    ConsecutiveTransfer,
    Event,
    Frozen,
    Issued,
    QuorumSet,
    Recorded,
)
from gecchain.ledger import State, apply, settle
from gecchain.rules import Lane
from tests.ledger.disputes import CLOSED
from tests.ledger.history import ACCOUNTS, AGENT, DEDUCTED, LEAVER, LISTED, PROJECTS, RETIRED, History, play, steps


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
def test_issued_is_held_retired_and_deducted(moves: list[tuple[int, int, int, int]]) -> None:
    """I3, per account and in total, and the tallies are the same certificates counted otherwise."""
    history = play(moves)
    state = folded(history.recorded)
    counted: Counter[tuple[str, int]] = Counter()
    for certificates in history.batches.values():
        for item in certificates:
            counted[item.owner, item.state if item.state in (RETIRED, DEDUCTED) else 0] += 1
    for balance in state.balances.values():
        expected = tuple(counted[balance.account, ended] for ended in (0, RETIRED, DEDUCTED))
        assert (balance.holding, balance.retired, balance.deducted) == expected
    totals = state.totals[1]
    assert totals.issued == counted.total()
    for ended, total in ((RETIRED, totals.retired), (DEDUCTED, totals.deducted)):
        assert total == sum(amount for (_owner, state), amount in counted.items() if state == ended)
    traded = sum(item.traded for certificates in history.batches.values() for item in certificates)
    tallies = state.tallies.values()
    assert sum(tally.issued for tally in tallies) == totals.issued
    assert sum(tally.retired for tally in tallies) == totals.retired
    assert sum(tally.deducted for tally in tallies) == totals.deducted
    assert sum(tally.traded for tally in tallies) == traded


@given(steps())
def test_metered_is_issued_and_carry(moves: list[tuple[int, int, int, int]]) -> None:
    """I4, per lane and in total, through corrections, additions and deductions."""
    history = play(moves)
    state = folded(history.recorded)
    for lane in state.lanes.values():
        carry = Lane.unpack(lane.lane).carry
        key = (lane.project, lane.electricity)
        assert carry == history.carry[key]
        assert lane.owed == history.owed.get(key, 0)
        assert lane.metered_wh == 1_000_000 * (lane.issued - lane.deducted - lane.owed) + carry
    totals = state.totals[1]
    counted = 1_000_000 * (totals.issued - totals.deducted - totals.owed) + totals.carry_wh
    assert totals.metered_wh == history.metered == counted
    assert totals.owed == sum(case.owed for case in state.cases.values())


@given(steps())
def test_trades_are_used_once_between_two_undos(moves: list[tuple[int, int, int, int]]) -> None:
    """I5: what is marked as traded is what was traded and not undone, trade by trade."""
    state = folded(play(moves).recorded)
    marked: Counter[int] = Counter()
    for segment in state.segments.values():
        marked[segment.trade] += segment.end - segment.start if segment.traded else 0
    undone: Counter[int] = Counter()
    for part in state.undone_trades.values():
        undone[part.trade] += part.end - part.start
    for trade in state.trades.values():
        assert marked[trade.id] == trade.end - trade.start - trade.undone
        assert trade.undone == undone[trade.id]
    for retirement in state.retirements.values():
        parts = [part for part in state.undone_retirements.values() if part.retirement == retirement.position]
        assert retirement.undone == sum(part.end - part.start for part in parts)


@given(steps())
def test_cases_go_through_their_stages(moves: list[tuple[int, int, int, int]]) -> None:
    history = play(moves)
    state = folded(history.recorded)
    assert sorted(state.cases) == [case.id for case in history.disputes]
    days = state.parameters[1]
    allowed = (days.proposal_days, days.check_days, days.decision_days, days.execution_days, 0)
    for case in history.disputes:
        found = state.cases[case.id]
        assert (found.batch, found.stage, found.since, found.outcome) == (
            case.batch,
            case.stage,
            case.since,
            case.outcome,
        )
        assert (found.watt_hours, found.owed, bool(found.closed)) == (case.wh, case.owed, case.stage == CLOSED)
        due = 0 if case.stage == CLOSED else case.since + 86_400 * allowed[case.stage - 1]
        assert state.due_at(case.id) == due
        parts = [(doubt.start, doubt.end) for key, doubt in sorted(state.doubts.items()) if key[0] == case.id]
        assert parts == case.doubtful
        if case.stage != CLOSED:
            assert state.batches[case.batch].case_id == case.id
    open_ones = {case.batch for case in history.disputes if case.stage != CLOSED}
    assert {batch.id for batch in state.batches.values() if batch.case_id} == open_ones


@given(steps(), st.integers(-40, 60))
def test_who_acts_is_a_function_of_time(moves: list[tuple[int, int, int, int]], later: int) -> None:
    """I7: the operator, the agent while a mandate lasts, nobody for a frozen or closed account."""
    history = play(moves)
    state = folded(history.recorded)
    for address in (*ACCOUNTS, LEAVER, AGENT, "0x" + "ee" * 20):
        expected = history.acting(address, history.now + later) if address in state.accounts else NO_ACCOUNT
        assert state.actor_of(address, history.now + later) == expected


@given(steps())
def test_declarations_stand_where_they_were_left(moves: list[tuple[int, int, int, int]]) -> None:
    history = play(moves)
    state = folded(history.recorded)
    assert {item.id: item.stage for item in state.declarations.values()} == history.declared
    for item in state.declarations.values():
        if item.stage == 3:
            assert state.commitments[item.commitment].declared


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
    history.log(Frozen(batch, left.end - 1, left.end + 1, "0x" + "00" * 32))
    with pytest.raises(BrokenProof, match="No single segment"):
        apply(state, history.recorded[-1])


FIRST, SECOND, THIRD = ACCOUNTS
APPROVED: list[Event] = [QuorumSet(2), CommitmentApproved(1, FIRST, 1), CommitmentApproved(1, SECOND, 2)]


def approved_and_issued(*events: Event) -> State:
    """One commitment that meets these events before it is issued from."""
    history = History()
    leaves = (PROJECTS[0] << 208 | 5_000_000 << 136,)
    history.log(history.committed(history.count("commitment"), 1500, leaves, False))
    history.log(*events)
    history.draw(1, 1500, leaves)
    return folded(history.recorded)


def test_what_enough_officers_approved_is_issued() -> None:
    state = approved_and_issued(*APPROVED)
    assert (state.commitments[1].approvals, state.parameters[1].quorum, len(state.batches)) == (2, 2, 1)
    assert sorted(state.approvals) == [(1, FIRST), (1, SECOND)]
    more = approved_and_issued(*APPROVED, CommitmentApproved(1, THIRD, 3), QuorumSet(3))
    assert more.commitments[1].approvals == 3
    assert approved_and_issued(QuorumSet(3), QuorumSet(0)).parameters[1].quorum == 0


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([APPROVED[0]], "issued from with 0 approvals of 2"),
        (APPROVED[:2], "issued from with 1 approvals of 2"),
        ([*APPROVED, QuorumSet(3)], "issued from with 2 approvals of 3"),
        ([*APPROVED[:2], CommitmentApproved(1, FIRST, 2)], "approved twice"),
        ([*APPROVED[:2], CommitmentApproved(1, SECOND, 3)], "counted wrongly"),
        ([CommitmentApproved(2, FIRST, 1)], "unknown or replaced"),
    ],
)
def test_what_too_few_officers_approved_cannot_have_been_issued(events: list[Event], said: str) -> None:
    with pytest.raises(BrokenProof, match=said):
        approved_and_issued(*events)


def test_a_replaced_commitment_is_approved_no_more() -> None:
    history = History()
    leaves = (PROJECTS[0] << 208 | 5_000_000 << 136,)
    for replaces in (0, 1):
        made = history.committed(history.count("commitment"), 1500, leaves, False)
        history.log(replace(made, replaces=replaces))
    history.log(CommitmentApproved(2, FIRST, 1))
    assert folded(history.recorded).commitments[2].approvals == 1
    history.log(CommitmentApproved(1, FIRST, 1))
    with pytest.raises(BrokenProof, match="unknown or replaced"):
        folded(history.recorded)
