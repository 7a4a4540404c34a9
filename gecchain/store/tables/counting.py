"""Sums that pages rank, draw and search by, so that no request adds up ranges."""

from typing import Final

from sqlalchemy import Index, PrimaryKeyConstraint, SmallInteger, String, Table, Text

from gecchain.store.columns import ADDRESS, BigUnsigned
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["consumptions", "project_names", "turnovers"]

consumptions: Final = Table(
    "consumptions",
    metadata,
    field("account", ADDRESS),
    field("year", SmallInteger),
    field("certificates", BIG),
    PrimaryKeyConstraint("account", "year"),
    Index(None, "year", "certificates", "account"),
    sqlite_with_rowid=False,
)

turnovers: Final = Table(
    "turnovers",
    metadata,
    field("month", SmallInteger),
    field("province", SmallInteger),
    field("technology", SmallInteger),
    field("way", SmallInteger),
    field("certificates", BIG),
    field("fen", BigUnsigned),
    PrimaryKeyConstraint("month", "province", "technology", "way"),
    sqlite_with_rowid=False,
)

project_names: Final = Table(
    "project_names",
    metadata,
    field("project", BIG, key=True),
    field("code", String(17)),
    field("name", Text),
    field("folded", Text),
    Index(None, "code"),
)
