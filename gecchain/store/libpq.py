"""Statements on PostgreSQL by libpq's own calls, one each.

psycopg's cursor waits in steps that can be interrupted, looks up types anew and keeps what was asked: for a look-up by
key that costs more than the look-up. Values other than numbers, text, bytes, truth and lists of them go by the cursor
all the same, and so does whatever has no transaction yet, which the cursor begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Any, Final

from psycopg import Connection, OperationalError, RawCursor, errors
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as Transforming
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import PoolProxiedConnection

__all__ = ["awaited", "fetched", "said"]

Row = tuple[Any, ...]
_STATEMENTS: Final = "gecchain statements"
_UNKNOWN: Final = b"\0"
_DONE: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


def fetched(lent: PoolProxiedConnection, sql: str, values: Sequence[Any]) -> list[Row]:
    """Every row of a statement whose places are `$1`, `$2`…; psycopg's errors if it fails."""
    connection: Any = lent.dbapi_connection
    words = _words(values) if _is_begun(connection) else None
    if words is None:
        with RawCursor(connection) as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    known = _known(lent)
    if sql not in known:
        name = _name(known)
        _checked(connection, connection.pgconn.prepare(name, sql.encode()))
        known[sql] = name, Transforming.from_context(connection)
    name, loading = known[sql]
    return _loaded(loading, _checked(connection, connection.pgconn.exec_prepared(name, words)))


async def awaited(lent: PoolProxiedConnection, sql: str, values: Sequence[Any]) -> list[Row]:
    """The same, while the event loop goes on; it does not for a value that the cursor is to write.

    Whoever stops waiting must give the connection up: the answer is still to come on it.
    """
    connection: Any = lent.dbapi_connection
    words = _words(values) if _is_begun(connection) else None
    if words is None:
        return fetched(lent, sql, values)
    known = _known(lent)
    if sql not in known:
        name = _name(known)
        connection.pgconn.send_prepare(name, sql.encode())
        _checked(connection, await _answer(connection.pgconn))
        known[sql] = name, Transforming.from_context(connection)
    name, loading = known[sql]
    connection.pgconn.send_query_prepared(name, words)
    return _loaded(loading, _checked(connection, await _answer(connection.pgconn)))


def said(lent: PoolProxiedConnection, words: str) -> list[Row]:
    """Several statements in one message, without values; the rows of the last."""
    connection: Any = lent.dbapi_connection
    return _loaded(Transforming.from_context(connection), _checked(connection, connection.pgconn.exec_(words.encode())))


def _known(lent: PoolProxiedConnection) -> dict[str, tuple[bytes, Transformer]]:
    """The statements that this connection has prepared: their names there, and what loads their rows."""
    known: dict[str, tuple[bytes, Transformer]] = lent.info.setdefault(_STATEMENTS, {})
    return known


def _name(known: Mapping[str, object]) -> bytes:
    return b"gecchain_%d" % len(known)


async def _answer(pgconn: PGconn) -> PGresult:
    """The last result of what was sent."""
    loop = asyncio.get_running_loop()
    while pgconn.flush():
        await _ready(pgconn.socket, loop.add_writer, loop.remove_writer)
    last = None
    while True:
        while pgconn.is_busy():
            await _ready(pgconn.socket, loop.add_reader, loop.remove_reader)
            pgconn.consume_input()
        found = pgconn.get_result()
        if found is None:
            break
        last = found
    if last is None:
        raise OperationalError("The server has said nothing.")
    return last


async def _ready(socket: int, begin: Callable[..., None], end: Callable[[int], object]) -> None:
    came = asyncio.get_running_loop().create_future()
    begin(socket, _done, came)
    try:
        await came
    finally:
        end(socket)


def _done(came: asyncio.Future[None]) -> None:
    if not came.done():
        came.set_result(None)


def _is_begun(connection: Connection[Any]) -> bool:
    return connection.autocommit or connection.pgconn.transaction_status == TransactionStatus.INTRANS


def _words(values: Sequence[Any]) -> list[bytes | None] | None:
    """Values as PostgreSQL reads them; None if one of them is for psycopg to write."""
    words = [_array(value) if isinstance(value, list) else _word(value) for value in values]
    return None if _UNKNOWN in words else words


def _word(value: Any) -> bytes | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, str) and "\0" not in value:
        return value.encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    return _UNKNOWN


def _array(values: list[Any]) -> bytes:
    kinds = set(map(type, values))
    if kinds <= {int}:
        return ("{" + ",".join(map(str, values)) + "}").encode()
    if not kinds <= {int, bool, str, bytes, NoneType}:
        return _UNKNOWN
    text = "{" + ",".join(map(_element, values)) + "}"
    return _UNKNOWN if "\0" in text else text.encode()


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bytes):
        return '"\\\\x' + value.hex() + '"'
    return "tf"[not value] if isinstance(value, bool) else str(value)


def _checked(connection: Connection[Any], result: PGresult) -> PGresult:
    if result.status not in _DONE:
        if connection.broken:
            raise OperationalError(result.get_error_message(connection.info.encoding))
        raise errors.error_from_result(result, encoding=connection.info.encoding)
    return result


def _loaded(loading: Transformer, result: PGresult) -> list[Row]:
    loading.set_pgresult(result)
    rows: list[Row] = loading.load_rows(0, result.ntuples, tuple)
    loading.set_pgresult(None)
    return rows
