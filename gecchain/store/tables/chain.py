"""Where the indexer stands, and the chain's events as they were."""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    literal_column,
)

from gecchain.store.columns import ADDRESS, WORD
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["CHOSEN", "blocks", "cursor", "events", "mentions", "orphans", "undo"]

# Where the indexer stands: one row. `head` is the newest block the node showed when the row was written.
cursor: Final = Table(
    "cursor",
    metadata,
    field("id", Integer, key=True),
    field("deployment", Text),
    field("block", BIG),
    field("hash", WORD),
    field("time", BIG),
    field("head", BIG),
)

# Blocks with events, and every recent one.
blocks: Final = Table(
    "blocks",
    metadata,
    field("number", BIG, key=True),
    field("hash", WORD),
    field("parent", WORD),
    field("time", BIG),
    field("eventful", Boolean),
)

# Every event but ConsecutiveTransfer, which only repeats another one. Range events carry their batch's project.
events: Final = Table(
    "events",
    metadata,
    field("position", BIG, key=True),
    field("kind", Text),
    field("transaction", WORD),
    Column("account", ADDRESS),
    Column("project", BIG),
    Column("batch", BIG),
    Column("commitment", Integer),
    Column("case_id", Integer),
    Column("subject", WORD),
    field("document", Text),
    Index(None, "account", "position"),
    Index(None, "project", "position"),
    Index(None, "batch", "position"),
    Index(None, "commitment", "position"),
    Index(None, "case_id", "position"),
    Index(None, "subject", "position"),
    Index(None, "kind", "position"),
)
# Found by an index that holds nothing else: a large project has more trades than anybody should walk.
CHOSEN: Final = events.c.kind == literal_column("'CcerChosen'")
Index("ix_events_ccer_chosen", events.c.project, events.c.position, sqlite_where=CHOSEN, postgresql_where=CHOSEN)

# Every account or key that an event names, so that one account's events are found in the total order.
mentions: Final = Table(
    "mentions",
    metadata,
    field("account", ADDRESS),
    field("position", BIG),
    PrimaryKeyConstraint("account", "position"),
    sqlite_with_rowid=False,
)

# Blocks that a reorganisation took back, and the last block that stayed: how a follower is told (see feed.py).
orphans: Final = Table(
    "orphans",
    metadata,
    field("hash", WORD, key=True),
    field("number", BIG),
    field("fork", BIG),
    field("fork_hash", WORD),
    field("fork_time", BIG),
)

# What a recent block changed, as the rows before it: compressed JSON, see journal.py.
undo: Final = Table("undo", metadata, field("block", BIG, key=True), field("changes", LargeBinary))
