"""Tables of the working store, with metadata and version of their own: no projection, so they are backed up."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gecchain.store.columns import BIG, NAMING

__all__ = ["commitments", "files", "intake_metadata", "intents", "leaves", "readings", "refusals", "staged", "version"]

intake_metadata: Final = MetaData(naming_convention=NAMING)

version: Final = Table("intake_version", intake_metadata, Column("version", Integer, primary_key=True))

files: Final = Table(
    "intake_files",
    intake_metadata,
    Column("id", BIG, primary_key=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("format", String(16), nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("status", String(8), nullable=False),
    Column("outcome", Text, nullable=False),
    CheckConstraint("status IN ('open', 'done', 'refused')", name="status"),
)


def _reading_columns() -> list[Column[object]]:
    """Columns that a staged row and a reading have in common."""
    return [
        Column("project", BigInteger, nullable=False),
        Column("code", String(17), nullable=False),
        Column("month", Integer, nullable=False),
        Column("electricity", SmallInteger, nullable=False),
        Column("wh", BigInteger, nullable=False),
        Column("provider", Text, nullable=False),
        Column("sheet", Text, nullable=False),
        Column("sheet_wh", BigInteger),
        Column("record", Text, nullable=False),
        Column("derived", Boolean, nullable=False),
        Column("note", Text, nullable=False),
        Column("digest", LargeBinary(17), nullable=False),
    ]


readings: Final = Table(
    "intake_readings",
    intake_metadata,
    Column("id", BIG, primary_key=True),
    Column("file", BIG, ForeignKey("intake_files.id"), nullable=False),
    Column("row", Integer, nullable=False),
    *_reading_columns(),
    Column("current", Boolean, nullable=False),
    Column("replaced_by", BIG, ForeignKey("intake_readings.id")),
    UniqueConstraint("file", "row"),
    CheckConstraint("wh >= 0", name="wh"),
)
Index(
    "uq_intake_readings_current",
    readings.c.project,
    readings.c.month,
    readings.c.electricity,
    unique=True,
    sqlite_where=text("current = 1"),
    postgresql_where=text("current"),
)
Index(None, readings.c.month, readings.c.provider, readings.c.project, readings.c.electricity)
Index(None, readings.c.sheet, readings.c.month)

staged: Final = Table(
    "intake_staged",
    intake_metadata,
    Column("file", BIG, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    *_reading_columns(),
    Column("resolves", BigInteger),
    Column("verdict", String(24)),
)
Index(None, staged.c.file, staged.c.project, staged.c.month, staged.c.electricity)

refusals: Final = Table(
    "intake_refusals",
    intake_metadata,
    Column("id", BIG, primary_key=True),
    Column("file", BIG, ForeignKey("intake_files.id"), nullable=False),
    Column("row", Integer, nullable=False),
    Column("code", String(24), nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("status", String(10), nullable=False),
    Column("resolved_by", BIG, ForeignKey("intake_files.id")),
    CheckConstraint("status IN ('open', 'resolved', 'superseded')", name="status"),
)
Index(None, refusals.c.file, refusals.c.row)
Index(None, refusals.c.status, refusals.c.id)

commitments: Final = Table(
    "intake_commitments",
    intake_metadata,
    Column("id", BIG, primary_key=True),
    Column("month", Integer, nullable=False),
    Column("provider", Text, nullable=False),
    Column("declared", Boolean, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("leaves", Integer, nullable=False),
    Column("total_wh", BigInteger, nullable=False),
    Column("evidence", LargeBinary(32), nullable=False),
    Column("replaces", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("number", Integer),
    CheckConstraint("status IN ('prepared', 'committed', 'replaced', 'abandoned')", name="status"),
)
Index(None, commitments.c.month, commitments.c.provider)

leaves: Final = Table(
    "intake_leaves",
    intake_metadata,
    Column("commitment", BIG, ForeignKey("intake_commitments.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("reading", BIG, ForeignKey("intake_readings.id"), nullable=False),
)

intents: Final = Table(
    "intake_intents",
    intake_metadata,
    Column("key", String(200), primary_key=True),
    Column("what", Text, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("payload", String(66), nullable=False),
    Column("raw", Text, nullable=False),
    Column("transaction", String(66), nullable=False),
    Column("status", String(8), nullable=False),
    CheckConstraint("status IN ('sent', 'mined', 'refused', 'lost')", name="status"),
)
Index(None, intents.c.sender, intents.c.status)
