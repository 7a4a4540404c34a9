"""Putting rows in if there is none of its key yet, alike in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["insert_new", "insert_new_rows"]


def insert_new(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether the row is new. A transaction that is putting the same one in is waited for."""
    # Of an INSERT the count is kept on wish only.
    put = _put(db, table).values(**row)
    return db.execute(put, execution_options={"preserve_rowcount": True}).rowcount == 1


def insert_new_rows(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put those in that are new, in their order; a transaction that is putting the same ones in is waited for."""
    db.execute(_put(db, table), rows)


def _put(db: Connection, table: Table) -> Any:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()
