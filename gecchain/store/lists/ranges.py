"""Certificates as ranges, by holder, project, month, class, province, technology, state and validity.

Which index drives is decided here, by the filter that leaves least: holder, project, a rare state, province,
technology, months. The first, second and third go by batch and serial; province, technology and months by month,
batch and serial, since their indexes are the batches'. A cursor is the batch and the serial up to which it was told, so
a range that is cut in the meantime goes on where the page before ended, and no certificate is told twice.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from gecchain.ledger import Segment
from gecchain.rules.months import MAX_MONTH_INDEX, Month, expires_at
from gecchain.rules.purposes import CertificateState
from gecchain.store.facets import electricity_of, month_of, province_of, technology_of, tradable_of
from gecchain.store.lists.naming import accounts_at, project_names
from gecchain.store.reading import cursor_pair, page, page_size
from gecchain.store.tables import batches, segments, tallies
from gecchain.store.views import Page
from gecchain.store.views.lists import RangeRow

__all__ = ["RangeFilter", "month_before", "range_list", "range_query"]

_RARE: Final = (CertificateState.LISTED, CertificateState.FROZEN, CertificateState.DEDUCTED)


@dataclass(frozen=True, slots=True)
class RangeFilter:
    """What to list; None leaves it open. Months are production months `[first_month, last_month)`.

    `expires_before` is UTC seconds: ranges alive whose validity is over by then. `state` is a CertificateState.
    """

    owner: str | None = None
    project: int | None = None
    first_month: int | None = None
    last_month: int | None = None
    electricity: int | None = None
    tradable: bool | None = None
    province: int | None = None
    technology: int | None = None
    state: int | None = None
    traded: bool | None = None
    expires_before: int | None = None


class _Driver(Enum):
    """The index that leads: of the segments themselves, or of the batches they belong to."""

    SEGMENTS = "segments"
    BATCHES = "batches"


def month_before(moment: int) -> int:
    """The first production month whose certificates are still valid at `moment`, UTC seconds."""
    return bisect_right(range(MAX_MONTH_INDEX + 1), moment, key=lambda index: expires_at(Month(index)))


def range_list(db: Connection, wanted: RangeFilter, *, after: str | None = None, limit: int = 50) -> Page[RangeRow]:
    """Ranges that fit; certificates told by the page before are left out, also where their range was cut since."""
    batch, told = cursor_pair(after)
    query = range_query(_narrowed(db, wanted), _from(db, batch, told) if after else None)
    rows = [Segment(*row) for row in db.execute(query.limit(page_size(limit) + 1))]
    found = [replace(row, start=told) if row.batch == batch and row.start < told else row for row in rows]
    holders = accounts_at(db, (row.owner for row in found))
    names = project_names(db, (row.batch >> 16 for row in found))
    items = [
        (f"{row.batch}.{row.end}", RangeRow(row, holders.get(row.owner), names.get(row.batch >> 16, "")))
        for row in found
    ]
    return page(items, limit)


def _from(db: Connection, batch: int, told: int) -> tuple[int, int]:
    """The key to go on at: the segment that holds serial `told`, or where it would begin."""
    covering = select(segments.c.start, segments.c.end).where(segments.c.batch == batch, segments.c.start <= told)
    row = db.execute(covering.order_by(segments.c.start.desc()).limit(1)).first()
    return (batch, told) if row is None or row.end <= told else (batch, row.start)


def _narrowed(db: Connection, wanted: RangeFilter) -> RangeFilter:
    """Validity as months: those that are over by then, from the first of which certificates are left."""
    if wanted.expires_before is None:
        return wanted
    last = month_before(wanted.expires_before)
    left = func.sum(tallies.c.issued - tallies.c.retired - tallies.c.deducted)
    alive = select(tallies.c.month).group_by(tallies.c.month).having(left > 0).order_by(tallies.c.month).limit(1)
    first = db.scalar(alive) or 0
    return replace(
        wanted,
        first_month=max(first, wanted.first_month or 0),
        last_month=last if wanted.last_month is None else min(last, wanted.last_month),
    )


def range_query(wanted: RangeFilter, start: tuple[int, int] | None) -> Select[Any]:
    """The statement, without its limit; `start` is the key to begin at."""
    if _driver(wanted) is _Driver.BATCHES:
        return _by_batches(wanted, start)
    return _by_segments(wanted, start)


def _driver(wanted: RangeFilter) -> _Driver:
    if wanted.owner is not None or wanted.project is not None or wanted.state in _RARE:
        return _Driver.SEGMENTS
    of_batches = (wanted.province, wanted.technology, wanted.first_month, wanted.last_month)
    return _Driver.SEGMENTS if all(one is None for one in of_batches) else _Driver.BATCHES


def _by_segments(wanted: RangeFilter, start: tuple[int, int] | None) -> Select[Any]:
    query = select(segments).where(*_of_segment(wanted), *_of_batch(wanted, segments.c.batch))
    if start is not None:
        query = query.where(tuple_(segments.c.batch, segments.c.start) >= start)
    return query.order_by(segments.c.batch, segments.c.start)


def _by_batches(wanted: RangeFilter, start: tuple[int, int] | None) -> Select[Any]:
    query = (
        select(segments)
        .join(batches, batches.c.id == segments.c.batch)
        .where(*_of_segment(wanted), *_of_batch(wanted, batches.c.id, batches.c.month))
    )
    if start is not None:
        batch, serial = start
        query = query.where(
            tuple_(batches.c.month, batches.c.id) >= (batch >> 4 & 0xFFF, batch),
            (batches.c.id != batch) | (segments.c.start >= serial),
        )
    return query.order_by(batches.c.month, batches.c.id, segments.c.start)


def _of_segment(wanted: RangeFilter) -> list[ColumnElement[bool]]:
    about: list[ColumnElement[bool]] = []
    if wanted.owner is not None:
        about.append(segments.c.owner == wanted.owner.lower())
    if wanted.state is not None:
        about.append(segments.c.state == wanted.state)
    if wanted.traded is not None:
        about.append(segments.c.trade != 0 if wanted.traded else segments.c.trade == 0)
    if wanted.expires_before is not None:
        about.append(segments.c.state < CertificateState.RETIRED.value)
    return about


def _of_batch(wanted: RangeFilter, batch: Any, month: Any = None) -> list[ColumnElement[bool]]:
    """Conditions on the packed batch id; `month` is the column where the index has it as one."""
    month = month_of(batch) if month is None else month
    about: list[ColumnElement[bool]] = []
    if wanted.project is not None:
        about.append(batch.between(wanted.project << 16, wanted.project << 16 | 0xFFFF))
    if wanted.first_month is not None:
        about.append(month >= wanted.first_month)
    if wanted.last_month is not None:
        about.append(month < wanted.last_month)
    exact = (
        (electricity_of, wanted.electricity),
        (tradable_of, wanted.tradable),
        (province_of, wanted.province),
        (technology_of, wanted.technology),
    )
    about.extend(facet(batch) == int(value) for facet, value in exact if value is not None)
    return about
