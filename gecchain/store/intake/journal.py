"""The journal of transactions on their way: written before each is sent, so that a crash sends nothing twice.

It belongs to the write side: no projection, not to be rebuilt from the chain, backed up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from gecchain.errors import Refused
from gecchain.intents import Intent
from gecchain.store.engine import connected, guarded
from gecchain.store.intake.tables import intents as table

__all__ = ["SqlJournal"]

_SENT: Final = "sent"
_MINED: Final = "mined"


class SqlJournal:
    """Intents in SQL. Each call is a transaction of its own and durable when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, intents: Sequence[Intent]) -> None:
        """Keep intents before they are sent; an earlier try of the same key gives its place to the new one.

        Refused when a key is on its way already: nobody knows yet how that will end.
        """
        if not intents:
            return
        keys = [intent.key for intent in intents]
        with self._flushed() as db:
            on_its_way = select(table.c.what).where(table.c.key.in_(keys), table.c.status == _SENT).limit(1)
            if (busy := db.execute(on_its_way).scalar()) is not None:
                raise Refused(
                    f"a request of the same name is on its way: {busy}",
                    reason="KeyUsed",
                    remedy="Wait until it has ended, or give a new request a new name.",
                )
            db.execute(delete(table).where(table.c.key.in_(keys)))
            db.execute(insert(table), [{**asdict(intent), "status": _SENT} for intent in intents])

    def settle(self, key: str, status: str) -> None:
        """Note how an intent ended: `mined`, `refused` or `lost`."""
        with connected(self._engine, writes=True) as db:
            db.execute(update(table).where(table.c.key == key).values(status=status))

    def pending(self, sender: str) -> Sequence[Intent]:
        """Intents of a sender that have not ended, by nonce."""
        query = select(table).where(table.c.sender == sender, table.c.status == _SENT)
        with connected(self._engine) as db:
            return [_intent(row) for row in db.execute(query.order_by(table.c.nonce))]

    def ended(self, key: str) -> Intent | None:
        """The mined intent of an action, if there is one."""
        query = select(table).where(table.c.key == key, table.c.status == _MINED)
        with connected(self._engine) as db:
            row = db.execute(query).first()
        return _intent(row) if row is not None else None

    @contextmanager
    def _flushed(self) -> Iterator[Connection]:
        """A transaction that SQLite has flushed to the disk when it ends: it must outlive a loss of power."""
        if self._engine.dialect.name != "sqlite":
            with connected(self._engine, writes=True) as db:
                yield db
            return
        with guarded(), self._engine.connect().execution_options(gec_writes=True) as db:
            _pragma(db, "FULL")
            try:
                with db.begin():
                    yield db
            finally:
                _pragma(db, "NORMAL")


def _pragma(db: Connection, synchronous: str) -> None:
    """Before a transaction begins, hence past SQLAlchemy."""
    driver = db.connection.driver_connection
    if driver is not None:
        driver.execute(f"PRAGMA synchronous={synchronous}")


def _intent(row: Row[Any]) -> Intent:
    return Intent(row.key, row.what, row.sender, row.nonce, row.payload, row.raw, row.transaction)
