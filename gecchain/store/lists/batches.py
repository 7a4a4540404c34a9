"""Batches, by the project's owner, project, month, class, province and technology."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select, tuple_

from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Batch
from gecchain.store.facets import electricity_of, project_of, province_of, technology_of, tradable_of, unled
from gecchain.store.lists.naming import places_at, project_names
from gecchain.store.reading import cursor_number, page, page_size
from gecchain.store.tables import batches, projects
from gecchain.store.views import Page
from gecchain.store.views.lists import BatchRow

__all__ = ["BatchFilter", "batch_list", "batch_query"]


@dataclass(frozen=True, slots=True)
class BatchFilter:
    """What to list; None leaves it open. Months are production months `[first_month, last_month)`."""

    owner: str | None = None
    project: int | None = None
    first_month: int | None = None
    last_month: int | None = None
    electricity: int | None = None
    tradable: bool | None = None
    province: int | None = None
    technology: int | None = None


def batch_list(db: Connection, wanted: BatchFilter, *, after: str | None = None, limit: int = 50) -> Page[BatchRow]:
    """Batches that fit; by month where months, province or technology are asked for, by project otherwise."""
    query = batch_query(wanted, None if after is None else cursor_number(after))
    found = [Batch(*row) for row in db.execute(query.limit(page_size(limit) + 1))]
    names = project_names(db, (item.id >> 16 for item in found))
    owners = _owners(db, {item.id >> 16 for item in found})
    places = places_at(db, (item.position for item in found))
    rows = [_row(item, owners, names, places) for item in found]
    return page([(str(row.batch.id), row) for row in rows], limit)


def _row(item: Batch, owners: dict[int, str], names: dict[int, str], places: dict[int, Any]) -> BatchRow:
    place = places[item.position]
    key = item.id >> 16
    return BatchRow(item, owners.get(key, NO_ACCOUNT), names.get(key, ""), place.block, place.time)


def _owners(db: Connection, wanted: set[int]) -> dict[int, str]:
    keys = sorted(wanted)
    parts = (keys[at : at + 500] for at in range(0, len(keys), 500))
    return {
        row.id: row.owner
        for part in parts
        for row in db.execute(select(projects.c.id, projects.c.owner).where(projects.c.id.in_(part)))
    }


def batch_query(wanted: BatchFilter, after: int | None) -> Select[Any]:
    """The statement, without its limit."""
    query = select(batches).where(*_about(wanted))
    if wanted.owner is not None:
        return _of_owner(query, wanted.owner.lower(), after)
    if wanted.project is None and _by_month(wanted):
        if after is not None:
            query = query.where(tuple_(batches.c.month, batches.c.id) > (after >> 4 & 0xFFF, after))
        return query.order_by(batches.c.month, batches.c.id)
    if after is not None:
        query = query.where(batches.c.id > after)
    return query.order_by(batches.c.id)


def _by_month(wanted: BatchFilter) -> bool:
    asked = (wanted.province, wanted.technology, wanted.first_month, wanted.last_month)
    return any(one is not None for one in asked)


def _of_owner(query: Select[Any], owner: str, after: int | None) -> Select[Any]:
    query = query.select_from(projects).join(batches, project_of(batches.c.id) == unled(projects.c.id))
    query = query.where(projects.c.owner == owner)
    if after is not None:
        query = query.where(projects.c.id >= after >> 16, batches.c.id > after)
    return query.order_by(projects.c.id, batches.c.id)


def _about(wanted: BatchFilter) -> list[ColumnElement[bool]]:
    about: list[ColumnElement[bool]] = []
    led = wanted.owner is not None or wanted.project is not None
    month, number = (unled(batches.c.month), unled(batches.c.id)) if led else (batches.c.month, batches.c.id)
    if wanted.project is not None:
        about.append(batches.c.id.between(wanted.project << 16, wanted.project << 16 | 0xFFFF))
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
    about.extend(facet(number) == int(value) for facet, value in exact if value is not None)
    return about
