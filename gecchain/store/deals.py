"""Listings, trades and retirements: what platforms show, and what vouchers and sheets are made of."""

from sqlalchemy import Connection, select

from gecchain.errors import NotFound
from gecchain.events import place_of
from gecchain.ledger import Listing, Retirement, Trade
from gecchain.rules.months import expires_at
from gecchain.rules.numbers import BatchKey, ProjectKey
from gecchain.store.reading import (
    account_or_none,
    cursor_number,
    page,
    page_size,
    place_at,
    project_name,
    value_by,
    values_where,
)
from gecchain.store.tables import listings, retirements, trades, undone_retirements, undone_trades
from gecchain.store.views import ListingView, Page, RetirementView, TradeView

__all__ = ["listing", "open_listings", "retirement", "retirements_of", "trade", "trades_of"]


def listing(db: Connection, number: int) -> ListingView:
    """One listing, open or not."""
    found = value_by(db, "listings", number) if 0 < number < 1 << 63 else None
    if found is None:
        raise NotFound(f"Listing {number} does not exist.")
    return _listing_view(db, found)


def open_listings(
    db: Connection, *, seller: str | None = None, after: str | None = None, limit: int = 50
) -> Page[ListingView]:
    """What is on offer, oldest first; also what has expired and was not withdrawn (see `expires_at`)."""
    query = select(listings).where(listings.c.closed == 0, listings.c.id > cursor_number(after))
    if seller is not None:
        query = query.where(listings.c.seller == seller.lower())
    found = [Listing(*row) for row in db.execute(query.order_by(listings.c.id).limit(page_size(limit) + 1))]
    return page([(str(item.id), _listing_view(db, item)) for item in found], limit)


def _listing_view(db: Connection, found: Listing) -> ListingView:
    key = BatchKey.from_id(found.batch)
    plant = ProjectKey.from_id(key.project)
    return ListingView(
        listing=found,
        seller=account_or_none(db, found.seller),
        project_code=plant.code,
        project_name=project_name(db, key.project),
        month=key.month.index,
        technology=plant.technology.value,
        province=plant.province,
        expires_at=expires_at(key.month),
        place=place_at(db, found.position),
    )


def trade(db: Connection, number: int) -> TradeView:
    """One trade by its number (Q15)."""
    found: Trade | None = value_by(db, "trades", number) if 0 < number < 1 << 63 else None
    if found is None:
        raise NotFound(f"Trade {number} does not exist.")
    return _trade_view(db, found)


def trades_of(db: Connection, address: str, *, after: str | None = None, limit: int = 50) -> Page[TradeView]:
    """Trades in which an account bought or sold, oldest first."""
    mine = (trades.c.buyer == address.lower()) | (trades.c.seller == address.lower())
    query = (
        select(trades).where(mine, trades.c.id > cursor_number(after)).order_by(trades.c.id).limit(page_size(limit) + 1)
    )
    found = [Trade(*row) for row in db.execute(query)]
    return page([(str(item.id), _trade_view(db, item)) for item in found], limit)


def _trade_view(db: Connection, found: Trade) -> TradeView:
    return TradeView(
        trade=found,
        seller=account_or_none(db, found.seller),
        buyer=account_or_none(db, found.buyer),
        platform=account_or_none(db, found.platform),
        project_code=ProjectKey.from_id(found.batch >> 16).code,
        project_name=project_name(db, found.batch >> 16),
        place=place_at(db, found.position),
        undone=values_where(db, "undone_trades", undone_trades.c.trade == found.id),
    )


def retirement(db: Connection, position: int) -> RetirementView:
    """One retirement by its position on the chain (Q81)."""
    found: Retirement | None = value_by(db, "retirements", position) if 0 <= position < 1 << 63 else None
    if found is None:
        block, log_index = place_of(position)
        raise NotFound(f"There is no retirement at block {block}, log {log_index}.")
    return _retirement_view(db, found)


def retirements_of(db: Connection, address: str, *, after: str | None = None, limit: int = 50) -> Page[RetirementView]:
    """What an account retired, oldest first."""
    query = (
        select(retirements)
        .where(retirements.c.holder == address.lower(), retirements.c.position > cursor_number(after))
        .order_by(retirements.c.position)
        .limit(page_size(limit) + 1)
    )
    found = [Retirement(*row) for row in db.execute(query)]
    return page([(str(item.position), _retirement_view(db, item)) for item in found], limit)


def _retirement_view(db: Connection, found: Retirement) -> RetirementView:
    return RetirementView(
        retirement=found,
        holder=account_or_none(db, found.holder),
        project_code=ProjectKey.from_id(found.batch >> 16).code,
        project_name=project_name(db, found.batch >> 16),
        place=place_at(db, found.position),
        undone=values_where(db, "undone_retirements", undone_retirements.c.retirement == found.position),
    )
