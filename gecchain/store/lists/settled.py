"""Trades and retirements, oldest first: by who took part, project, production month, platform, and since a block."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from gecchain.ledger import Retirement, Trade, UndoneRetirement, UndoneTrade
from gecchain.rules.numbers import ProjectKey
from gecchain.store.facets import month_of, project_of
from gecchain.store.lists.naming import accounts_at, grouped, places_at, project_names
from gecchain.store.reading import cursor_number, page, page_size
from gecchain.store.tables import retirements, trades, undone_retirements, undone_trades
from gecchain.store.views import Page, RetirementView, TradeView

__all__ = ["RetirementFilter", "TradeFilter", "retirement_list", "retirement_query", "trade_list", "trade_query"]

_NONE_SUCH = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class TradeFilter:
    """What to list; None leaves it open. `month` is the production month, `since_block` the first block."""

    buyer: str | None = None
    seller: str | None = None
    platform: str | None = None
    project: int | None = None
    month: int | None = None
    since_block: int | None = None


@dataclass(frozen=True, slots=True)
class RetirementFilter:
    """What to list; None leaves it open. `month` is the production month, `since_block` the first block."""

    holder: str | None = None
    project: int | None = None
    month: int | None = None
    since_block: int | None = None


def trade_list(db: Connection, wanted: TradeFilter, *, after: str | None = None, limit: int = 50) -> Page[TradeView]:
    """Trades that fit, in the order of their numbers, which is the chain's."""
    query = trade_query(wanted, cursor_number(after)).limit(page_size(limit) + 1)
    found = [Trade(*row) for row in db.execute(query)]
    return page([(str(view.trade.id), view) for view in _trades(db, found)], limit)


def trade_query(wanted: TradeFilter, after: int) -> Select[Any]:
    """The statement, without its limit."""
    parties = ((trades.c.buyer, wanted.buyer), (trades.c.seller, wanted.seller), (trades.c.platform, wanted.platform))
    query = select(trades).where(trades.c.id > after, *_about(trades, wanted.project, wanted.month))
    for column, address in parties:
        if address is not None:
            query = query.where(column == address.lower())
    if wanted.since_block is not None:
        since = select(trades.c.id).where(trades.c.position >= wanted.since_block << 24).order_by(trades.c.position)
        query = query.where(trades.c.id >= func.coalesce(since.limit(1).scalar_subquery(), _NONE_SUCH))
    return query.order_by(trades.c.id)


def _about(table: Any, project: int | None, month: int | None) -> list[ColumnElement[bool]]:
    exact = ((project_of, project), (month_of, month))
    return [facet(table.c.batch) == value for facet, value in exact if value is not None]


def _trades(db: Connection, found: list[Trade]) -> list[TradeView]:
    parties = accounts_at(db, (address for one in found for address in (one.seller, one.buyer, one.platform)))
    names = project_names(db, (one.batch >> 16 for one in found))
    places = places_at(db, (one.position for one in found))
    undone = grouped(db, undone_trades, undone_trades.c.trade, UndoneTrade, (one.id for one in found))
    return [
        TradeView(
            trade=one,
            seller=parties.get(one.seller),
            buyer=parties.get(one.buyer),
            platform=parties.get(one.platform),
            project_code=ProjectKey.from_id(one.batch >> 16).code,
            project_name=names.get(one.batch >> 16, ""),
            place=places[one.position],
            undone=tuple(undone.get(one.id, ())),
        )
        for one in found
    ]


def retirement_list(
    db: Connection, wanted: RetirementFilter, *, after: str | None = None, limit: int = 50
) -> Page[RetirementView]:
    """Retirements that fit, in the chain's order."""
    query = retirement_query(wanted, cursor_number(after)).limit(page_size(limit) + 1)
    found = [Retirement(*row) for row in db.execute(query)]
    return page([(str(view.retirement.position), view) for view in _retirements(db, found)], limit)


def retirement_query(wanted: RetirementFilter, after: int) -> Select[Any]:
    """The statement, without its limit."""
    about = _about(retirements, wanted.project, wanted.month)
    query = select(retirements).where(retirements.c.position > after, *about)
    if wanted.holder is not None:
        query = query.where(retirements.c.holder == wanted.holder.lower())
    if wanted.since_block is not None:
        query = query.where(retirements.c.position >= wanted.since_block << 24)
    return query.order_by(retirements.c.position)


def _retirements(db: Connection, found: list[Retirement]) -> list[RetirementView]:
    holders = accounts_at(db, (one.holder for one in found))
    names = project_names(db, (one.batch >> 16 for one in found))
    places = places_at(db, (one.position for one in found))
    table = undone_retirements
    undone = grouped(db, table, table.c.retirement, UndoneRetirement, (one.position for one in found))
    return [
        RetirementView(
            retirement=one,
            holder=holders.get(one.holder),
            project_code=ProjectKey.from_id(one.batch >> 16).code,
            project_name=names.get(one.batch >> 16, ""),
            place=places[one.position],
            undone=tuple(undone.get(one.position, ())),
        )
        for one in found
    ]
