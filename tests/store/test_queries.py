"""Queries and traces against the naive model: every certificate, its holder, its whole story."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from gecchain.errors import BadInput, NotFound
from gecchain.events import (
    NO_ACCOUNT,
    AccountClosed,
    CcerChosen,
    CcerRegistered,
    Claim,
    ConsecutiveTransfer,
    Event,
    ExpiryNear,
    Recorded,
    Retired,
)
from gecchain.ledger import Account
from gecchain.rules import AccountKind, Month, ProjectKey, RetirementReason, number_of, token_id
from gecchain.rules.months import expires_at
from gecchain.store import connected, queries, tracing
from gecchain.store.indexing import Projection
from gecchain.store.prepared import Driven, Prepared
from gecchain.store.tables import accounts, cursor
from gecchain.store.views import HoldingView, Page, Party, TraceStep
from tests.ledger.disputes import CLOSED
from tests.ledger.history import ACCOUNTS, LISTED, PROJECTS, RETIRED, History, play, steps
from tests.ledger.pieces import FROZEN, HELD
from tests.store.test_indexing import header, shared, started

FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ISSUE = (0, 0, 7, 777)
MOVE = (2, 0, 0, 1)
KINDS = {
    "issued": "production",
    "added": "production",
    "energy_corrected": "production",
    "filing_submitted": "production",
    "filing_reviewed": "production",
    "readings_committed": "production",
    "declared": "production",
    "declaration_checked": "production",
    "declaration_rechecked": "production",
    "commitment_approved": "production",
    "listed": "trading",
    "withdrawn": "trading",
    "traded": "trading",
    "deal_filled": "trading",
    "trade_undone": "trading",
    "moved": "transmission",
}


def indexed(engine: Engine, moves: list[tuple[int, int, int, int]]) -> History:
    history = play(moves)
    projection, at = started(engine)
    parts = [(header(number), recorded) for number, recorded in enumerate(history.blocks, 1)]
    projection.extend(at, parts, len(parts) + 3, undoable=False)
    return history


@FEW
@given(steps(40))
def test_every_certificate_is_what_the_model_says(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]]
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])
    with connected(engine) as db:
        for batch, certificates in history.batches.items():
            for serial, expected in enumerate(certificates):
                view = queries.certificate(db, token_id(batch, serial))
                assert (view.segment.owner, view.segment.state) == (expected.owner, expected.state)
                assert view.number == number_of(token_id(batch, serial))
                assert (view.trade is not None) == expected.traded
                assert (view.addition is not None) == (expected.story[0] == "added")
                still = history.still(batch) and not expected.traded and expected.state in (HELD, LISTED)
                assert view.shown == (FROZEN if still else expected.state)
                open_cases = [case.id for case in history.disputes if case.batch == batch and case.stage != CLOSED]
                assert open_cases == ([view.case.id] if view.case else [])
                assert (view.retirement is not None) == (expected.state == RETIRED)
                assert (view.listing is not None) == (expected.state == LISTED)
                assert view.leaf.project == view.project.id == batch >> 16
                assert view.commitment.commitment.month == view.month
                approved = [officer for officer, _place in view.commitment.approvals]
                assert approved == history.approved.get(view.commitment.commitment.id, [])
            with pytest.raises(NotFound):
                queries.certificate(db, token_id(batch, len(certificates)))


@FEW
@given(steps(40))
def test_a_trace_is_the_certificates_own_story(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]]
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])
    with connected(engine) as db:
        for batch, certificates in history.batches.items():
            for serial, expected in enumerate(certificates):
                story = queries.trace(db, token_id(batch, serial))
                check_story(story, serial, expected.story)
                made = {step.data["commitment"] for step in story if step.name == "readings_committed"}
                told = [step.data["officer"] for step in story if step.name == "commitment_approved"]
                assert told == [officer for one in made for officer in history.approved.get(int(one), [])]


def test_a_trace_is_of_one_block_while_the_index_moves(
    new_engine: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a transaction that sees what others commit: it asks again."""
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, MOVE])
    token = next(
        token_id(batch, at)
        for batch, certificates in history.batches.items()
        for at, one in enumerate(certificates)
        if "moved" in one.story
    )
    moved: list[int] = []

    class Moving(Prepared):
        def rows(self, db: Driven, **values: Any) -> list[tuple[Any, ...]]:
            if len(moved) < 3:
                moved.append(1)
                with connected(engine, writes=True) as other:
                    other.execute(cursor.update().values(block=cursor.c.block + 1))
            return super().rows(db, **values)

    with connected(engine) as db:
        expected = queries.trace(db, token)
    monkeypatch.setattr(tracing, "_NAMED", Moving(tracing._NAMED._statement))
    with connected(engine) as db:
        assert queries.trace(db, token) == expected
    assert len(moved) == (3 if engine.dialect.name == "postgresql" else 1)


@FEW
@given(moves=steps(40), named=st.lists(st.tuples(st.sampled_from([*AccountKind]), st.integers(0, 9)), max_size=6))
def test_every_party_has_its_name(
    new_engine: Callable[[], Engine],
    moves: list[tuple[int, int, int, int]],
    named: list[tuple[AccountKind, int]],
) -> None:
    """That of its account or, of a provider's or province's key, of the newest account of that kind it acts for."""
    engine = shared(new_engine)
    history = indexed(engine, [*moves, ISSUE])
    with connected(engine, writes=True) as db:
        db.execute(accounts.update().values(name=accounts.c.address))
        parties = sorted({one.address for one in told(db, history)})
        for number, (kind, which) in enumerate(named):
            operator = parties[which % len(parties)]
            account = Account(
                f"0x{number:040x}", kind.value, 0, operator, f"account {number}", False, "", -1, opened=number
            )
            db.execute(accounts.insert().values(asdict(account)))
    with connected(engine) as db:
        known = [Account(*row) for row in db.execute(accounts.select().order_by(accounts.c.opened))]
        assert all(one.name == name_of(one, known) for one in told(db, history))


def told(db: Connection, history: History) -> Iterator[Party]:
    for batch, certificates in history.batches.items():
        for serial in range(len(certificates)):
            for step in queries.trace(db, token_id(batch, serial)):
                yield from step.parties


def name_of(party: Party, known: list[Account]) -> str:
    kinds = {"provider": AccountKind.PROVIDER, "reviewer": AccountKind.PROVINCE, "exchange": AccountKind.PROVIDER}
    acting = [one.name for one in known if one.operator == party.address and one.kind == kinds.get(party.role)]
    own = [one.name for one in known if one.address == party.address]
    return (acting or own or [""])[-1]


def test_what_stands_around_few_is_told(new_engine: Callable[[], Engine]) -> None:
    """A choice of CCER and its undoing, a month's registration, the warning, and the closing behind a retirement."""
    engine = shared(new_engine)
    history = indexed(engine, [(0, 0, 8, 777)])
    batch = next(iter(history.batches))
    project, month, holder = batch >> 16, batch >> 4 & 0xFFF, history.batches[batch][0].owner
    projection = Projection(engine)

    def happen(*told: Event) -> int:
        at = projection.cursor()
        assert at is not None
        head = replace(header(at.block + 1), time=expires_at(Month(month)) - 86_400)
        recorded = [Recorded(head.number, i, head.hash, "0x" + "7" * 64, head.time, one) for i, one in enumerate(told)]
        projection.extend(at, [(head, recorded)], head.number, undoable=False)
        return head.number

    def around(serial: int, block: int) -> list[int]:
        with connected(engine) as db:
            return [step.log_index for step in queries.trace(db, token_id(batch, serial)) if step.block == block]

    closed = happen(
        AccountClosed(holder, "wound up"),
        Retired(batch, 0, 2, holder, RetirementReason.ACCOUNT_CLOSED.value, Claim("", 0, 0, 0, "")),
        ConsecutiveTransfer(batch << 32, batch << 32 | 1, holder, NO_ACCOUNT),
        ExpiryNear(month, expires_at(Month(month))),
        ExpiryNear(month + 1, expires_at(Month(month + 1))),
    )
    assert (around(1, closed), around(2, closed)) == ([0, 1, 3], [3])
    turned = happen(
        CcerChosen(project, True),
        CcerRegistered(project, month, month + 1, "CCER-1"),
        CcerRegistered(project, month + 1, month + 2, "CCER-2"),
        CcerRegistered(project, month - 1, month, "CCER-3"),
        CcerChosen(project, False),
    )
    assert (around(1, turned), around(2, turned)) == ([0, 1, 4], [0, 1, 4])
    assert (around(1, closed), around(2, closed)) == ([0, 1, 3], [3])


def check_story(trace: tuple[TraceStep, ...], serial: int, story: list[str]) -> None:
    places = [(step.block, step.log_index) for step in trace]
    assert places == sorted(set(places))
    assert trace[0].name == "filing_submitted"
    assert [step.name for step in trace if step.start is not None] == story
    around = [step.name for step in trace if step.start is None]
    assert around.count("readings_committed") == (story[0] == "issued")
    assert around.count("filing_submitted") >= 1
    assert around.count("deal_filled") + around.count("settled") == sum(
        step.name == "traded" and step.data["way"] != 1 for step in trace
    )
    for step in trace:
        assert step.start is None or (step.end is not None and step.start <= serial < step.end)
        declared = step.name == "retired" and step.data["reason"] == 2
        assert step.kind == ("consumption" if declared else KINDS.get(step.name, "settlement"))
    check_cases(trace)


def check_cases(trace: tuple[TraceStep, ...]) -> None:
    """A case that did something to the certificate is told from its opening on, each stage with reason and evidence."""
    for step in trace:
        if step.name in ("added", "deducted", "trade_undone", "retirement_undone"):
            stages = [other for other in trace if other.case_id == step.case_id and other.name.startswith("case_")]
            assert [other.name for other in stages[:3]] == ["case_opened", "case_proposed", "case_checked"]
            assert any(other.name == "case_decided" for other in stages)
            assert all(other.reason and other.evidence for other in stages if other.name != "case_closed")


@FEW
@given(steps(40))
def test_holdings_add_up_to_the_balance(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]]
) -> None:
    engine = shared(new_engine)
    indexed(engine, [ISSUE, *moves])
    with connected(engine) as db:
        for address in ACCOUNTS:
            balance = queries.account(db, address).balance
            for retired, amount in ((False, balance.holding), (True, balance.retired + balance.deducted)):
                fetch = partial(held, db, address, retired)
                found = everything(fetch)
                assert sum(item.segment.end - item.segment.start for item in found) == amount


def held(db: Connection, address: str, retired: bool, after: str | None) -> Page[HoldingView]:
    return queries.holdings(db, address, retired=retired, after=after, limit=2)


@FEW
@given(steps(40))
def test_the_feed_and_lists_page_through_everything_once(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]]
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])
    names = [type(item.event).__name__ for item in history.recorded]
    with connected(engine) as db:
        feed = everything(lambda after: queries.event_feed(db, after=after, limit=7))
        assert [item.kind for item in feed] == [name for name in names if name != "ConsecutiveTransfer"]
        offers = everything(lambda after: queries.open_listings(db, after=after, limit=1))
        assert [offer.listing.id for offer in offers] == sorted(history.listings)
        assert [view.project.id for view in everything(lambda after: queries.project_list(db, after=after, limit=1))]
        for number in range(1, history.counters["trade"] + 1):
            assert queries.trade(db, number).trade.id == number
        rows = queries.statistics(db, ("month", "technology"))
        assert sum(row.issued for row in rows) == queries.registry_totals(db).issued
        assert queries.statistics(db, ())[0].issued == queries.registry_totals(db).issued
        assert queries.health(db).lag == 3


def everything(fetch: Callable[[str | None], Page]) -> list:  # type: ignore[type-arg]
    page = fetch(None)
    items = list(page.items)
    while page.next is not None:
        page = fetch(page.next)
        items.extend(page.items)
    return items


def test_projects_show_every_version_and_the_one_in_force(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    history = indexed(engine, [ISSUE, (8, 0, 1, 1), (8, 0, 2, 2), (8, 0, 1, 3)])
    with connected(engine) as db:
        view = queries.project(db, ProjectKey.from_id(PROJECTS[0]).code)
    assert view.filing is not None
    assert [item.filing.state for item in view.history] == [1, 1, 2, 0]
    assert view.filing.filing.version == view.project.approved == 2
    assert view.filing.document == {"name": "plant"}
    assert view.certificates == sum(len(batch) for key, batch in history.batches.items() if key >> 16 == PROJECTS[0])


@pytest.mark.parametrize("cursor", ["x", "-1", str(1 << 63), "1e3", ""])
def test_what_is_no_cursor_is_bad_input(new_engine: Callable[[], Engine], cursor: str) -> None:
    engine = shared(new_engine)
    with connected(engine) as db, pytest.raises(BadInput):
        queries.event_feed(db, after=cursor)


def test_what_does_not_exist_is_not_found(new_engine: Callable[[], Engine]) -> None:
    engine = shared(new_engine)
    with connected(engine) as db:
        for question in (
            lambda: queries.trade(db, 1),
            lambda: queries.listing(db, 1 << 70),
            lambda: queries.retirement(db, 5),
            lambda: queries.account(db, ACCOUNTS[0]),
            lambda: queries.project(db, PROJECTS[0]),
            lambda: queries.certificate(db, token_id(PROJECTS[0] << 16 | 1500 << 4 | 1, 0)),
            lambda: queries.trace(db, token_id(PROJECTS[0] << 16 | 1500 << 4 | 1, 0)),
            lambda: queries.health(db),
        ):
            with pytest.raises(NotFound):
                question()
