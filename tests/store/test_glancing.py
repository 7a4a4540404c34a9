"""Look-ups in no transaction: one instant all the same, connections that are lost, askers that give up."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, bindparam, column, func, insert, literal, select, text

from gecchain.errors import BrokenProof, GecError, Unavailable
from gecchain.store import Glances, connected, glance, open_reader
from gecchain.store.glancing import Asking, Moved, Question
from gecchain.store.prepared import MOST, Prepared
from gecchain.store.tables import batches, cursor, projects, totals
from tests.store.test_looking import move, stand

BLOCK = Prepared(select(cursor.c.block))
Glancing = Callable[[Callable[[], Asking[Any]]], Any]


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    return new_engine()


@pytest.fixture(params=["thread", "loop"])
def glancing(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Glancing]:
    """Both ways to ask."""
    url = engine.url.render_as_string(hide_password=False)
    if request.param == "thread":
        reader = open_reader(url)
        yield lambda asking: glance(reader, asking)
        reader.dispose()
        return
    glances = Glances(url)
    with asyncio.Runner() as runner:
        yield lambda asking: runner.run(glances.glance(asking))
    glances.close()


@asynccontextmanager
async def opened(engine: Engine, **options: Any) -> AsyncIterator[Glances]:
    found = Glances(engine.url.render_as_string(hide_password=False), **options)
    yield found
    found.close()


def only(statement: Prepared, **values: Any) -> Callable[[], Asking[list[tuple[Any, ...]]]]:
    """One question."""

    def asking() -> Asking[list[tuple[Any, ...]]]:
        return (yield Question(statement, values))

    return asking


def test_it_sees_what_there_is(engine: Engine, glancing: Glancing) -> None:
    assert glancing(only(BLOCK)) == []
    stand(engine)
    for block in (8, 9):
        move(engine, block)
        assert glancing(only(BLOCK)) == [(block,)]


def test_questions_of_two_blocks_are_put_again_in_a_transaction(engine: Engine, glancing: Glancing) -> None:
    """Of two that moved each time, so that only a transaction could hold them."""
    stand(engine)
    seen: list[tuple[int, int]] = []

    def asking() -> Asking[int]:
        ((first,),) = yield Question(BLOCK, {})
        move(engine, first + 1)
        ((second,),) = yield Question(BLOCK, {})
        seen.append((first, second))
        if first != second:
            raise Moved
        return int(first)

    assert glancing(asking) == 8
    assert seen == [(7, 8), (8, 8)]
    assert glancing(only(BLOCK)) == [(9,)]


def test_a_failure_is_told_and_leaves_nothing_behind(engine: Engine, glancing: Glancing) -> None:
    stand(engine)
    wrong = Prepared(select(column("block")).select_from(text("nowhere")))
    for _ in range(3):
        with pytest.raises((BrokenProof, Unavailable)):
            glancing(only(wrong))
        assert glancing(only(BLOCK)) == [(7,)]


def test_what_the_asker_raises_comes_out(engine: Engine, glancing: Glancing) -> None:
    stand(engine)

    def asking() -> Asking[int]:
        yield Question(BLOCK, {})
        raise KeyError("of the asker")

    for _ in range(20):
        with pytest.raises(KeyError):
            glancing(asking)
    assert glancing(only(BLOCK)) == [(7,)]


def test_connections_that_the_database_closed_are_given_up(engine: Engine, glancing: Glancing) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could close them")
    stand(engine)
    for _ in range(3):
        assert glancing(only(BLOCK)) == [(7,)]
        with connected(engine) as db:
            db.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


@pytest.mark.parametrize("count", [0, 1, 3, MOST, MOST + 1])
def test_rows_of_many_keys(engine: Engine, glancing: Glancing, count: int) -> None:
    row = {"count": 1, "commitment": 1, "leaf": 0, "filing": 1, "position": 1, "month": 1, "holder": "0x", "case_id": 0}
    row |= {"word": 0}
    with connected(engine, writes=True) as db:
        db.execute(insert(batches), [{**row, "id": number} for number in range(1, MOST + 3)])
    keys = list(range(1, count + 1))
    found = Prepared(select(batches.c.id).order_by(batches.c.id), among=batches.c.id)
    assert [key for (key,) in glancing(only(found, keys=keys))] == keys


def test_keys_within_a_statement(engine: Engine, glancing: Glancing) -> None:
    """Also beside values that stand in it, and twice."""
    stand(engine)
    found = Prepared(
        lambda is_key: select(cursor.c.block, totals.c.id).select_from(
            cursor.outerjoin(totals, is_key(totals.c.id) & totals.c.id.in_([3, 4]) | is_key(totals.c.issued))
        )
    )
    assert glancing(only(found, keys=[3, 5])) == [(7, None)]
    sums = {"metered_wh": 0, "carry_wh": 0, "retired": 0, "deducted": 0, "owed": 0}
    with connected(engine, writes=True) as db:
        db.execute(insert(totals), [{"id": number, "issued": number * 10, **sums} for number in range(8)])
    assert sorted(glancing(only(found, keys=[3, 5, 60]))) == [(7, 3), (7, 6)]


def test_values_are_of_the_columns_types(engine: Engine, glancing: Glancing) -> None:
    """What the driver would give otherwise: 0 and 1 for a boolean, text for an integer of any size."""
    with connected(engine, writes=True) as db:
        large = {"metered_wh": 1 << 80, "carry_wh": 3, "issued": 0, "retired": 0, "deducted": 0, "owed": 0}
        db.execute(insert(totals).values(id=1, **large))
        shown = select(totals)
        known = db.execute(shown).one()
        columns = {column.name: 0 for column in projects.c} | {"id": 5, "owner": "0x", "ccer": True}
        db.execute(insert(projects).values(**{**columns, "market_based": False}))
        project = db.execute(select(projects)).one()
    assert glancing(only(Prepared(shown))) == [tuple(known)]
    assert glancing(only(Prepared(select(projects)))) == [tuple(project)]
    by_sum = Prepared(select(totals.c.id).where(totals.c.metered_wh == bindparam("wh")))
    assert glancing(only(by_sum, wh=1 << 80)) == [(1,)]


# On an event loop


PAUSE = Prepared(select(func.pg_sleep(bindparam("seconds")), literal(5)))


def on_postgresql(engine: Engine, work: Callable[[], Awaitable[None]]) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite is asked in a thread")
    stand(engine)
    asyncio.run(work())  # type: ignore[arg-type]


def test_more_askers_than_connections(engine: Engine) -> None:
    stand(engine)

    async def work() -> None:
        async with opened(engine, most=3) as glances:
            for _ in range(3):
                assert await asyncio.gather(*(glances.glance(only(BLOCK)) for _ in range(40))) == [[(7,)]] * 40
            with connected(engine) as db:
                if engine.dialect.name == "postgresql":
                    held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    assert db.exec_driver_sql(held).scalar_one() <= 3 + 2

    asyncio.run(work())


def test_nobody_else_waits_while_the_database_works(engine: Engine) -> None:
    async def work() -> None:
        async with opened(engine) as glances:
            slow = asyncio.create_task(glances.glance(only(PAUSE, seconds=1)))
            began = time.monotonic()
            answers = 0
            while not slow.done():
                assert await glances.glance(only(BLOCK)) == [(7,)]
                answers += 1
            assert time.monotonic() - began > 0.9
            assert answers > 20

    on_postgresql(engine, work)


def test_an_answer_that_comes_too_late_is_nobody_elses(engine: Engine) -> None:
    async def work() -> None:
        async with opened(engine, most=1, patience=0.5) as glances:
            for _ in range(3):
                with pytest.raises(Unavailable, match=r"within 0\.5 seconds|statement timeout"):
                    await glances.glance(only(PAUSE, seconds=30))
                assert await glances.glance(only(BLOCK)) == [(7,)]

    on_postgresql(engine, work)


def test_a_database_does_not_work_on_for_those_who_have_gone(engine: Engine) -> None:
    """Or a slow one would have more to do the slower it is."""

    async def work() -> None:
        async with opened(engine, most=3, patience=0.5) as glances:
            for _ in range(3):
                asking = (glances.glance(only(PAUSE, seconds=30)) for _ in range(6))
                assert {type(one) for one in await asyncio.gather(*asking, return_exceptions=True)} == {Unavailable}
        await asyncio.sleep(1.0)
        with connected(engine) as db:
            busy = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%pg_sleep%%'"
            assert db.exec_driver_sql(busy + " AND pid <> pg_backend_pid()").scalar_one() == 0

    on_postgresql(engine, work)


def test_a_large_question_arrives_whole(engine: Engine) -> None:
    async def work() -> None:
        async with opened(engine) as glances:
            found = Prepared(select(func.length(bindparam("words"))))
            assert await glances.glance(only(found, words="x" * 30_000_000)) == [(30_000_000,)]

    on_postgresql(engine, work)


def test_an_asker_that_goes_away_leaves_nothing_behind(engine: Engine) -> None:
    async def work() -> None:
        async with opened(engine, most=2) as glances:
            for wait in (0.0, 0.001, 0.01, 0.2):
                gone = [asyncio.create_task(glances.glance(only(PAUSE, seconds=2))) for _ in range(4)]
                await asyncio.sleep(wait)
                for one in gone:
                    one.cancel()
                assert {type(one) for one in await asyncio.gather(*gone, return_exceptions=True)} == {
                    asyncio.CancelledError
                }
                assert await asyncio.gather(*(glances.glance(only(BLOCK)) for _ in range(6))) == [[(7,)]] * 6

    on_postgresql(engine, work)


def test_a_database_that_is_away_is_told() -> None:
    async def work() -> None:
        glances = Glances("postgresql://nobody@127.0.0.1:1/nowhere")
        for _ in range(2):
            with pytest.raises(Unavailable):
                await glances.glance(only(BLOCK))
        glances.close()

    asyncio.run(work())


def test_errors_are_the_same_on_both_ways(engine: Engine) -> None:
    """A value that the database cannot take."""
    stand(engine)
    asking = only(Prepared(select(cursor.c.block).where(cursor.c.hash == bindparam("hash"))), hash="a\0b")
    reader = open_reader(engine.url.render_as_string(hide_password=False))

    async def awaited() -> object:
        async with opened(engine) as glances:
            return await glances.glance(asking)

    def outcome(ask: Callable[[], object]) -> object:
        try:
            return ask()
        except GecError as error:
            return type(error), str(error)

    assert outcome(lambda: glance(reader, asking)) == outcome(lambda: asyncio.run(awaited()))
    reader.dispose()
