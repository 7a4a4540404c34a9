"""Bilateral orders and green-power settlements, with the trades that carried them out (Q43, Q46)."""

from sqlalchemy import Connection, select

from gecchain.errors import NotFound
from gecchain.ledger import Deal, Settlement, Trade
from gecchain.rules.numbers import ProjectKey
from gecchain.store.reading import cursor_number, page, page_size, place_at, project_name, value_by, values_where
from gecchain.store.tables import deals, settlements, trades
from gecchain.store.views import DealView, Page, SettlementView

__all__ = ["deal", "deal_list", "settlement_list"]


def deal(db: Connection, number: str) -> DealView:
    """One order by its EIP-712 hash; NotFound while it is neither filled nor cancelled."""
    found: Deal | None = value_by(db, "deals", number.lower())
    if found is None:
        raise NotFound(f"Order {number} was neither filled nor cancelled.")
    return _deal(db, found)


def deal_list(db: Connection, *, after: str | None = None, limit: int = 50) -> Page[DealView]:
    """Orders in the order they were filled or cancelled."""
    query = select(deals).where(deals.c.position > cursor_number(after)).order_by(deals.c.position)
    found = [Deal(*row) for row in db.execute(query.limit(page_size(limit) + 1))]
    return page([(str(item.position), _deal(db, item)) for item in found], limit)


def _deal(db: Connection, found: Deal) -> DealView:
    made = _trades(db, found.first_trade, found.last_trade) if found.first_trade else ()
    return DealView(found, made, place_at(db, found.position))


def _trades(db: Connection, first: int, last: int) -> tuple[Trade, ...]:
    return values_where(db, "trades", trades.c.id.between(first, last), order="id")


def settlement_list(
    db: Connection,
    *,
    project: int | None = None,
    contract_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[SettlementView]:
    """Settlements in the chain's order, of one project or contract."""
    query = select(settlements).where(settlements.c.position > cursor_number(after))
    if project is not None:
        query = query.where(settlements.c.project == project)
    if contract_id is not None:
        query = query.where(settlements.c.contract_id == contract_id.lower())
    rows = db.execute(query.order_by(settlements.c.position).limit(page_size(limit) + 1))
    found = [Settlement(*row) for row in rows]
    return page([(str(item.position), _settlement(db, item)) for item in found], limit)


def _settlement(db: Connection, found: Settlement) -> SettlementView:
    made = _trades(db, found.first_trade, found.last_trade)
    return SettlementView(
        settlement=found,
        project_code=ProjectKey.from_id(found.project).code,
        project_name=project_name(db, found.project),
        certificates=sum(trade.end - trade.start for trade in made),
        trades=made,
        place=place_at(db, found.position),
    )
