"""What the calendar, CCER and closed accounts make due: to be told, withdrawn or retired (Q79, Q80, Q96).

Months are few, and the tallies know which of them have certificates left, so that only those are searched.
"""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from gecchain.rules.months import Month, expires_at, expiring_within
from gecchain.rules.numbers import number_of, token_id
from gecchain.rules.purposes import CertificateState, RetirementReason
from gecchain.store.reading import cursor_number, cursor_pair, page, page_size
from gecchain.store.tables import (
    accounts,
    batches,
    ccer_months,
    expiry_warnings,
    listings,
    projects,
    segments,
    tallies,
)
from gecchain.store.views import DueRange, ExpiringView, Page, StaleListing

__all__ = ["due_ranges", "expiring", "months_to_warn", "stale_listings"]

_ALIVE: Final = segments.c.state < CertificateState.RETIRED.value
_HELD: Final = segments.c.state == CertificateState.HELD.value
# The first of these that holds is the reason, as in the contract.
_RANK: Final = (RetirementReason.CCER, RetirementReason.EXPIRED, RetirementReason.ACCOUNT_CLOSED)


def _months_left(db: Connection) -> list[Month]:
    """Production months of which certificates are neither retired nor deducted."""
    left = func.sum(tallies.c.issued - tallies.c.retired - tallies.c.deducted)
    return [Month(month) for month in db.scalars(select(tallies.c.month).group_by(tallies.c.month).having(left > 0))]


def months_to_warn(db: Connection, now: int) -> tuple[int, ...]:
    """Production months that end within three months and were not told yet: for `Certificates.warn` (Q96)."""
    told = set(db.scalars(select(expiry_warnings.c.month)))
    near = (month.index for month in _months_left(db) if expiring_within(month, now))
    return tuple(sorted(month for month in near if month not in told))


def expiring(
    db: Connection, now: int, *, holder: str | None = None, after: str | None = None, limit: int = 50
) -> Page[ExpiringView]:
    """Ranges alive whose validity ends within three months of `now`, of one holder or all, by batch and serial."""
    near = [month.index for month in _months_left(db) if expiring_within(month, now)]
    query = _segments(batches.c.month.in_(near), _ALIVE, after=after)
    if holder is not None:
        query = query.where(segments.c.owner == holder.lower())
    rows = db.execute(query.limit(page_size(limit) + 1))
    return page([(f"{row.batch}.{row.start}", _expiring(row)) for row in rows], limit)


def _segments(*about: ColumnElement[bool], after: str | None) -> Select[Any]:
    return (
        select(segments, batches.c.month)
        .join(batches, batches.c.id == segments.c.batch)
        .where(*about, _after(segments, after))
        .order_by(segments.c.batch, segments.c.start)
    )


def _after(table: Any, after: str | None) -> ColumnElement[bool]:
    batch, start = cursor_pair(after)
    found: ColumnElement[bool] = or_(table.c.batch > batch, and_(table.c.batch == batch, table.c.start > start))
    return found


def _expiring(row: Any) -> ExpiringView:
    return ExpiringView(
        batch=row.batch,
        start=row.start,
        end=row.end,
        holder=row.owner,
        state=row.state,
        month=row.month,
        expires_at=expires_at(Month(row.month)),
        first_number=number_of(token_id(row.batch, row.start)),
        last_number=number_of(token_id(row.batch, row.end - 1)),
    )


def due_ranges(db: Connection, now: int, *, after: str | None = None, limit: int = 50) -> Page[DueRange]:
    """Held ranges that have to be retired at `now`, UTC seconds: for `Certificates.sweep`, by batch and serial.

    Expired, or untraded with reductions registered for their month, or in a closed account. What is listed has to be
    withdrawn first (`stale_listings`).
    """
    expired = [month.index for month in _months_left(db) if now >= expires_at(month)]
    base = select(segments.c.batch, segments.c.start, segments.c.end, segments.c.owner)
    parts = (
        base.add_columns(literal(0).label("rank"))
        .join(batches, batches.c.id == segments.c.batch)
        .join(ccer_months, and_(ccer_months.c.project == _project(segments), ccer_months.c.month == batches.c.month))
        .where(_HELD, segments.c.trade == 0),
        base.add_columns(literal(1).label("rank"))
        .join(batches, batches.c.id == segments.c.batch)
        .where(_HELD, batches.c.month.in_(expired)),
        base.add_columns(literal(2).label("rank"))
        .join(accounts, accounts.c.address == segments.c.owner)
        .where(_HELD, accounts.c.closed > 0),
    )
    found = union_all(*(part.where(_after(segments, after)) for part in parts)).subquery()
    columns = (found.c.batch, found.c.start, found.c.end, found.c.owner)
    query = select(*columns, func.min(found.c.rank).label("rank")).group_by(*columns)
    rows = db.execute(query.order_by(found.c.batch, found.c.start).limit(page_size(limit) + 1))
    return page([(f"{row.batch}.{row.start}", _due(row)) for row in rows], limit)


def _project(table: Any) -> ColumnElement[int]:
    found: ColumnElement[int] = table.c.batch.op(">>")(literal_column("16"))
    return found


def _due(row: Any) -> DueRange:
    return DueRange(row.batch, row.start, row.end, row.owner, _RANK[row.rank].value)


def stale_listings(db: Connection, now: int, *, after: str | None = None, limit: int = 50) -> Page[StaleListing]:
    """Open listings that anybody may withdraw at `now`: expired, turned to CCER, or of a closed account."""
    expired = [month.index for month in _months_left(db) if now >= expires_at(month)]
    over = batches.c.month.in_(expired)
    registered = exists().where(ccer_months.c.project == _project(listings), ccer_months.c.month == batches.c.month)
    turned = or_(projects.c.ccer, registered)
    closed = func.coalesce(accounts.c.closed, 0) > 0
    query = (
        select(listings, over.label("over"), turned.label("turned"))
        .join(batches, batches.c.id == listings.c.batch)
        .join(projects, projects.c.id == _project(listings))
        .outerjoin(accounts, accounts.c.address == listings.c.seller)
        .where(listings.c.closed == 0, listings.c.id > cursor_number(after), or_(over, turned, closed))
        .order_by(listings.c.id)
        .limit(page_size(limit) + 1)
    )
    return page([(str(row.id), _stale(row)) for row in db.execute(query)], limit)


def _stale(row: Any) -> StaleListing:
    reason = "expired" if row.over else "ccer" if row.turned else "account_closed"
    return StaleListing(row.id, row.batch, row.left, row.left_end, row.seller, reason)
