"""Statements that are run again and again: written as SQL once, run by the driver itself.

For every execution SQLAlchemy makes a context, a result and row objects, which costs several times what a look-up by
key does; for every row that it writes it makes a dictionary, which costs as much as SQLite's own work. Here a
statement is compiled once for each kind of database and its rows are the driver's own tuples. It runs in the
transaction of the connection that it is given, and its failures are SQLAlchemy's, so callers see no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Dialect,
    PoolProxiedConnection,
    String,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from gecchain.errors import BrokenProof

__all__ = ["Driven", "Prepared", "PreparedRows", "by_driver", "unnested"]

Converter = Callable[[Any], Any]
Condition = ColumnElement[bool]
MOST: Final = 512
"""Keys of a list in one statement."""


class Driven(Protocol):
    """A connection as far as a statement is concerned that the driver runs: SQLAlchemy's own is one."""

    @property
    def dialect(self) -> Dialect:
        """Which kind of database."""

    @property
    def connection(self) -> PoolProxiedConnection:
        """The driver's connection, on loan from a pool."""

    def invalidate(self, exception: BaseException | None = None) -> None:
        """The database has closed it: it does not go back to the pool."""


@dataclass(frozen=True, slots=True)
class _Written:
    """SQL for one kind of database, whose parameters go by place in this `order`.

    `dumped` and `loaded` are what columns' types do to values on their way in and out; most do nothing.
    """

    sql: str
    order: tuple[str, ...]
    fixed: Mapping[str, Any]
    dumped: Mapping[str, Converter]
    loaded: tuple[tuple[int, Converter], ...]

    def rows(self, found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The driver's rows with what the columns' types make of them."""
        return [_converted(row, self.loaded) for row in found] if self.loaded else found


class Prepared:
    """A statement by named parameters; with `among`, a SELECT of the rows whose value of that column is one of `keys`.

    Where the keys belong elsewhere in it, it is made of a condition: that a column's value is one of them.
    """

    def __init__(
        self, statement: Any | Callable[[Callable[[ColumnElement[Any]], Condition]], Any], among: Any = None
    ) -> None:
        self._statement = statement
        self._among: ColumnElement[Any] | None = among
        self._takes_keys = callable(statement) or among is not None
        self._written: dict[tuple[str, int], _Written] = {}

    def first(self, db: Driven, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        found = self.rows(db, **values)
        return found[0] if found else None

    def scalars(self, db: Driven, **values: Any) -> list[Any]:
        """The first column of every row."""
        return [row[0] for row in self.rows(db, **values)]

    def rows(self, db: Driven, **values: Any) -> list[tuple[Any, ...]]:
        """Every row. Values are of the columns' own types; `keys` may be as many as they like."""
        if not self._takes_keys:
            return self._run(db, values, 0)
        keys = list(values.pop("keys"))
        if db.dialect.name == "postgresql":
            return self._run(db, values | {"keys": keys}, 0) if keys else []
        found: list[tuple[Any, ...]] = []
        for at in range(0, len(keys), MOST):
            part = keys[at : at + MOST]
            size = 1 << (len(part) - 1).bit_length()  # few lengths, so few statements; the last key fills up
            filled = part + part[-1:] * (size - len(part))
            found += self._run(db, values | {f"keys_{number}": key for number, key in enumerate(filled, 1)}, size)
        return found

    def run(self, db: Driven, **values: Any) -> None:
        """Do it, where it finds nothing: DELETE or UPDATE."""
        self.rows(db, **values)

    async def awaited(self, db: Driven, **values: Any) -> list[tuple[Any, ...]]:
        """Every row, on PostgreSQL: the event loop goes on while the database answers."""
        from gecchain.store import libpq  # psycopg, where there is no other database

        written, parameters = self._asked(db, values, 0)
        with by_driver(db, written.sql) as lent:
            return written.rows(await libpq.awaited(lent, written.sql, parameters))

    def _run(self, db: Driven, values: Mapping[str, Any], size: int) -> list[tuple[Any, ...]]:
        written, parameters = self._asked(db, values, size)
        with by_driver(db, written.sql) as lent:
            return written.rows(_fetched(lent, db.dialect.name, written.sql, parameters))

    def _asked(self, db: Driven, values: Mapping[str, Any], size: int) -> tuple[_Written, list[Any]]:
        key = db.dialect.name, size
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = self._write(db, size)
        given = {**written.fixed, **values}
        for name, dump in written.dumped.items():
            given[name] = dump(given[name])
        return written, [given[name] for name in written.order]

    def _write(self, db: Driven, size: int) -> _Written:
        dialect = _numbered() if db.dialect.name == "postgresql" else db.dialect
        whole = self._whole(dialect.name)
        compiled: Any = whole.compile(dialect=dialect)
        given = {name: None for name, bound in compiled.binds.items() if bound.required}
        written = compiled.construct_expanded_state(given | ({"keys": [None] * size} if size else {}))
        binds = compiled.binds  # of a list each value has a name of its own: the list's and its place
        bound = {name: binds[name if name in binds else name.rpartition("_")[0]] for name in written.parameters}
        dumps = {name: one.type.dialect_impl(dialect).bind_processor(dialect) for name, one in bound.items()}
        types = [column.type for column in getattr(whole, "selected_columns", ())]
        loads = [one.dialect_impl(dialect).result_processor(dialect, None) for one in types]
        return _Written(
            sql=written.statement,
            order=tuple(written.positiontup or ()),
            fixed={name: value for name, value in written.parameters.items() if value is not None},
            dumped={name: dump for name, dump in dumps.items() if dump is not None},
            loaded=tuple((at, load) for at, load in enumerate(loads) if load is not None),
        )

    def _whole(self, dialect: str) -> Any:
        """The statement with its condition on keys: one array on PostgreSQL, a list of parameters on SQLite."""
        is_key = _is_in_array if dialect == "postgresql" else _is_in_list
        if callable(self._statement):
            return self._statement(is_key)
        return self._statement if self._among is None else self._statement.where(is_key(self._among))


def _is_in_array(one: ColumnElement[Any]) -> Condition:
    return one == any_(bindparam("keys", required=True, type_=_array_of(one.type)))


def _is_in_list(one: ColumnElement[Any]) -> Condition:
    return one.in_(bindparam("keys", expanding=True))


class PreparedRows:
    """An INSERT of many rows, each the values of all columns in the table's order.

    With `key` a row of a key that is there already takes the other's place; no two rows may have the same. PostgreSQL
    is given a column as one array, SQLite a row at a time.
    """

    def __init__(self, table: Table, key: Sequence[str] = ()) -> None:
        self._table = table
        self._key = list(key)
        self._names = [column.name for column in table.columns]
        self._written: dict[str, tuple[str, tuple[tuple[int, Converter], ...]]] = {}

    def write(self, db: Driven, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put rows in."""
        if not rows:
            return
        dialect = db.dialect.name
        written = self._written.get(dialect)
        if written is None:
            written = self._written[dialect] = self._write(_numbered() if dialect == "postgresql" else db.dialect)
        sql, dumps = written
        given: Sequence[Any] = [_converted(row, dumps) for row in rows] if dumps else rows
        with by_driver(db, sql) as lent:
            if dialect == "postgresql":
                _fetched(lent, dialect, sql, [list(values) for values in zip(*given, strict=True)])
                return
            with closing(lent.cursor()) as cursor:
                cursor.executemany(sql, given)

    def _write(self, dialect: Dialect) -> tuple[str, tuple[tuple[int, Converter], ...]]:
        """The SQL, and what columns' types do to values on their way in."""
        statement: Any = (postgresql if dialect.name == "postgresql" else sqlite).insert(self._table)
        if dialect.name == "postgresql":
            statement = statement.from_select(self._names, select(unnested(self._table.columns)))
        if self._key:
            rest = {name: statement.excluded[name] for name in self._names if name not in self._key}
            statement = statement.on_conflict_do_update(index_elements=self._key, set_=rest)
        compiled: Any = statement.compile(dialect=dialect, column_keys=self._names)
        if list(compiled.positiontup) != self._names:
            raise BrokenProof("An INSERT names its columns in another order than the table.", where=self._table.name)
        dumps = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in self._table.columns]
        return str(compiled), tuple((at, dump) for at, dump in enumerate(dumps) if dump is not None)


def unnested(columns: Iterable[Column[Any]]) -> TableValuedAlias:
    """On PostgreSQL: rows `given`, out of an array for each column that a parameter of its name brings."""
    named = list(columns)
    arrays = [bindparam(one.name, required=True, type_=_array_of(one.type)) for one in named]
    rows = func.unnest(*arrays).table_valued(*(column(one.name, one.type) for one in named))
    return rows.render_derived(name="given")


def _array_of(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """Text without a length: to name one in a cast is to cut what is longer, where the column would refuse it."""
    return ARRAY(Text() if isinstance(kind, String) else kind)


def _converted(row: Sequence[Any], converters: tuple[tuple[int, Converter], ...]) -> tuple[Any, ...]:
    values = list(row)
    for at, convert in converters:
        values[at] = convert(values[at])
    return tuple(values)


class by_driver:  # noqa: N801
    """The driver's connection; its errors become SQLAlchemy's, and a connection that is lost is given up."""

    __slots__ = ("_db", "_sql")

    def __init__(self, db: Driven, sql: str) -> None:
        self._db = db
        self._sql = sql

    def __enter__(self) -> PoolProxiedConnection:
        return self._db.connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            return
        driver: Any = self._db.dialect.dbapi
        if isinstance(error, driver.Error):
            raise _refused(self._db, self._sql, error, driver.Error) from error


def _fetched(lent: PoolProxiedConnection, dialect: str, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    if dialect == "postgresql":
        from gecchain.store import libpq  # psycopg, where there is no other database

        return libpq.fetched(lent, sql, values)
    with closing(lent.cursor()) as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@cache
def _numbered() -> Dialect:
    """PostgreSQL as libpq takes statements: their places are `$1`, `$2`…"""
    from sqlalchemy.dialects.postgresql import psycopg

    dialect: Any = psycopg.dialect
    return dialect(paramstyle="numeric_dollar")  # type: ignore[no-any-return]


def _refused(db: Driven, sql: str, error: Any, base: type[Exception]) -> BaseException:
    is_lost = db.dialect.is_disconnect(error, db.connection, None)
    if is_lost:
        db.invalidate(error)
    told: BaseException = DBAPIError.instance(
        sql, None, error, base, hide_parameters=True, connection_invalidated=is_lost, dialect=db.dialect
    )
    return told
