"""Names, accounts and places for a whole page at once: one statement each, however many items there are."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, select

from gecchain.events import place_of
from gecchain.ledger import Account, FilingState
from gecchain.store.prepared import Prepared
from gecchain.store.reading import BLOCK_OF_EVENT, parsed
from gecchain.store.tables import accounts, blocks, events, filings
from gecchain.store.views import Place

__all__ = ["accounts_at", "grouped", "places_at", "project_names"]

T = TypeVar("T")
_ACCOUNTS: Final = Prepared(select(accounts), among=accounts.c.address)
_FILINGS: Final = Prepared(
    select(filings.c.project, filings.c.document).order_by(
        filings.c.project, filings.c.state == FilingState.APPROVED.value, filings.c.version
    ),
    among=filings.c.project,
)
_PLACES: Final = Prepared(
    select(events.c.position, events.c.transaction, blocks.c.hash, blocks.c.time)
    .select_from(events)
    .join(blocks, blocks.c.number == BLOCK_OF_EVENT),
    among=events.c.position,
)


def _each(keys: Iterable[T]) -> list[T]:
    return sorted(set(keys))  # type: ignore[type-var]


def accounts_at(db: Connection, addresses: Iterable[str]) -> dict[str, Account]:
    """The accounts of these addresses, as far as they were opened."""
    return {row[0]: Account(*row) for row in _ACCOUNTS.rows(db, keys=_each(addresses))}


def project_names(db: Connection, projects: Iterable[int]) -> dict[int, str]:
    """The name in each project's filing in force, before that in its newest; empty where there is none."""
    newest = dict(_FILINGS.rows(db, keys=_each(projects)))
    return {project: str(parsed(document).get("name", "")) for project, document in newest.items()}


def places_at(db: Connection, positions: Iterable[int]) -> dict[int, Place]:
    """Block, transaction and time of each position that has an event."""
    found: dict[int, Place] = {}
    for position, transaction, hash_, time in _PLACES.rows(db, keys=_each(positions)):
        block, log_index = place_of(position)
        found[position] = Place(block, hash_, log_index, transaction, time)
    return found


def grouped(
    db: Connection, table: Any, column: Any, shape: Callable[..., T], keys: Iterable[int]
) -> dict[int, list[T]]:
    """Rows of a table by a column, oldest first."""
    found: dict[int, list[T]] = {}
    at = list(table.c).index(column)
    for row in _grouping(column).rows(db, keys=_each(keys)):
        found.setdefault(row[at], []).append(shape(*row))
    return found


@cache
def _grouping(column: Any) -> Prepared:
    return Prepared(select(column.table).order_by(column.table.c.position), among=column)
