"""Who acts for whom: mandates, the key that acts now, and closed accounts (Q36, Q40, 2026 rules)."""

from sqlalchemy import Connection, select

from gecchain.errors import NotFound
from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Account, Balance, Mandate, State
from gecchain.store.reading import account_or_none, cursor_number, page, page_size, place_at, value_by
from gecchain.store.tables import accounts, mandates
from gecchain.store.views import ClosedAccountView, MandateView, Page

__all__ = ["actor_of", "closed_accounts", "mandate", "mandates_of"]


def mandate(db: Connection, principal: str, now: int) -> MandateView:
    """The latest mandate of a principal, as of `now` in UTC seconds; NotFound if none was ever filed."""
    found: Mandate | None = value_by(db, "mandates", principal.lower())
    if found is None:
        raise NotFound(f"Account {principal} never filed a mandate.")
    return _view(db, found, now)


def mandates_of(
    db: Connection, agent: str, now: int, *, after: str | None = None, limit: int = 50
) -> Page[MandateView]:
    """The latest mandates of principals who chose this agent, in the order of their filing."""
    query = select(mandates).where(mandates.c.agent == agent.lower(), mandates.c.filed > cursor_number(after))
    found = [Mandate(*row) for row in db.execute(query.order_by(mandates.c.filed).limit(page_size(limit) + 1))]
    return page([(str(item.filed), _view(db, item, now)) for item in found], limit)


def _view(db: Connection, found: Mandate, now: int) -> MandateView:
    return MandateView(
        mandate=found,
        principal=account_or_none(db, found.principal),
        agent=account_or_none(db, found.agent),
        in_force=not found.revoked and found.begins <= now < found.until,
        filed=place_at(db, found.filed),
    )


def actor_of(db: Connection, address: str, now: int) -> str:
    """Key that may act for an account at `now`, or no account (I7); see `gecchain.ledger.State.actor_of`."""
    known = State()
    found: Mandate | None = value_by(db, "mandates", address.lower())
    if found is not None:
        known.mandates[found.principal] = found
    for name in (address.lower(), found.agent if found else NO_ACCOUNT):
        account = account_or_none(db, name)
        if account is not None:
            known.accounts[name] = account
    return known.actor_of(address.lower(), now)


def closed_accounts(db: Connection, *, after: str | None = None, limit: int = 50) -> Page[ClosedAccountView]:
    """Closed accounts, in the order of their closing."""
    query = select(accounts).where(accounts.c.closed > cursor_number(after))
    found = [Account(*row) for row in db.execute(query.order_by(accounts.c.closed).limit(page_size(limit) + 1))]
    return page([(str(item.closed), _closed(db, item)) for item in found], limit)


def _closed(db: Connection, found: Account) -> ClosedAccountView:
    balance: Balance = value_by(db, "balances", found.address) or Balance(found.address, 0, 0)
    return ClosedAccountView(found, balance.holding, place_at(db, found.closed))
