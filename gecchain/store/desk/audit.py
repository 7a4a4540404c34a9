"""Every write that was tried, by whom and with what outcome, in the order in which it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, insert, select

from gecchain.store.desk.tables import audit

__all__ = ["AuditEntry", "note", "read"]

_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One write: `caller` is `key:ID`, `session:0x…` or empty, `subject` what it was about, in words."""

    id: int
    at: int
    caller: str
    method: str
    path: str
    status: int
    subject: str


def note(db: Connection, *, at: int, caller: str, method: str, path: str, status: int, subject: str = "") -> None:
    """Keep one entry."""
    row = {"at": at, "caller": caller, "method": method, "path": path[:_LONGEST], "status": status}
    db.execute(insert(audit).values(**row, subject=subject[:_LONGEST]))


def read(db: Connection, *, after: int = 0, limit: int = 100) -> list[AuditEntry]:
    """Entries in order, from the one after `after`."""
    query = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(limit)
    return [AuditEntry(*row) for row in db.execute(query)]
