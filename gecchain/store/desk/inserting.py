"""Putting a row in if there is none of its key yet, alike in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

__all__ = ["insert_new"]


def insert_new(db: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether the row is new. A transaction that is putting the same one in is waited for."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    put = dialect.insert(table).values(**row).on_conflict_do_nothing()
    # Of an INSERT the count is kept on wish only.
    return db.execute(put, execution_options={"preserve_rowcount": True}).rowcount == 1
