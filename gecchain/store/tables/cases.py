"""Disputes."""

from typing import Final

from sqlalchemy import Index, Integer, PrimaryKeyConstraint, SmallInteger, Table

from gecchain.store.columns import ADDRESS, WORD
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["cases", "doubts"]

cases: Final = Table(
    "cases",
    metadata,
    field("id", Integer, key=True),
    field("batch", BIG),
    field("claimant", ADDRESS),
    field("stage", SmallInteger),
    field("outcome", SmallInteger),
    field("owed", BIG),
    field("since", BIG),
    field("watt_hours", BIG),
    field("evidence", WORD),
    field("certificates", BIG),
    field("opened", BIG),
    field("closed", BIG),
    Index(None, "batch", "id"),
    Index(None, "claimant", "id"),
    Index(None, "stage", "id"),
)

doubts: Final = Table(
    "doubts",
    metadata,
    field("case_id", Integer),
    field("number", Integer),
    field("start", BIG),
    field("end", BIG),
    PrimaryKeyConstraint("case_id", "number"),
    sqlite_with_rowid=False,
)
