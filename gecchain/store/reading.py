"""The small look-ups that queries are made of: one value by key, the range that covers a serial, a place."""

from functools import cache
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, literal_column, select

from gecchain.errors import BadInput, NotFound
from gecchain.events import place_of
from gecchain.ledger import ENTITIES, Account, Filing, FilingState
from gecchain.rules.purposes import AccountKind
from gecchain.store.keyed import BY_KEY
from gecchain.store.prepared import Prepared
from gecchain.store.tables import ENTITY_TABLES, accounts, blocks, events
from gecchain.store.views import EventView, FilingView, Page, Place

__all__ = [
    "BLOCK_OF_EVENT",
    "MAX_PAGE",
    "account_or_none",
    "acting_account",
    "covering",
    "cursor_number",
    "cursor_pair",
    "event_view",
    "events_about",
    "filing_view",
    "page",
    "page_size",
    "place_at",
    "project_name",
    "row_to",
    "value_by",
    "values_where",
]

T = TypeVar("T")
MAX_PAGE: Final = 1000
BLOCK_OF_EVENT: Final = events.c.position.op(">>")(literal_column("24"))


def row_to(shape: type[T], row: Any) -> T:
    """An entity's value from a row of its whole table."""
    return shape(*row)


def value_by(db: Connection, kind: str, *key: Any) -> Any:
    """The entity of that key, or None."""
    shape, names = ENTITIES[kind]
    row = BY_KEY[kind].first(db, **dict(zip(names, key, strict=True)))
    return None if row is None else shape(*row)


@cache
def _holding_serial(kind: str) -> Prepared:
    table = ENTITY_TABLES[kind]
    within = table.c.batch == bindparam("batch"), table.c.start <= bindparam("serial")
    return Prepared(select(table).where(*within).order_by(table.c.start.desc()).limit(1))


_ACCOUNT: Final = Prepared(select(accounts).where(accounts.c.address == bindparam("address")))
_ACTING: Final = Prepared(
    select(accounts)
    .where(accounts.c.operator == bindparam("key"), accounts.c.kind == bindparam("kind"))
    .order_by(accounts.c.opened.desc())
    .limit(1)
)
_PLACE: Final = Prepared(
    select(events.c.transaction, blocks.c.hash, blocks.c.time)
    .join(blocks, blocks.c.number == bindparam("block"))
    .where(events.c.position == bindparam("position"))
)


def account_or_none(db: Connection, address: str) -> Account | None:
    """The account, or None for an address that never opened one."""
    row = _ACCOUNT.first(db, address=address)
    return None if row is None else Account(*row)


def acting_account(db: Connection, key: str, kind: AccountKind) -> Account | None:
    """The account of that kind for which an operator key acts now; events of providers and reviewers name the key."""
    row = _ACTING.first(db, key=key, kind=kind.value)
    return None if row is None else Account(*row)


def covering(db: Connection, kind: str, batch: int, serial: int) -> Any:
    """The row of disjoint ranges (additions) that holds a serial, or None."""
    row = _holding_serial(kind).first(db, batch=batch, serial=serial)
    found = None if row is None else ENTITIES[kind][0](*row)
    return found if found is not None and found.end > serial else None


def events_about(db: Connection, *about: ColumnElement[bool]) -> tuple[EventView, ...]:
    """Every event that fits, in the chain's order."""
    query = (
        select(events.c.position, events.c.kind, events.c.transaction, events.c.document, blocks.c.hash, blocks.c.time)
        .select_from(events)
        .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
        .where(*about)
        .order_by(events.c.position)
    )
    return tuple(event_view(row) for row in db.execute(query))


def event_view(row: Any) -> EventView:
    """An event of a row of position, kind, transaction, document, block hash and time."""
    block, log_index = place_of(row.position)
    place = Place(block, row.hash, log_index, row.transaction, row.time)
    return EventView(f"{row.position}.{row.hash[2:18]}", row.kind, place, orjson.loads(row.document))


def values_where(db: Connection, kind: str, *about: ColumnElement[bool], order: str = "position") -> tuple[Any, ...]:
    """Entities that fit, in order."""
    table = ENTITY_TABLES[kind]
    rows = db.execute(select(table).where(*about).order_by(table.c[order]))
    return tuple(ENTITIES[kind][0](*row) for row in rows)


def place_at(db: Connection, position: int) -> Place:
    """Block, transaction and time of a position; NotFound if there is no event."""
    block, log_index = place_of(position)
    row = _PLACE.first(db, block=block, position=position)
    if row is None:
        raise NotFound(f"There is no event at block {block}, log {log_index}.")
    transaction, hash_, time = row
    return Place(block, hash_, log_index, transaction, time)


def filing_view(db: Connection, filing: Filing) -> FilingView:
    """A filing with its parsed document and its places."""
    reviewed = place_at(db, filing.reviewed) if filing.reviewed else None
    return FilingView(filing, parsed(filing.document), place_at(db, filing.submitted), reviewed)


def parsed(document: str) -> dict[str, object]:
    """The public filing as an object; empty for a document that is no JSON object (the chain does not look inside)."""
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def project_name(db: Connection, project: int) -> str:
    """The name in the newest filing, or empty."""
    filings = ENTITY_TABLES["filings"]
    document = db.scalar(
        select(filings.c.document)
        .where(filings.c.project == project)
        .order_by((filings.c.state == FilingState.APPROVED.value).desc(), filings.c.version.desc())
        .limit(1)
    )
    return str(parsed(document).get("name", "")) if document else ""


def page(items: list[tuple[str, T]], limit: int) -> Page[T]:
    """A page of at most `limit` items out of up to `limit + 1` found, each with the cursor that continues after it."""
    kept = items[:limit]
    more = len(items) > limit
    return Page(tuple(item for _cursor, item in kept), kept[-1][0] if more and kept else None)


def cursor_number(after: str | None, first: int = 0) -> int:
    """The integer of a cursor, `first` without one; BadInput for text that is no cursor of ours."""
    if after is None:
        return first
    if not after.isdecimal() or int(after) >= 1 << 63:
        raise BadInput("This is no cursor.", field="after", value=after, remedy="Use the one of the page before.")
    return int(after)


def cursor_pair(after: str | None) -> tuple[int, int]:
    """The two integers of a cursor `a.b`."""
    if after is None:
        return 0, -1
    batch, _dot, start = after.partition(".")
    return cursor_number(batch), cursor_number(start)


def page_size(limit: int) -> int:
    """The limit, if a page may be that long."""
    if not 0 < limit <= MAX_PAGE:
        raise BadInput(f"A page holds 1 to {MAX_PAGE} items.", field="limit", value=str(limit))
    return limit
