"""Listings, trades, bilateral orders and settlements."""

from typing import Final

from sqlalchemy import Boolean, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, UniqueConstraint

from gecchain.store.columns import ADDRESS, WORD, Unsigned64
from gecchain.store.facets import month_of, project_of
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["deals", "listings", "settlements", "trades", "undone_trades"]

listings: Final = Table(
    "listings",
    metadata,
    field("id", BIG, key=True),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("seller", ADDRESS),
    field("price", Unsigned64),
    field("platforms", Unsigned64),
    field("left", BIG),
    field("left_end", BIG),
    field("position", BIG),
    field("closed", BIG),
    Index(None, "closed", "id"),
    Index(None, "closed", "price", "id", "batch"),
    Index(None, "batch", "closed", "left"),
    Index(None, "seller", "id"),
)

trades: Final = Table(
    "trades",
    metadata,
    field("id", BIG, key=True),
    field("listing", BIG),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("seller", ADDRESS),
    field("buyer", ADDRESS),
    field("price", Unsigned64),
    field("platform", ADDRESS),
    field("position", BIG),
    field("way", SmallInteger),
    field("undone", BIG),
    UniqueConstraint("position"),
    Index(None, "batch", "start"),
    Index(None, "buyer", "id"),
    Index(None, "seller", "id"),
    Index(None, "platform", "id"),
)
Index("ix_trades_project_id", project_of(trades.c.batch), trades.c.id)
Index("ix_trades_month_id", month_of(trades.c.batch), trades.c.id)

undone_trades: Final = Table(
    "undone_trades",
    metadata,
    field("position", BIG, key=True),
    field("trade", BIG),
    field("batch", BIG),
    field("start", BIG),
    field("end", BIG),
    field("buyer", ADDRESS),
    field("seller", ADDRESS),
    field("case_id", Integer),
    Index(None, "trade"),
    Index(None, "case_id"),
)

deals: Final = Table(
    "deals",
    metadata,
    field("id", WORD, key=True),
    field("status", SmallInteger),
    field("first_trade", BIG),
    field("last_trade", BIG),
    field("paid_on_platform", Boolean),
    field("expires", Unsigned64),
    field("cancelled_by", ADDRESS),
    field("position", BIG),
    Index(None, "first_trade"),
    Index(None, "position"),
)

settlements: Final = Table(
    "settlements",
    metadata,
    field("contract_id", WORD),
    field("project", BIG),
    field("month", Integer),
    field("first_trade", BIG),
    field("last_trade", BIG),
    field("contract_wh", Unsigned64),
    field("fed_in_wh", Unsigned64),
    field("consumed_wh", Unsigned64),
    field("energy_price", Unsigned64),
    field("exchange", ADDRESS),
    field("position", BIG),
    PrimaryKeyConstraint("contract_id", "project", "month"),
    Index(None, "first_trade"),
    Index(None, "position"),
    Index(None, "project", "position"),
    sqlite_with_rowid=False,
)
