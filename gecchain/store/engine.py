"""Opening the database: SQLite or PostgreSQL by URL, and the schema by Alembic's migrations.

SQLite runs in WAL with foreign keys and a busy timeout, so that one writer and many readers live together.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gecchain.errors import MAKE_ROOM, BadInput, BrokenProof, GecError, Unavailable, without_password

__all__ = ["connected", "guarded", "migrate", "open_engine", "open_reader"]

BUSY_MILLISECONDS = 30_000
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA cache_size=-65536",
)
# SQLite says the first two, the second also of a write-ahead log that cannot grow; PostgreSQL hands on the system's.
_DISK_FULL = re.compile("disk is full|disk I/O error|No space left", re.IGNORECASE)
_OTHER_TABLES = re.compile(r"no such (table|column)|(relation|column) .* does not exist", re.IGNORECASE)
_UPDATE = "Start the process that writes to it, for the index gec index: it brings the tables up to date."
# psycopg prepares nothing by itself: at a rollback it would drop every prepared statement, also those of ours.
_PSYCOPG: dict[str, Any] = {"client_encoding": "utf8", "prepare_threshold": None, "connect_timeout": 5}
_PATIENT: dict[str, Any] = {"timeout": BUSY_MILLISECONDS / 1000}


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///file.db` or `postgresql+psycopg://…`; nothing is connected yet. BadInput for others."""
    place = _place(url)
    if place.get_backend_name() == "postgresql":
        return create_engine(place, pool_pre_ping=True, connect_args=_PSYCOPG, hide_parameters=True)
    engine = create_engine(place, connect_args=_PATIENT, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def open_reader(url: str, **settings: str) -> Engine:
    """An engine for `look` and glances alone: its connections begin no transaction of themselves, and end none.

    `settings` are PostgreSQL's, for each connection.
    """
    place = _place(url)
    options: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "hide_parameters": True}
    if place.get_backend_name() == "postgresql":
        given = [str(place.query.get("options", "")), *(f"-c {name}={value}" for name, value in settings.items())]
        return create_engine(place, connect_args={**_PSYCOPG, "options": " ".join(given).strip()}, **options)
    engine = create_engine(place, connect_args=_PATIENT, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _place(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        shown = without_password(url)
        raise BadInput(f"{shown!r} is no database URL.", field="database", value=shown) from error
    if parsed.get_backend_name() == "sqlite":
        return parsed
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise BadInput(
        "Only SQLite and PostgreSQL are supported.", field="database", value=parsed.render_as_string(hide_password=True)
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver's guess
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("gec_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def guarded() -> Iterator[None]:
    """Turns the database's failures into ours: Unavailable for those that may pass, BrokenProof for the rest."""
    try:
        yield
    except DBAPIError as error:
        if _OTHER_TABLES.search(str(error.orig)):
            raise Unavailable(
                f"The database has other tables than this version: {error.orig}", remedy=_UPDATE
            ) from error
        raise _failed(error) from error
    except PoolTimeout as error:
        raise Unavailable("Too many requests wait for the database.", remedy="Try again in a moment.") from error


def _failed(error: DBAPIError) -> GecError:
    if isinstance(error, (OperationalError, InterfaceError)):
        full = _DISK_FULL.search(str(error.orig)) is not None
        return Unavailable(f"The database does not answer: {error.orig}", remedy=MAKE_ROOM if full else "")
    return BrokenProof(f"The database refuses a row: {error.orig}", where=(error.statement or "")[:200])


@contextmanager
def connected(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """One connection in one transaction, committed at the end, rolled back on any error."""
    with guarded(), engine.connect().execution_options(gec_writes=writes) as connection, connection.begin():
        yield connection


def migrate(engine: Engine) -> None:
    """Brings the schema to the newest version; safe to run again and by several processes at once."""
    from alembic import command  # half a second that those who only read do not need
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with connected(engine, writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7034219)")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
