"""How requests read: all that one answers is of one instant, and it knows of which block.

A look is a transaction whose first statement asks where the index stands. On PostgreSQL both go in one message, and
that message is also what finds out whether the connection still lives, so nothing is sent only to ask for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from gecchain.store.engine import guarded
from gecchain.store.prepared import Driven, by_driver
from gecchain.store.tables import cursor
from gecchain.store.views import Health

__all__ = ["CURSOR", "Look", "alive", "give_up", "look"]

T = TypeVar("T")
CURSOR: Final = (cursor.c.block, cursor.c.hash, cursor.c.time, cursor.c.head)
_STANDS: Final = str(select(*CURSOR))
_SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOST_AT_MOST: Final = 16  # as many connections as a pool has, and a new one


@dataclass(frozen=True, slots=True)
class Look:
    """An open transaction, and where the index stands in it (None while nothing is indexed)."""

    db: Connection
    health: Health | None


@contextmanager
def look(engine: Engine) -> Iterator[Look]:
    """A transaction that sees the registry at one instant, however long it takes. Unavailable if there is no answer."""
    with guarded():
        db, health = alive(engine.connect, _begun)
        try:
            yield Look(db, health)
            _end(db, "COMMIT")
        except BaseException:
            try:
                _end(db, "ROLLBACK")
            except DBAPIError as error:
                give_up(db, error)
            raise
        finally:
            db.close()


class _Closing(Driven, Protocol):
    def close(self) -> None:
        """Give it back."""


C = TypeVar("C", bound=_Closing)


def alive(connect: Callable[[], C], first: Callable[[C], T]) -> tuple[C, T]:
    """A connection and what it answers first; those that the database has closed meanwhile are given up."""
    for _ in range(_LOST_AT_MOST):
        db = connect()
        try:
            return db, first(db)
        except DBAPIError as error:
            give_up(db, error)
            if not error.connection_invalidated:
                raise
            lost = error
        except BaseException:
            db.invalidate()
            db.close()
            raise
    raise lost


def give_up(db: _Closing, error: DBAPIError) -> None:
    """A connection that failed may stand in a transaction that nobody ends: it does not go back to the pool."""
    if not error.connection_invalidated:
        db.invalidate(error)
    db.close()


def _begun(db: Connection) -> Health | None:
    rows = _said(db, _SNAPSHOT if db.dialect.name == "postgresql" else "BEGIN", _STANDS)
    return Health(*rows[0]) if rows else None


def _end(db: Connection, word: str) -> None:
    if not db.invalidated:
        _said(db, word)


def _said(db: Connection, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last of some statements without values."""
    with by_driver(db, statements[-1]) as lent:
        if db.dialect.name == "postgresql":
            from gecchain.store import libpq  # psycopg, where there is no other database

            return libpq.said(lent, "; ".join(statements))
        with closing(lent.cursor()) as cursor:
            for one in statements:
                cursor.execute(one)
            return list(cursor.fetchall())
