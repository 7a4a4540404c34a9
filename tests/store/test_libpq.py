"""PostgreSQL by libpq's own calls: the same rows as by psycopg's cursor, whatever the values, and the same errors."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import RawCursor
from sqlalchemy import Engine, PoolProxiedConnection, bindparam, create_engine, select

from gecchain.errors import BrokenProof, Unavailable
from gecchain.store import connected, open_engine, open_reader
from gecchain.store.libpq import awaited, fetched, said
from gecchain.store.prepared import Prepared, PreparedRows
from gecchain.store.tables import cursor, mentions

WHAT = (
    "SELECT $1::bigint, $2::text, $3::bigint[], $4::boolean, $5::numeric, $6::text[], $7::boolean[],"
    " $8::bytea, $9::bytea[]"
)
BIGINTS = st.integers(-(1 << 63), (1 << 63) - 1)
VALUES = st.tuples(
    st.none() | BIGINTS,
    st.none() | st.text() | st.text(st.characters(max_codepoint=127)),
    st.none() | st.lists(BIGINTS) | st.lists(st.none() | BIGINTS),
    st.none() | st.booleans(),
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**12), max_value=10**12),
    st.none() | st.lists(st.none() | st.text()) | st.lists(st.text(st.sampled_from("ab\"\\{},'\n NUL")), max_size=5),
    st.none() | st.lists(st.none() | st.booleans()),
    st.none() | st.binary(),
    st.none() | st.lists(st.none() | st.binary()),
)


@pytest.fixture
def lent(postgres_url: str) -> Iterator[PoolProxiedConnection]:
    reader = open_reader(postgres_url)
    with reader.connect() as db:
        yield db.connection
    reader.dispose()


def by_cursor(lent: PoolProxiedConnection, sql: str, values: Any) -> Any:
    connection: Any = lent.dbapi_connection
    with RawCursor(connection) as cursor:
        return cursor.execute(sql, values).fetchall()


def by_loop(lent: PoolProxiedConnection, sql: str, values: Any) -> Any:
    return asyncio.run(awaited(lent, sql, values))


def outcome(ask: Callable[..., Any], *words: Any) -> Any:
    try:
        return ask(*words)
    except (psycopg.Error, UnicodeEncodeError) as error:
        return type(error)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
@example((1, "a\0b", [], True, None, ["a\0b"], [], b"\0", [b"\0\\"]))
@example((1, "' OR 1=1 --", [1], False, None, ["NULL", "", 'a"b\\'], [True], b"\\x41", [None, b""]))
@example((1, "绿证", None, None, None, [None, "绿证"], None, None, None))
@example((1, "\\", [2**62], None, None, None, [None], b"", []))
def test_rows_are_those_of_the_cursor(lent: PoolProxiedConnection, values: tuple[Any, ...]) -> None:
    expected = outcome(by_cursor, lent, WHAT, values)
    assert outcome(fetched, lent, WHAT, values) == expected
    assert outcome(by_loop, lent, WHAT, values) == expected


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT 1 / $1::bigint", [0]),
        ("SELECT $1::bigint", [1 << 70]),
        ("SELECT * FROM nowhere WHERE id = $1::bigint", [1]),
        ("SELECT", []),
    ],
)
def test_errors_are_those_of_the_cursor(lent: PoolProxiedConnection, sql: str, values: list[int]) -> None:
    for _ in range(2):
        for ask in (fetched, by_loop):
            assert outcome(ask, lent, sql, values) == outcome(by_cursor, lent, sql, values)
    assert fetched(lent, "SELECT $1::bigint", [5]) == [(5,)]


def test_a_statement_is_prepared_once(lent: PoolProxiedConnection) -> None:
    sql = "SELECT $1::bigint + 1"
    for number in range(10):
        assert fetched(lent, sql, [number]) == by_loop(lent, sql, [number]) == [(number + 1,)]
    assert said(lent, "SELECT 1; SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%+ 1'") == [(1,)]


def test_statements_stay_prepared_when_a_transaction_is_rolled_back(new_engine: Callable[[], Engine]) -> None:
    """psycopg, where it prepares statements by itself, then drops everybody's on that connection."""
    engine = new_engine()
    ours = Prepared(select(cursor.c.block).where(cursor.c.id == bindparam("id")))
    for _ in range(2):
        with connected(engine) as db:
            for _again in range(10):
                db.execute(select(mentions.c.position)).all()
                assert ours.rows(db, id=0) == []
        with pytest.raises((BrokenProof, Unavailable)), connected(engine) as db:
            db.exec_driver_sql("SELECT 1 FROM nowhere")


def test_outside_a_transaction_the_cursor_begins_one(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as db:
        connection: Any = db.connection.dbapi_connection
        connection.rollback()
        assert fetched(db.connection, "SELECT $1::bigint", [3]) == [(3,)]
        assert connection.pgconn.transaction_status == psycopg.pq.TransactionStatus.INTRANS
        assert fetched(db.connection, "SELECT $1::bigint", [4]) == [(4,)]
    with connected(engine) as db:
        assert fetched(db.connection, "SELECT $1::bigint", [5]) == [(5,)]
    engine.dispose()


def test_a_database_of_another_encoding_is_spoken_to_in_utf_8(postgres_url: str) -> None:
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.exec_driver_sql("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    admin.dispose()
    reader = open_reader(postgres_url.rsplit("/", 1)[0] + "/latin")
    with reader.connect() as db:
        found = fetched(db.connection, "SELECT $1::text, length($1::text), $2::text[]", ["é", ["ü"]])
        assert found == [("é", 1, ["ü"])]
    reader.dispose()


def test_text_that_is_too_long_is_refused_and_not_cut(new_engine: Callable[[], Engine]) -> None:
    """PostgreSQL cuts what a cast gives a length; SQLite has no lengths."""
    engine = new_engine()
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no lengths")
    with pytest.raises(BrokenProof, match="too long"), connected(engine, writes=True) as db:
        PreparedRows(mentions).write(db, [("0x" + "a" * 41, 1)])
