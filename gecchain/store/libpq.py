"""Statements on PostgreSQL by libpq's own calls, one each.

psycopg's cursor waits in steps that can be interrupted, looks up types anew and keeps what was asked: for a look-up by
key that costs more than the look-up. Values that need more than digits or plain letters go by the cursor all the same,
and so does whatever has no transaction yet, which the cursor begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from psycopg import Connection, OperationalError, RawCursor, errors
from psycopg.abc import Transformer
from psycopg.adapt import Transformer as Transforming
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import PoolProxiedConnection

__all__ = ["fetched", "said"]

Row = tuple[Any, ...]
_STATEMENTS: Final = "gecchain statements"
_DONE: Final = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


def fetched(lent: PoolProxiedConnection, sql: str, values: Sequence[Any]) -> list[Row]:
    """Every row of a statement whose places are `$1`, `$2`…; psycopg's errors if it fails."""
    connection: Any = lent.dbapi_connection
    words = _words(values) if _is_begun(connection) else None
    if words is None:
        with RawCursor(connection) as cursor:
            return cursor.execute(sql, values).fetchall()
    known: dict[str, tuple[bytes, Transformer]] = lent.info.setdefault(_STATEMENTS, {})
    if sql not in known:
        name = b"gecchain_%d" % len(known)
        _checked(connection, connection.pgconn.prepare(name, sql.encode()))
        known[sql] = name, Transforming.from_context(connection)
    name, loading = known[sql]
    return _loaded(loading, _checked(connection, connection.pgconn.exec_prepared(name, words)))


def said(lent: PoolProxiedConnection, words: str) -> list[Row]:
    """Several statements in one message, without values; the rows of the last."""
    connection: Any = lent.dbapi_connection
    return _loaded(Transforming.from_context(connection), _checked(connection, connection.pgconn.exec_(words.encode())))


def _is_begun(connection: Connection[Any]) -> bool:
    return connection.autocommit or connection.pgconn.transaction_status == TransactionStatus.INTRANS


def _words(values: Sequence[Any]) -> list[bytes | None] | None:
    """Values as PostgreSQL reads them; None if one of them has to be quoted or looked at more closely."""
    words: list[bytes | None] = []
    for value in values:
        if isinstance(value, bool):
            words.append(b"t" if value else b"f")
        elif isinstance(value, int):
            words.append(b"%d" % value)
        elif value is None:
            words.append(None)
        elif isinstance(value, str) and value.isascii() and "\0" not in value:
            words.append(value.encode())
        elif isinstance(value, list) and all(type(one) is int for one in value):
            words.append(("{" + ",".join(map(str, value)) + "}").encode())
        else:
            return None
    return words


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
