"""The journal of transactions on their way: written before each is sent, so that a crash sends nothing twice.

It belongs to the write side: no projection, not to be rebuilt from the chain, backed up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, insert, select, update

from gecchain.intents import Intent
from gecchain.store.engine import connected
from gecchain.store.intake.tables import intents as table

__all__ = ["SqlJournal"]

_SENT: Final = "sent"
_MINED: Final = "mined"


class SqlJournal:
    """Intents in SQL. Each call is a transaction of its own and durable when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, intents: Sequence[Intent]) -> None:
        """Keep intents before they are sent; an earlier try of the same key gives its place to the new one."""
        if not intents:
            return
        rows = [
            {
                "key": intent.key,
                "what": intent.what,
                "sender": intent.sender,
                "nonce": intent.nonce,
                "payload": intent.payload,
                "raw": intent.raw,
                "transaction": intent.transaction,
                "status": _SENT,
            }
            for intent in intents
        ]
        with connected(self._engine, writes=True) as db:
            for row in rows:
                db.execute(delete(table).where(table.c.key == row["key"]))
            db.execute(insert(table), rows)

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


def _intent(row: Row[Any]) -> Intent:
    return Intent(row.key, row.what, row.sender, row.nonce, row.payload, row.raw, row.transaction)
