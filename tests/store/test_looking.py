"""Reading by the driver: one instant, connections that were lost, statements that are written once."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, insert, select

from gecchain.errors import Unavailable
from gecchain.store import connected, look, open_reader
from gecchain.store.looking import Look
from gecchain.store.prepared import Prepared
from gecchain.store.tables import cursor
from gecchain.store.views import Health

STANDS = {"id": 1, "deployment": "x", "block": 7, "hash": "0x" + "7" * 64, "time": 70, "head": 9}
HEALTH = Health(7, str(STANDS["hash"]), 70, 9)


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    return new_engine()


@pytest.fixture
def reader(engine: Engine) -> Iterator[Engine]:
    found = open_reader(engine.url.render_as_string(hide_password=False))
    yield found
    found.dispose()


def move(engine: Engine, block: int) -> None:
    with connected(engine, writes=True) as db:
        db.execute(cursor.update().values(block=block))


def stand(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        db.execute(insert(cursor).values(**STANDS))


def test_a_look_begins_with_where_the_index_stands(engine: Engine, reader: Engine) -> None:
    with look(reader) as found:
        assert found.health is None
    stand(engine)
    with look(reader) as found:
        assert found.health == HEALTH


def test_a_look_sees_one_instant(engine: Engine, reader: Engine) -> None:
    stand(engine)
    block = Prepared(select(cursor.c.block))
    with look(reader) as found:
        move(engine, 8)
        assert block.scalars(found.db) == [7]
        assert found.db.scalar(select(cursor.c.block)) == 7
    with look(reader) as later:
        assert block.scalars(later.db) == [8]


def test_nothing_stays_open_behind_a_look(engine: Engine, reader: Engine) -> None:
    """Also not behind one that failed: the next one, on the same connection, sees what has happened since."""
    stand(engine)
    for block in (8, 9):
        with pytest.raises(KeyError), look(reader):
            raise KeyError
        move(engine, block)
        with look(reader) as found:
            assert found.health is not None
            assert found.health.block == block


def test_a_look_that_cannot_begin_leaves_nothing_open(engine: Engine, reader: Engine) -> None:
    """Its BEGIN went well and what came after did not: the next one, on the same pool, is none the worse."""
    stand(engine)
    for there, away in (("cursor", "elsewhere"), ("elsewhere", "cursor")):
        with connected(engine, writes=True) as db:
            db.exec_driver_sql(f"ALTER TABLE {there} RENAME TO {away}")
        for _ in range(3):
            if away == "elsewhere":
                with pytest.raises(Unavailable, match="other tables") as told, look(reader):
                    pass
                assert "gec index" in told.value.remedy
            else:
                with look(reader) as found:
                    assert found.health == HEALTH


def test_connections_that_the_database_closed_are_given_up(engine: Engine, reader: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could close them")
    stand(engine)
    with look(reader), look(reader), look(reader):
        pass
    with connected(engine) as db:
        db.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    for _ in range(4):
        with look(reader) as found:
            assert found.health == HEALTH


def test_a_connection_lost_in_the_middle_is_told(engine: Engine, reader: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no server that could close it")
    stand(engine)
    with pytest.raises(Unavailable), look(reader) as found:
        _ask_after_it_was_closed(engine, found)
    with look(reader) as found:
        assert found.health == HEALTH


def _ask_after_it_was_closed(engine: Engine, found: Look) -> None:
    with connected(engine) as db:
        db.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    Prepared(select(cursor.c.block)).rows(found.db)


def test_a_database_without_tables_is_told(tmp_path: object) -> None:
    bare = open_reader(f"sqlite:///{tmp_path}/bare.db")
    with pytest.raises(Unavailable), look(bare):
        pass
    bare.dispose()


def test_a_server_that_takes_a_call_and_says_nothing_is_told_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://gec@127.0.0.1:{silent.getsockname()[1]}/gec"
        reader, began = open_reader(url), time.monotonic()
        with pytest.raises(Unavailable), look(reader):
            pass
        assert time.monotonic() - began < 8
        reader.dispose()
