"""What was about to be sent: written before a transaction leaves, so that a killed process knows what it did.

The signed transaction is kept whole. After an interruption it is sent again byte by byte: the same nonce and hash, so
that it happens once or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from gecchain.errors import NotFound
from gecchain.store.engine import connected
from gecchain.store.intake.tables import intents

__all__ = ["Intent", "IntentLog"]


@dataclass(frozen=True, slots=True)
class Intent:
    """One transaction of ours. `payload` (32 bytes) says what for; `transaction` is its hash, `raw` its signed bytes.

    `status` is open (not known to be in a block), done or failed.
    """

    id: int
    kind: str
    payload: bytes
    sender: str
    nonce: int
    transaction: bytes
    raw: bytes
    status: str


class IntentLog:
    """The log of intents. Every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, kind: str, payload: bytes, *, sender: str, nonce: int, transaction: bytes, raw: bytes) -> int:
        """Write an intent before it is sent; its id."""
        row = {
            "kind": kind,
            "payload": payload,
            "sender": sender,
            "nonce": nonce,
            "transaction": transaction,
            "raw": raw,
            "status": "open",
        }
        with connected(self._engine, writes=True) as connection:
            return int(connection.execute(insert(intents).values(row).returning(intents.c.id)).scalar_one())

    def settle(self, intent: int, status: str) -> None:
        """Mark an intent `done` or `failed`; NotFound if there is none of that id."""
        with connected(self._engine, writes=True) as connection:
            settled = connection.execute(update(intents).where(intents.c.id == intent).values(status=status))
        if settled.rowcount == 0:
            raise NotFound(f"There is no intent {intent}.")

    def open(self, kind: str | None = None) -> Iterator[Intent]:
        """Intents of which it is not known whether they happened, in order of writing."""
        query = select(intents).where(intents.c.status == "open").order_by(intents.c.id)
        if kind is not None:
            query = query.where(intents.c.kind == kind)
        with connected(self._engine) as connection:
            rows = connection.execute(query).all()
        yield from map(_intent, rows)

    def of_payload(self, kind: str, payload: bytes) -> tuple[Intent, ...]:
        """Every intent for one purpose, in order of writing: for a re-run to see what was tried."""
        query = select(intents).where(intents.c.kind == kind, intents.c.payload == payload).order_by(intents.c.id)
        with connected(self._engine) as connection:
            return tuple(_intent(row) for row in connection.execute(query))


def _intent(row: Row[Any]) -> Intent:
    return Intent(
        id=row.id,
        kind=row.kind,
        payload=bytes(row.payload),
        sender=row.sender,
        nonce=row.nonce,
        transaction=bytes(row.transaction),
        raw=bytes(row.raw),
        status=row.status,
    )
