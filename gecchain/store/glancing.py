"""Look-ups that see one instant without any transaction: a single statement, or two that say of which block they are.

What is to be found is a generator of questions, so that it is written once for whoever puts them: a transaction, a
thread, or an event loop that goes on while the database answers. For the public's questions that matters, as handing
a look-up to a thread costs as much as the look-up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final, NamedTuple, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from gecchain.errors import Unavailable
from gecchain.store.engine import guarded, open_reader
from gecchain.store.looking import alive, give_up, look
from gecchain.store.prepared import Driven, Prepared

__all__ = ["Asking", "Glances", "Moved", "Question", "found_by", "glance"]

T = TypeVar("T")
CONNECTIONS: Final = 12
PATIENCE_SECONDS: Final = 10.0


class Moved(Exception):
    """The index went on between two statements of a glance."""


class Question(NamedTuple):
    """A statement and its values."""

    statement: Prepared
    values: Mapping[str, Any]


Asking = Generator[Question, list[tuple[Any, ...]], T]
"""What is to be found by some questions, whoever puts them: it is sent the rows of each.

Of several, each says of which block it is; where that differs Moved is raised.
"""


def found_by(db: Driven, asking: Asking[T]) -> T:
    """What it comes to when its questions are put to this connection."""
    try:
        question = next(asking)
        while True:
            question = asking.send(question.statement.rows(db, **question.values))
    except StopIteration as end:
        return cast("T", end.value)


def glance(engine: Engine, asking: Callable[[], Asking[T]]) -> T:
    """What is found in no transaction, or, where the index moved meanwhile, in one. Unavailable without an answer."""
    with guarded():
        try:
            db, found = alive(lambda: _Lent(engine), lambda db: found_by(db, asking()))
        except Moved:
            return _still(engine, asking)
        db.close()
        return found


def _still(engine: Engine, asking: Callable[[], Asking[T]]) -> T:
    with look(engine) as standing:
        return found_by(standing.db, asking())


class Glances:
    """Glances from an event loop: no thread waits for PostgreSQL, which for a look-up is half of the cost.

    It holds up to so many connections, and whoever comes then waits for one. Nobody waits longer than his patience,
    and neither does the database work longer. SQLite is asked in a thread.
    """

    def __init__(self, url: str, most: int = CONNECTIONS, patience: float = PATIENCE_SECONDS) -> None:
        self._engine = open_reader(
            url,
            statement_timeout=f"{patience * 1000:.0f}",
            plan_cache_mode="force_generic_plan",  # all of them go by keys, and one plan serves for all
        )
        self._idle: list[_Lent] = []
        self._free = asyncio.Semaphore(most)
        self._most = most
        self._patience = patience

    async def glance(self, asking: Callable[[], Asking[T]]) -> T:
        """What is found. Unavailable if there is no answer in time."""
        if self._engine.dialect.name != "postgresql":
            return await asyncio.to_thread(glance, self._engine, asking)
        with guarded():
            try:
                async with asyncio.timeout(self._patience), self._free:
                    return await self._answered(asking)
            except TimeoutError as error:
                raise Unavailable(f"The database does not answer within {self._patience:g} seconds.") from error
            except Moved:
                return await asyncio.to_thread(_still, self._engine, asking)

    async def _answered(self, asking: Callable[[], Asking[T]]) -> T:
        """By a connection that answers; those that the database has closed meanwhile are given up."""
        for _ in range(self._most + 1):
            db = self._idle.pop() if self._idle else await asyncio.to_thread(_Lent, self._engine)
            try:
                found = await _awaited(db, asking())
            except DBAPIError as error:
                give_up(db, error)
                if not error.connection_invalidated:
                    raise
                lost = error
            except Moved:
                self._idle.append(db)
                raise
            except BaseException:
                db.invalidate()
                db.close()
                raise
            else:
                self._idle.append(db)
                return found
        raise lost

    def close(self) -> None:
        """Give the connections back, and end them."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


async def _awaited(db: _Lent, asking: Asking[T]) -> T:
    try:
        question = next(asking)
        while True:
            question = asking.send(await question.statement.awaited(db, **question.values))
    except StopIteration as end:
        return cast("T", end.value)


class _Lent:
    """A connection on loan from the pool, with nothing around it, which for one statement is half of the cost."""

    __slots__ = ("connection", "dialect")

    def __init__(self, engine: Engine) -> None:
        self.dialect = engine.dialect
        driver: Any = engine.dialect.dbapi
        try:
            self.connection = engine.raw_connection()
        except driver.Error as error:
            raise cast("Exception", DBAPIError.instance(None, None, error, driver.Error)) from error

    def invalidate(self, exception: BaseException | None = None) -> None:
        self.connection.invalidate(exception)

    def close(self) -> None:
        self.connection.close()
