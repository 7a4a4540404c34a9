"""The journal of transactions on their way: written before each is sent, so that a crash sends nothing twice.

It belongs to the write side: no projection, not to be rebuilt from the chain, backed up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    MetaData,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from gecchain.chain.writer import Intent

__all__ = ["SqlJournal"]

_metadata: Final = MetaData()
_intents: Final = Table(
    "journal_intents",
    _metadata,
    Column("key", String(200), primary_key=True),
    Column("what", Text, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("payload", String(66), nullable=False),
    Column("raw", Text, nullable=False),
    Column("transaction", String(66), nullable=False),
    Column("status", String(8), nullable=False),
)
Index("ix_journal_intents_open", _intents.c.sender, _intents.c.status)

_SENT: Final = "sent"
_MINED: Final = "mined"


class SqlJournal:
    """Intents in SQL. Each call is a transaction of its own and durable when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _metadata.create_all(engine)

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
        with self._engine.begin() as db:
            for row in rows:
                db.execute(delete(_intents).where(_intents.c.key == row["key"]))
            db.execute(insert(_intents), rows)

    def settle(self, key: str, status: str) -> None:
        """Note how an intent ended: `mined`, `refused` or `lost`."""
        with self._engine.begin() as db:
            db.execute(update(_intents).where(_intents.c.key == key).values(status=status))

    def pending(self, sender: str) -> Sequence[Intent]:
        """Intents of a sender that have not ended, by nonce."""
        query = select(_intents).where(_intents.c.sender == sender, _intents.c.status == _SENT)
        with self._engine.connect() as db:
            return [_intent(row) for row in db.execute(query.order_by(_intents.c.nonce))]

    def ended(self, key: str) -> Intent | None:
        """The mined intent of an action, if there is one."""
        query = select(_intents).where(_intents.c.key == key, _intents.c.status == _MINED)
        with self._engine.connect() as db:
            row = db.execute(query).first()
        return _intent(row) if row is not None else None


def _intent(row: Row[Any]) -> Intent:
    return Intent(row.key, row.what, row.sender, row.nonce, row.payload, row.raw, row.transaction)
