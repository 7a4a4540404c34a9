"""What is due, near its end, overdue or stale, against the naive model, certificate by certificate."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from gecchain.events import CcerLinkageSet, ExpiryNear
from gecchain.rules import Month, expires_at, expiring_within
from gecchain.store import connected, queries
from tests.ledger.disputes import CLOSED
from tests.ledger.history import ACCOUNTS, AGENT, DEDUCTED, LEAVER, PROJECTS, RETIRED, START, History, steps
from tests.ledger.pieces import HELD
from tests.store.test_indexing import shared
from tests.store.test_queries import FEW, everything, indexed

ISSUE_ALL = (0, 0, 15, 777)
TIMES = st.integers(-40, 150).map(lambda days: START + days * 86_400)
Moves = list[tuple[int, int, int, int]]


def reason(history: History, batch: int, serial: int, now: int) -> int:
    """Why a certificate has to be retired, by the rule in words; 0 if it has not."""
    item = history.batches[batch][serial]
    if item.state != HELD:
        return 0
    if (batch >> 16, batch >> 4 & 0xFFF) in history.registered and not item.traded:
        return 3
    if now >= expires_at(Month(batch >> 4 & 0xFFF)):
        return 1
    return 4 if item.owner in history.closed else 0


@FEW
@given(steps(60), TIMES)
def test_what_is_due_is_swept_and_nothing_else(new_engine: Callable[[], Engine], moves: Moves, now: int) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, (0, 5, 15, 31), *moves])
    with connected(engine) as db:
        ranges = everything(lambda after: queries.due_ranges(db, now, after=after, limit=2))
    found = {(item.batch, serial): item.reason for item in ranges for serial in range(item.start, item.end)}
    expected = {
        (batch, serial): why
        for batch, certificates in history.batches.items()
        for serial in range(len(certificates))
        if (why := reason(history, batch, serial, now))
    }
    assert found == expected
    assert sum(item.end - item.start for item in ranges) == len(found)


@FEW
@given(steps(60), TIMES)
def test_what_ends_within_three_months_is_told(new_engine: Callable[[], Engine], moves: Moves, now: int) -> None:
    """Q96."""
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, (0, 2, 15, 31), *moves])
    near = {
        (batch, serial)
        for batch, certificates in history.batches.items()
        for serial, item in enumerate(certificates)
        if item.state not in (RETIRED, DEDUCTED) and expiring_within(Month(batch >> 4 & 0xFFF), now)
    }
    told = {at.event.month for at in history.recorded if isinstance(at.event, ExpiryNear)}
    with connected(engine) as db:
        ranges = everything(lambda after: queries.expiring(db, now, after=after, limit=2))
        mine = everything(lambda after: queries.expiring(db, now, holder=ACCOUNTS[0], after=after, limit=2))
        months = queries.months_to_warn(db, now)
    assert {(item.batch, serial) for item in ranges for serial in range(item.start, item.end)} == near
    assert mine == [item for item in ranges if item.holder == ACCOUNTS[0]]
    assert set(months) == {batch >> 4 & 0xFFF for batch, _serial in near} - told


@FEW
@given(steps(60), TIMES)
def test_listings_that_must_go_are_named(new_engine: Callable[[], Engine], moves: Moves, now: int) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, *moves])
    expected = {
        number
        for number, (batch, _start, _end, seller, _price) in history.listings.items()
        if now >= expires_at(Month(batch >> 4 & 0xFFF)) or history.still(batch) or seller in history.closed
    }
    with connected(engine) as db:
        stale = everything(lambda after: queries.stale_listings(db, now, after=after, limit=1))
    assert {item.listing for item in stale} == expected
    for item in stale:
        batch, start, end, seller, _price = history.listings[item.listing]
        assert (item.batch, item.start, item.end, item.seller) == (batch, start, end, seller)


@FEW
@given(steps(60), st.integers(0, 80))
def test_cases_that_take_too_long_are_named(new_engine: Callable[[], Engine], moves: Moves, days: int) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, *moves])
    now = history.now + 86_400 * days
    with connected(engine) as db:
        late = everything(lambda after: queries.overdue_cases(db, now, after=after, limit=1))
        every = everything(lambda after: queries.case_list(db, after=after, limit=2))
        open_ones = everything(lambda after: queries.case_list(db, still_open=True, after=after, limit=2))
    assert [view.case.id for view in every] == [case.id for case in history.disputes]
    assert [view.case.id for view in open_ones] == [case.id for case in history.disputes if case.stage != CLOSED]
    assert [view.case.id for view in late] == [view.case.id for view in every if 0 < view.due_at <= now]
    for view in every:
        assert view.steps[0].kind == "CaseOpened"
        assert view.steps[0].data["reason"] == "电量有误"
        deducted = sum(part.end - part.start for part in view.deductions)
        assert (
            view.case.certificates == sum(part.end - part.start for part in view.additions) - deducted - view.case.owed
        )


@FEW
@given(steps(60), st.integers(-40, 60))
def test_rights_are_what_the_model_says(new_engine: Callable[[], Engine], moves: Moves, later: int) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, *moves])
    now = history.now + later
    with connected(engine) as db:
        for address in (*ACCOUNTS, LEAVER, AGENT):
            assert queries.actor_of(db, address, now) == history.acting(address, now)
        filed = everything(lambda after: queries.mandates_of(db, AGENT, now, after=after, limit=1))
        closed = everything(lambda after: queries.closed_accounts(db, after=after, limit=1))
        view = queries.ccer(db, PROJECTS[3])
        declared = everything(lambda after: queries.declaration_list(db, after=after, limit=2))
        sent_back = everything(lambda after: queries.declaration_list(db, stage=4, after=after, limit=2))
    in_force = {address for address, (begins, until) in history.mandates.items() if begins <= now < until}
    assert {item.mandate.principal for item in filed if item.in_force} == in_force
    assert {item.account.address for item in closed} == history.closed
    assert view.chosen == (PROJECTS[3] in history.ccer)
    months = {(PROJECTS[3], month) for item in view.registrations for month in range(item.start, item.end)}
    assert months == history.registered
    ends = [at.event.ends for at in history.recorded if isinstance(at.event, CcerLinkageSet)]
    assert view.ends == (ends[-1] if ends else 0)
    assert {item.declaration.id: item.declaration.stage for item in declared} == history.declared
    assert {item.declaration.id for item in sent_back} == {key for key, stage in history.declared.items() if stage == 4}
    for item in declared:
        assert item.steps[0].kind == "Declared"
        assert item.wh == item.declaration.leaf >> 136 & (1 << 64) - 1


@FEW
@given(steps(60))
def test_orders_and_undone_trades_have_their_trades(new_engine: Callable[[], Engine], moves: Moves) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE_ALL, *moves])
    with connected(engine) as db:
        deals = everything(lambda after: queries.deal_list(db, after=after, limit=1))
        settled = everything(lambda after: queries.settlement_list(db, after=after, limit=1))
        trades = [queries.trade(db, number) for number in range(1, history.counters["trade"] + 1)]
    assert {trade.id for view in deals for trade in view.trades} == {
        view.trade.id for view in trades if view.trade.way == 2
    }
    assert {trade.id for view in settled for trade in view.trades} == {
        view.trade.id for view in trades if view.trade.way == 3
    }
    for view in settled:
        smallest = min(view.settlement.contract_wh, view.settlement.fed_in_wh, view.settlement.consumed_wh)
        assert view.certificates == smallest // 1_000_000
    for view in trades:
        assert view.trade.undone == sum(part.end - part.start for part in view.undone)
