"""Every table of the projection. Rows of entities are the ledger's frozen values, field by field.

All of it can be thrown away and rebuilt from the chain. There is never a row per certificate. No foreign keys between
entities: the chain may name what it never opened (an owner's account opens with the first approval), and a projection
must follow; `fsck` proves what a key could only hope for.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from gecchain.ledger import ENTITIES
from gecchain.store.columns import ADDRESS, WORD, BigUnsigned, Bits256, Unsigned64

__all__ = [
    "ENTITY_TABLES",
    "accounts",
    "balances",
    "batches",
    "blocks",
    "chunks",
    "commitments",
    "cursor",
    "events",
    "filings",
    "lanes",
    "listings",
    "metadata",
    "projects",
    "retirements",
    "segments",
    "steps",
    "tallies",
    "totals",
    "trades",
    "undo",
]

# SQLite keeps a table under its 64-bit rowid only if the key is called INTEGER.
BIG: Final = BigInteger().with_variant(Integer(), "sqlite")

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)


# Where the indexer stands: one row. `head` is the newest block the node showed when the row was written.
cursor: Final = Table(
    "cursor",
    metadata,
    _field("id", Integer, key=True),
    _field("deployment", Text),
    _field("block", BIG),
    _field("hash", WORD),
    _field("time", BIG),
    _field("head", BIG),
)

# Blocks with events, and every recent one.
blocks: Final = Table(
    "blocks",
    metadata,
    _field("number", BIG, key=True),
    _field("hash", WORD),
    _field("parent", WORD),
    _field("time", BIG),
    _field("eventful", Boolean),
)

# Every event but ConsecutiveTransfer, which only repeats another one. Range events carry their batch's project.
events: Final = Table(
    "events",
    metadata,
    _field("position", BIG, key=True),
    _field("kind", Text),
    _field("transaction", WORD),
    Column("account", ADDRESS),
    Column("project", BIG),
    Column("batch", BIG),
    Column("commitment", Integer),
    _field("document", Text),
    Index(None, "account", "position"),
    Index(None, "project", "position"),
    Index(None, "batch", "position"),
    Index(None, "commitment", "position"),
)

# What a recent block changed, as the rows before it: compressed JSON, see journal.py.
undo: Final = Table("undo", metadata, _field("block", BIG, key=True), _field("changes", LargeBinary))

accounts: Final = Table(
    "accounts",
    metadata,
    _field("address", ADDRESS, key=True),
    _field("kind", SmallInteger),
    _field("province", SmallInteger),
    _field("operator", ADDRESS),
    _field("name", Text),
    _field("frozen", Boolean),
    _field("freeze_reason", Text),
    _field("platform", SmallInteger),
    _field("opened", BIG),
    Index(None, "kind", "province"),
    Index(None, "operator", "kind"),
)
projects: Final = Table(
    "projects",
    metadata,
    _field("id", BIG, key=True),
    _field("latest", SmallInteger),
    _field("approved", SmallInteger),
    _field("owner", ADDRESS),
    _field("in_operation", Integer),
    _field("market_based", Boolean),
    Index(None, "owner", "id"),
)
filings: Final = Table(
    "filings",
    metadata,
    _field("project", BIG),
    _field("version", SmallInteger),
    _field("owner", ADDRESS),
    _field("in_operation", Integer),
    _field("capacity_kw", BIG),
    _field("market_based", Boolean),
    _field("document", Text),
    _field("state", SmallInteger),
    _field("reviewer", ADDRESS),
    _field("reason", Text),
    _field("submitted", BIG),
    _field("reviewed", BIG),
    PrimaryKeyConstraint("project", "version"),
    sqlite_with_rowid=False,
)
commitments: Final = Table(
    "commitments",
    metadata,
    _field("id", Integer, key=True),
    _field("month", Integer),
    _field("provider", ADDRESS),
    _field("declared", Boolean),
    _field("root", WORD),
    _field("leaves", Integer),
    _field("total_wh", BigUnsigned),
    _field("evidence", WORD),
    _field("replaces", Integer),
    _field("replaced_by", Integer),
    _field("position", BIG),
    Index(None, "month"),
)
chunks: Final = Table(
    "chunks",
    metadata,
    _field("commitment", Integer),
    _field("chunk", Integer),
    _field("issued", Bits256),
    PrimaryKeyConstraint("commitment", "chunk"),
    sqlite_with_rowid=False,
)
lanes: Final = Table(
    "lanes",
    metadata,
    _field("project", BIG),
    _field("electricity", SmallInteger),
    _field("lane", Unsigned64),
    _field("metered_wh", BIG),
    _field("issued", BIG),
    PrimaryKeyConstraint("project", "electricity"),
    sqlite_with_rowid=False,
)
batches: Final = Table(
    "batches",
    metadata,
    _field("id", BIG, key=True),
    _field("count", BIG),
    _field("commitment", Integer),
    _field("leaf", Integer),
    _field("filing", SmallInteger),
    _field("position", BIG),
)
segments: Final = Table(
    "segments",
    metadata,
    _field("batch", BIG),
    _field("start", BIG),
    _field("end", BIG),
    _field("owner", ADDRESS),
    _field("state", SmallInteger),
    _field("traded", Boolean),
    _field("since", BIG),
    PrimaryKeyConstraint("batch", "start"),
    Index(None, "owner", "batch", "start"),
    sqlite_with_rowid=False,
)
steps: Final = Table(
    "steps",
    metadata,
    _field("position", BIG, key=True),
    _field("batch", BIG),
    _field("start", BIG),
    _field("end", BIG),
    _field("previous", BIG),
)
listings: Final = Table(
    "listings",
    metadata,
    _field("id", BIG, key=True),
    _field("batch", BIG),
    _field("start", BIG),
    _field("end", BIG),
    _field("seller", ADDRESS),
    _field("price", Unsigned64),
    _field("platforms", Unsigned64),
    _field("left", BIG),
    _field("left_end", BIG),
    _field("position", BIG),
    _field("closed", BIG),
    Index(None, "closed", "id"),
    Index(None, "batch", "closed", "left"),
    Index(None, "seller", "id"),
)
trades: Final = Table(
    "trades",
    metadata,
    _field("id", BIG, key=True),
    _field("listing", BIG),
    _field("batch", BIG),
    _field("start", BIG),
    _field("end", BIG),
    _field("seller", ADDRESS),
    _field("buyer", ADDRESS),
    _field("price", Unsigned64),
    _field("platform", ADDRESS),
    _field("position", BIG),
    UniqueConstraint("batch", "start"),
    UniqueConstraint("position"),
    Index(None, "buyer", "id"),
    Index(None, "seller", "id"),
)
retirements: Final = Table(
    "retirements",
    metadata,
    _field("position", BIG, key=True),
    _field("batch", BIG),
    _field("start", BIG),
    _field("end", BIG),
    _field("holder", ADDRESS),
    _field("reason", SmallInteger),
    _field("beneficiary", Text),
    _field("purpose", SmallInteger),
    _field("period_start", Integer),
    _field("period_end", Integer),
    _field("statement", Text),
    UniqueConstraint("batch", "start"),
    Index(None, "holder", "position"),
)
balances: Final = Table(
    "balances",
    metadata,
    _field("account", ADDRESS, key=True),
    _field("holding", BIG),
    _field("retired", BIG),
)
tallies: Final = Table(
    "tallies",
    metadata,
    _field("month", Integer),
    _field("province", SmallInteger),
    _field("technology", SmallInteger),
    _field("electricity", SmallInteger),
    _field("tradable", Boolean),
    _field("issued", BIG),
    _field("traded", BIG),
    _field("retired", BIG),
    PrimaryKeyConstraint("month", "province", "technology", "electricity", "tradable"),
    sqlite_with_rowid=False,
)
totals: Final = Table(
    "totals",
    metadata,
    _field("id", Integer, key=True),
    _field("metered_wh", BigUnsigned),
    _field("carry_wh", BigUnsigned),
    _field("issued", BIG),
    _field("retired", BIG),
)

ENTITY_TABLES: Final[dict[str, Table]] = {kind: metadata.tables[kind] for kind in ENTITIES}
