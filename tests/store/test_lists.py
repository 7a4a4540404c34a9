"""Lists by filter against the naive model, and cursors that stay right while blocks arrive and are taken back."""

from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from gecchain.errors import BadInput
from gecchain.events import AccountOpened, Recorded, to_document
from gecchain.ledger import FilingState
from gecchain.rules import Month, expires_at
from gecchain.store import connected
from gecchain.store.feed import ROLLED_BACK, event_feed
from gecchain.store.indexing import Cursor, Header, Projection
from gecchain.store.lists import (
    BatchFilter,
    ProjectFilter,
    RangeFilter,
    RetirementFilter,
    TradeFilter,
    batch_list,
    filed_projects,
    month_before,
    range_list,
    retirement_list,
    trade_list,
)
from gecchain.store.tables import orphans
from gecchain.store.views import EventView
from tests.ledger.history import ACCOUNTS, FIRST_MONTH, PROJECTS, PROVINCE, History, play, steps
from tests.store.test_indexing import header, shared, started
from tests.store.test_queries import FEW, ISSUE, everything, indexed

Moves = list[tuple[int, int, int, int]]
months = st.none() | st.integers(FIRST_MONTH - 1, FIRST_MONTH + 7)
accounts = st.none() | st.sampled_from(ACCOUNTS)
plants = st.none() | st.sampled_from(PROJECTS)
filters = st.builds(
    RangeFilter,
    owner=accounts,
    project=plants,
    first_month=months,
    last_month=months,
    electricity=st.none() | st.integers(0, 3),
    tradable=st.none() | st.booleans(),
    province=st.sampled_from([None, PROVINCE, PROVINCE, 44]),
    technology=st.none() | st.integers(4, 6),
    state=st.none() | st.integers(1, 5),
    traded=st.none() | st.booleans(),
    expires_before=st.none() | months.map(lambda index: expires_at(Month(index or FIRST_MONTH))),
)
# Few at a time, so that most examples find something.
narrow = filters.flatmap(
    lambda full: st.sets(st.sampled_from(sorted(asdict(full))), max_size=3).map(
        lambda kept: RangeFilter(**{name: value for name, value in asdict(full).items() if name in kept})
    )
)


def fits(wanted: RangeFilter, batch: int, one: Any) -> bool:
    month = batch >> 4 & 0xFFF
    facets = {
        "owner": one.owner,
        "project": batch >> 16,
        "electricity": batch >> 1 & 7,
        "tradable": bool(batch & 1),
        "province": batch >> 36 & 127,
        "technology": batch >> 55 & 31,
        "state": one.state,
        "traded": one.traded,
    }
    asked = asdict(wanted)
    if any(asked[name] is not None and asked[name] != value for name, value in facets.items()):
        return False
    if wanted.expires_before is not None and not (one.state < 4 and expires_at(Month(month)) <= wanted.expires_before):
        return False
    return (wanted.first_month or 0) <= month < (4096 if wanted.last_month is None else wanted.last_month)


def serials(rows: list[Any]) -> list[tuple[int, int]]:
    return [(row.segment.batch, serial) for row in rows for serial in range(row.segment.start, row.segment.end)]


@FEW
@given(steps(40), st.lists(narrow, min_size=12, max_size=12), st.integers(1, 4))
def test_ranges_are_those_certificates_that_fit(
    new_engine: Callable[[], Engine], moves: Moves, wanted: list[RangeFilter], size: int
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])
    with connected(engine) as db:
        for one in (RangeFilter(), *wanted):
            expected = {
                (batch, serial)
                for batch, certificates in history.batches.items()
                for serial, certificate in enumerate(certificates)
                if fits(one, batch, certificate)
            }
            found = serials(everything(lambda after, one=one: range_list(db, one, after=after, limit=size)))
            assert len(found) == len(set(found)), one
            assert set(found) == expected, one


@FEW
@given(steps(20), steps(30), st.integers(1, 3))
def test_no_certificate_is_told_twice_while_blocks_arrive(
    new_engine: Callable[[], Engine], before: Moves, later: Moves, size: int
) -> None:
    """Pages are read between blocks; what was there at the beginning is told once, wherever it was cut meanwhile."""
    trunk = play([ISSUE, *before, (11, 0, 0, 0)])
    history = play([ISSUE, *before, (11, 0, 0, 0), *later])
    engine = shared(new_engine)
    projection, at = started(engine)
    arriving = list(enumerate(history.blocks, 1))
    common = len(trunk.blocks) - 1
    for number, recorded in arriving[:common]:
        at = projection.extend(at, [(header(number), recorded)], 0, undoable=True)
    with connected(engine) as db:
        there = set(serials(everything(lambda after: range_list(db, RangeFilter(), after=after, limit=500))))
    coming, rows, after = iter(arriving[common:]), [], None
    while True:
        with connected(engine) as db:
            page = range_list(db, RangeFilter(), after=after, limit=size)
        rows += page.items
        after = page.next
        for number, recorded in list(coming)[:2] if after is None else [next(coming, (0, []))]:
            if number:
                at = projection.extend(at, [(header(number), recorded)], 0, undoable=True)
        if after is None:
            break
    told = serials(rows)
    assert len(told) == len(set(told))
    assert there <= set(told)


@FEW
@given(steps(40), accounts, plants, months, st.none() | st.integers(0, 12))
def test_trades_and_retirements_are_those_that_fit(
    new_engine: Callable[[], Engine], moves: Moves, who: str | None, plant: int | None, month: int | None, since: int
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])

    def logged(kind: str, **parties: str | None) -> list[int]:
        return [
            item.position
            for item in history.recorded
            if type(item.event).__name__ == kind
            and all(value is None or getattr(item.event, name) == value for name, value in parties.items())
            and (plant is None or item.event.batch >> 16 == plant)  # type: ignore[union-attr]
            and (month is None or item.event.batch >> 4 & 0xFFF == month)  # type: ignore[union-attr]
            and item.block >= (since or 0)
        ]

    with connected(engine) as db:
        about = {"project": plant, "month": month, "since_block": since}
        for role in ("buyer", "seller"):
            wanted = TradeFilter(**{role: who}, **about)  # type: ignore[arg-type]
            found = everything(lambda after, wanted=wanted: trade_list(db, wanted, after=after, limit=2))
            assert [view.place.position for view in found] == logged("Traded", **{role: who})
        ended = RetirementFilter(holder=who, **about)  # type: ignore[arg-type]
        found = everything(lambda after: retirement_list(db, ended, after=after, limit=2))
        assert [view.place.position for view in found] == logged("Retired", holder=who)


@FEW
@given(steps(40), accounts, plants, months, st.sampled_from([None, PROVINCE, 44]), st.none() | st.integers(4, 6))
def test_batches_and_projects_are_those_that_fit(
    new_engine: Callable[[], Engine],
    moves: Moves,
    who: str | None,
    plant: int | None,
    month: int | None,
    province: int | None,
    technology: int | None,
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])

    def fitting(project: int) -> bool:
        return (
            (who is None or history.owners[project] == who)
            and (province is None or project >> 20 & 127 == province)
            and (technology is None or project >> 39 & 31 == technology)
        )

    with connected(engine) as db:
        batches = BatchFilter(who, plant, month, None, None, None, province, technology)
        found = everything(lambda after: batch_list(db, batches, after=after, limit=1))
        assert sorted(row.batch.id for row in found) == sorted(
            batch
            for batch in history.batches
            if fitting(batch >> 16) and (plant is None or batch >> 16 == plant) and (batch >> 4 & 0xFFF) >= (month or 0)
        )
        assert all(row.owner == history.owners[row.batch.id >> 16] for row in found)
        wanted = ProjectFilter(who, province, technology, FilingState.APPROVED)
        plants_found = everything(lambda after: filed_projects(db, wanted, after=after, limit=1))
        assert [row.project.id for row in plants_found] == sorted(filter(fitting, PROJECTS))
        assert sum(row.issued for row in plants_found) >= sum(len(history.batches[row.batch.id]) for row in found)


@given(st.integers(0, 4094))
def test_a_month_is_over_when_its_validity_is(index: int) -> None:
    moment = expires_at(Month(index))
    assert month_before(moment) > index
    assert month_before(moment - 1) <= index


# The feed


@FEW
@given(
    steps(40), accounts, plants, st.sets(st.sampled_from(["Issued", "Traded", "Moved", "Frozen"])), st.integers(1, 9)
)
def test_a_part_of_the_feed_keeps_the_order_of_the_whole(
    new_engine: Callable[[], Engine], moves: Moves, who: str | None, plant: int | None, kinds: set[str], size: int
) -> None:
    engine = shared(new_engine)
    history = indexed(engine, [ISSUE, *moves])
    with connected(engine) as db:
        whole = everything(lambda after: event_feed(db, after=after, limit=100))
        part = everything(
            lambda after: event_feed(db, kinds=kinds, project=plant, account=who, after=after, limit=size)
        )
    expected = [view for view in whole if concerns(history, view, who, plant, kinds)]
    assert part == expected


def concerns(history: History, view: EventView, who: str | None, plant: int | None, kinds: set[str]) -> bool:
    """By reading the events themselves: what is issued concerns the plant and the first holder of every batch."""
    event = next(item.event for item in history.recorded if item.position == view.place.position)
    issued = [batch for batch in history.batches if position_of(history, batch) == view.place.position]
    project = getattr(event, "project", getattr(event, "batch", 0) >> 16)
    about = plant is None or project == plant or any(batch >> 16 == plant for batch in issued)
    named = {value for value in to_document(event).values() if isinstance(value, str)}
    holders = {first_holder(history, batch) for batch in issued if plant is None or batch >> 16 == plant}
    return about and (who is None or who in named | holders) and (not kinds or view.kind in kinds)


def position_of(history: History, batch: int) -> int:
    """Of the Issued event that made a batch: the first after the ERC-2309 log of its first certificate."""
    mints = [at for at, item in enumerate(history.recorded) if getattr(item.event, "from_token_id", -1) == batch << 32]
    return next(item.position for item in history.recorded[mints[0] :] if type(item.event).__name__ == "Issued")


def first_holder(history: History, batch: int) -> str:
    mint = next(item.event for item in history.recorded if getattr(item.event, "from_token_id", -1) == batch << 32)
    return str(mint.to_address)  # type: ignore[union-attr]


def forked(number: int, fork: int, parent: str) -> Header:
    """A block whose hash stands for its whole past, as a chain's does, and looks like one."""
    return Header(number, "0x" + sha256(f"{number} {fork} {parent}".encode()).hexdigest(), parent, number)


def grown(projection: Projection, at: Cursor, count: int, fork: int, *, every: int = 1) -> Cursor:
    """So many blocks, of which every so-many-th holds an event that names its fork."""
    for _ in range(count):
        number = at.block + 1
        who = f"0x{number:038x}{fork:02x}"
        header = forked(number, fork, at.hash)
        recorded = Recorded(number, 0, header.hash, "0x", number, AccountOpened(who, 2, 0, who, ""))
        events = [] if number % every else [recorded]
        at = projection.extend(at, [(header, events)], 0, undoable=True)
    return at


class Follower:
    """Keeps books as the documentation says: what is rolled back is dropped, everything else is appended."""

    def __init__(self, engine: Engine, size: int) -> None:
        self.engine, self.size = engine, size
        self.kept: list[EventView] = []
        self.after: str | None = None

    def read(self) -> None:
        with connected(self.engine) as db:
            page = event_feed(db, after=self.after, limit=self.size)
        for view in page.items:
            if view.kind == ROLLED_BACK:
                self.kept = [one for one in self.kept if one.place.block <= view.data["kept"]]  # type: ignore[operator]
            else:
                self.kept.append(view)
            self.after = view.cursor

    def catch_up(self) -> list[EventView]:
        before: object = self
        while before != self.after:
            before = self.after
            self.read()
        return self.kept


moves_of_the_chain = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4)), max_size=10)


@FEW
@given(moves_of_the_chain, st.integers(1, 4), st.integers(1, 3))
def test_a_follower_ends_with_the_chain_whatever_is_taken_back(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int]], size: int, every: int
) -> None:
    engine = shared(new_engine)
    projection, at = started(engine)
    follower = Follower(engine, size)
    for fork, (back, forth, reads) in enumerate(moves):
        if 0 < back <= at.block:
            at = projection.roll_back(at, at.block - back)
        at = grown(projection, at, forth, fork % 3, every=every)
        for _ in range(reads):
            follower.read()
    found = follower.catch_up()
    with connected(engine) as db:
        assert found == everything(lambda after: event_feed(db, limit=1000, after=after))


def test_what_undid_a_block_and_is_forgotten_is_said(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    projection, at = started(engine)
    at = grown(projection, at, 5, 0)
    with connected(engine) as db:
        cursor = event_feed(db, limit=10).items[-1].cursor
    at = grown(projection, projection.roll_back(at, 3), 4, 1)
    with connected(engine) as db:
        told = event_feed(db, after=cursor, limit=1)
        assert [(view.kind, view.data) for view in told.items] == [(ROLLED_BACK, {"kept": 3, "undone": 5})]
        assert [view.place.block for view in event_feed(db, after=told.next, limit=9).items] == [4, 5, 6, 7]
    with connected(engine, writes=True) as db:
        db.execute(delete(orphans))
    with connected(engine) as db, pytest.raises(BadInput, match="not in the chain"):
        event_feed(db, after=cursor)


def test_a_cursor_of_a_block_that_is_not_indexed_here_yet_waits(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    projection, at = started(engine)
    grown(projection, at, 3, 0)
    with connected(engine) as db:
        ahead = f"{9 << 24}.{forked(9, 0, at.hash).hash[2:18]}"
        assert event_feed(db, after=ahead).items == ()
