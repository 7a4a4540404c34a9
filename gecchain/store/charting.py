"""What is drawn and ranked: the market month by month, what is about to expire, and who consumes most.

All of it is read from sums that the fold keeps, a few rows a month, so that it costs the same at any size.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from gecchain.rules.months import Month, expires_at, expiring_within
from gecchain.rules.purposes import AccountKind
from gecchain.store.tables import accounts, consumptions, tallies, turnovers

__all__ = ["Consumer", "ExpiringMonth", "MonthOfTrade", "consumption_years", "expiring_months", "ranking", "turnover"]

TOP: Final = 100  # Q58


@dataclass(frozen=True, slots=True)
class MonthOfTrade:
    """Certificates traded in a calendar month and the sum of their prices in fen."""

    month: int
    certificates: int
    fen: int

    @property
    def mean(self) -> int:
        """Fen a certificate, weighed by quantity, rounded half up."""
        return (2 * self.fen + self.certificates) // (2 * self.certificates)


@dataclass(frozen=True, slots=True)
class ExpiringMonth:
    """Certificates of a production month that are still alive shortly before `expires_at` (Q96)."""

    month: int
    certificates: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Consumer:
    """An account in the ranking; equal amounts share a rank. `province` is 0 where it is not known."""

    rank: int
    address: str
    name: str
    province: int
    certificates: int


def turnover(
    db: Connection, *, province: int | None = None, technology: int | None = None, months: int = 36
) -> tuple[MonthOfTrade, ...]:
    """The last `months` calendar months up to the newest trade, of all or of some certificates; only those with any."""
    newest = db.scalar(select(func.max(turnovers.c.month)))
    query = select(turnovers.c.month, turnovers.c.certificates, turnovers.c.fen)
    query = query.where(turnovers.c.month > (newest or 0) - months)
    if province is not None:
        query = query.where(turnovers.c.province == province)
    if technology is not None:
        query = query.where(turnovers.c.technology == technology)
    amounts: dict[int, int] = defaultdict(int)
    fen: dict[int, int] = defaultdict(int)
    for row in db.execute(query):
        amounts[row.month] += row.certificates
        fen[row.month] += row.fen
    return tuple(MonthOfTrade(month, amounts[month], fen[month]) for month in sorted(amounts))


def expiring_months(db: Connection, now: int) -> tuple[ExpiringMonth, ...]:
    """Production months whose certificates end within three months of `now`, with how many are left."""
    left = func.sum(tallies.c.issued - tallies.c.retired - tallies.c.deducted)
    rows = db.execute(
        select(tallies.c.month, left).group_by(tallies.c.month).having(left > 0).order_by(tallies.c.month)
    )
    found = ((Month(month), int(amount)) for month, amount in rows)
    return tuple(
        ExpiringMonth(month.index, amount, expires_at(month)) for month, amount in found if expiring_within(month, now)
    )


def consumption_years(db: Connection) -> tuple[int, ...]:
    """Production years of which consumption was declared, newest first."""
    oldest, newest = (db.scalar(select(end(consumptions.c.year))) for end in (func.min, func.max))
    if oldest is None or newest is None:
        return ()
    declared = select(consumptions.c.year).where(consumptions.c.certificates > 0).limit(1)
    years = range(newest, oldest - 1, -1)
    return tuple(year for year in years if db.scalar(declared.where(consumptions.c.year == year)) is not None)


def ranking(db: Connection, year: int, *, limit: int = TOP) -> tuple[Consumer, ...]:
    """Companies and organisations by the consumption that they declared of a production year, the largest first (Q58).

    Natural persons have no name in the registry and are not in it, nor are provinces, agents, platforms and providers.
    """
    query = (
        select(accounts.c.address, accounts.c.name, accounts.c.province, consumptions.c.certificates)
        .join(accounts, accounts.c.address == consumptions.c.account)
        .where(
            consumptions.c.year == year,
            consumptions.c.certificates > 0,
            accounts.c.name != "",
            accounts.c.kind.in_((AccountKind.OWNER.value, AccountKind.BUYER.value)),
        )
        .order_by(consumptions.c.certificates.desc(), consumptions.c.account.desc())
        .limit(limit)
    )
    found: list[Consumer] = []
    for at, row in enumerate(db.execute(query), start=1):
        same = found and found[-1].certificates == row.certificates
        rank = found[-1].rank if same else at
        found.append(Consumer(rank, row.address, row.name, row.province, row.certificates))
    return tuple(found)
