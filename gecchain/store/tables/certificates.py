"""Batches and their ranges, and the sums. There is never a row per certificate."""

from typing import Final

from sqlalchemy import Boolean, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text, literal_column

from gecchain.store.columns import ADDRESS, WORD, BigUnsigned, Bits256
from gecchain.store.facets import month_of, project_of, province_of, technology_of
from gecchain.store.tables.making import BIG, field, metadata

__all__ = [
    "additions",
    "balances",
    "batches",
    "deductions",
    "expiry_warnings",
    "retirements",
    "segments",
    "steps",
    "tallies",
    "totals",
    "undone_retirements",
]

batches: Final = Table(
    "batches",
    metadata,
    field("id", BIG, key=True),
    field("count", BIG),
    field("commitment", Integer),
    field("leaf", Integer),
    field("filing", SmallInteger),
    field("position", BIG),
    field("month", SmallInteger),
    field("holder", ADDRESS),
    field("case_id", Integer),
    field("word", Bits256),
    Index(None, "month", "id"),
    Index(None, "holder", "position"),
)
Index("ix_batches_project_id", project_of(batches.c.id), batches.c.id)
Index("ix_batches_province_month_id", province_of(batches.c.id), batches.c.month, batches.c.id)
Index("ix_batches_technology_month_id", technology_of(batches.c.id), batches.c.month, batches.c.id)

additions: Final = Table(
    "additions",
    metadata,
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("holder", ADDRESS),
    field("case_id", Integer),
    field("basis", WORD),
    field("position", BIG),
    PrimaryKeyConstraint("batch", "start"),
    Index(None, "case_id"),
    sqlite_with_rowid=False,
)

segments: Final = Table(
    "segments",
    metadata,
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("owner", ADDRESS),
    field("state", SmallInteger),
    field("trade", BIG),
    field("since", BIG),
    PrimaryKeyConstraint("batch", "start"),
    Index(None, "owner", "batch", "start"),
    Index(None, "state", "batch", "start"),
    sqlite_with_rowid=False,
)
Index(
    "ix_segments_traded",
    segments.c.batch,
    segments.c.start,
    sqlite_where=segments.c.trade != literal_column("0"),
    postgresql_where=segments.c.trade != literal_column("0"),
)

steps: Final = Table(
    "steps",
    metadata,
    field("position", BIG, key=True),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("previous", BIG),
)

retirements: Final = Table(
    "retirements",
    metadata,
    field("position", BIG, key=True),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("holder", ADDRESS),
    field("reason", SmallInteger),
    field("beneficiary", Text),
    field("purpose", SmallInteger),
    field("period_start", Integer),
    field("period_end", Integer),
    field("statement", Text),
    field("undone", BIG),
    Index(None, "holder", "position"),
)
Index("ix_retirements_project_position", project_of(retirements.c.batch), retirements.c.position)
Index("ix_retirements_month_position", month_of(retirements.c.batch), retirements.c.position)

undone_retirements: Final = Table(
    "undone_retirements",
    metadata,
    field("position", BIG, key=True),
    field("retirement", BIG),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("holder", ADDRESS),
    field("case_id", Integer),
    Index(None, "retirement"),
    Index(None, "case_id"),
)

deductions: Final = Table(
    "deductions",
    metadata,
    field("position", BIG, key=True),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("holder", ADDRESS),
    field("case_id", Integer),
    Index(None, "batch", "start"),
    Index(None, "case_id"),
)

expiry_warnings: Final = Table(
    "expiry_warnings",
    metadata,
    field("month", SmallInteger, key=True),
    field("expires_at", BIG),
    field("position", BIG),
)

balances: Final = Table(
    "balances",
    metadata,
    field("account", ADDRESS, key=True),
    field("holding", BIG),
    field("retired", BIG),
    field("deducted", BIG),
)

tallies: Final = Table(
    "tallies",
    metadata,
    field("month", Integer),
    field("province", SmallInteger),
    field("technology", SmallInteger),
    field("electricity", SmallInteger),
    field("tradable", Boolean),
    field("issued", BIG),
    field("traded", BIG),
    field("retired", BIG),
    field("deducted", BIG),
    PrimaryKeyConstraint("month", "province", "technology", "electricity", "tradable"),
    sqlite_with_rowid=False,
)

totals: Final = Table(
    "totals",
    metadata,
    field("id", Integer, key=True),
    field("metered_wh", BigUnsigned),
    field("carry_wh", BigUnsigned),
    field("issued", BIG),
    field("retired", BIG),
    field("deducted", BIG),
    field("owed", BIG),
)
