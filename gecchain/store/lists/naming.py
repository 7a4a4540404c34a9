"""Names, accounts and places for a whole page at once: one statement each, however many items there are."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Connection, bindparam, select

from gecchain.events import place_of
from gecchain.ledger import Account, FilingState
from gecchain.store.reading import BLOCK_OF_EVENT, parsed
from gecchain.store.tables import accounts, blocks, events, filings
from gecchain.store.views import Place

__all__ = ["accounts_at", "grouped", "places_at", "project_names"]

T = TypeVar("T")
_MANY: Final = 500
_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_ACCOUNTS: Final = select(accounts).where(accounts.c.address.in_(_KEYS))
_FILINGS: Final = (
    select(filings.c.project, filings.c.document)
    .where(filings.c.project.in_(_KEYS))
    .order_by(filings.c.project, filings.c.state == FilingState.APPROVED.value, filings.c.version)
)
_PLACES: Final = (
    select(events.c.position, events.c.transaction, blocks.c.hash, blocks.c.time)
    .select_from(events)
    .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
    .where(events.c.position.in_(_KEYS))
)


def _parts(keys: Iterable[T]) -> Iterator[list[T]]:
    wanted = sorted(set(keys))  # type: ignore[type-var]
    yield from (wanted[at : at + _MANY] for at in range(0, len(wanted), _MANY))


def accounts_at(db: Connection, addresses: Iterable[str]) -> dict[str, Account]:
    """The accounts of these addresses, as far as they were opened."""
    return {row.address: Account(*row) for part in _parts(addresses) for row in db.execute(_ACCOUNTS, {"keys": part})}


def project_names(db: Connection, projects: Iterable[int]) -> dict[int, str]:
    """The name in each project's filing in force, before that in its newest; empty where there is none."""
    names: dict[int, str] = {}
    for part in _parts(projects):
        for row in db.execute(_FILINGS, {"keys": part}):
            names[row.project] = str(parsed(row.document).get("name", ""))
    return names


def places_at(db: Connection, positions: Iterable[int]) -> dict[int, Place]:
    """Block, transaction and time of each position that has an event."""
    found: dict[int, Place] = {}
    for part in _parts(positions):
        for row in db.execute(_PLACES, {"keys": part}):
            block, log_index = place_of(row.position)
            found[row.position] = Place(block, row.hash, log_index, row.transaction, row.time)
    return found


def grouped(
    db: Connection, table: Any, column: Any, shape: Callable[..., T], keys: Iterable[int]
) -> dict[int, list[T]]:
    """Rows of a table by a column, oldest first."""
    found: dict[int, list[T]] = {}
    for part in _parts(keys):
        for row in db.execute(select(table).where(column.in_(part)).order_by(table.c.position)):
            found.setdefault(getattr(row, column.name), []).append(shape(*row))
    return found
