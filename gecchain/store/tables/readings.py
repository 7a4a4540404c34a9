"""Commitments, who approved them, their chunks, and declared readings."""

from typing import Final

from sqlalchemy import Boolean, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text

from gecchain.store.columns import ADDRESS, WORD, BigUnsigned, Bits256
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["approvals", "chunks", "commitments", "declarations"]

commitments: Final = Table(
    "commitments",
    metadata,
    field("id", Integer, key=True),
    field("month", Integer),
    field("provider", ADDRESS),
    field("declared", Boolean),
    field("root", WORD),
    field("leaves", Integer),
    field("total_wh", BigUnsigned),
    field("evidence", WORD),
    field("replaces", Integer),
    field("replaced_by", Integer),
    field("position", BIG),
    field("approvals", SmallInteger),
    Index(None, "month"),
)

approvals: Final = Table(
    "approvals",
    metadata,
    field("commitment", Integer),
    field("officer", ADDRESS),
    field("position", BIG),
    PrimaryKeyConstraint("commitment", "officer"),
    sqlite_with_rowid=False,
)

declarations: Final = Table(
    "declarations",
    metadata,
    field("id", WORD, key=True),
    field("month", Integer),
    field("owner", ADDRESS),
    field("leaf", BigUnsigned),
    field("evidence", WORD),
    field("stage", SmallInteger),
    field("caller", ADDRESS),
    field("declared", BIG),
    field("checker", ADDRESS),
    field("checked", BIG),
    field("rechecker", ADDRESS),
    field("rechecked", BIG),
    field("reason", Text),
    field("commitment", Integer),
    field("index", Integer),
    Index(None, "stage", "declared"),
    Index(None, "owner", "declared"),
    Index(None, "commitment", "index"),
)

chunks: Final = Table(
    "chunks",
    metadata,
    field("commitment", Integer),
    field("chunk", Integer),
    field("issued", Bits256),
    PrimaryKeyConstraint("commitment", "chunk"),
    sqlite_with_rowid=False,
)
