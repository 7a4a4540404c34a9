"""One worker at a time for a database: the lock ends with its process or connection, however that ends."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from gecchain.errors import Unavailable
from gecchain.store.engine import guarded

__all__ = ["only_worker"]

_LOCK: Final = 7034223
_BUSY: Final = "Another worker sends the webhooks of this database."


@contextmanager
def only_worker(engine: Engine) -> Iterator[Callable[[], None]]:
    """Be the only one as long as the block runs. Unavailable if another is.

    Yields what raises Unavailable once the lock is lost (a database that ended the connection gave it back).
    """
    if engine.dialect.name == "postgresql":
        with _advisory(engine) as held:
            yield held
    else:
        with _file(Path(f"{engine.url.database}.webhooks.lock")):
            yield lambda: None


@contextmanager
def _advisory(engine: Engine) -> Iterator[Callable[[], None]]:
    with guarded(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCK})").scalar():
            raise Unavailable(_BUSY, remedy="Wait until it has ended.")

        lost = False

        def held() -> None:
            nonlocal lost
            if lost:  # the connection would be made again, without the lock
                raise Unavailable("The database gave the worker's lock back.")
            lost = True
            with guarded():
                connection.exec_driver_sql("SELECT 1")
            lost = False

        try:
            yield held
        finally:
            connection.invalidate()  # closes it for good, so that the lock cannot stay with the pool


@contextmanager
def _file(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unavailable(_BUSY, remedy="Wait until it has ended.") from error
        yield
