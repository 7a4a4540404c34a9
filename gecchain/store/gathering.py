"""Look-ups by the thousand: what many ranges stand on, in a few statements instead of some for each range."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Connection, Table, select

from gecchain.events import place_of
from gecchain.ledger import Account, Addition, Batch, Commitment, Filing, Retirement
from gecchain.rules.purposes import AccountKind
from gecchain.store.reading import BLOCK_OF_EVENT, events_about, filing_view
from gecchain.store.tables import accounts, additions, batches, blocks, commitments, events, filings, steps
from gecchain.store.views import EventView, FilingView, Place

__all__ = ["Basis", "Providers", "accounts_at", "basis_of", "births_of", "histories_of", "places_at", "rows_among"]

T = TypeVar("T")
_TOGETHER: Final = 500


def _portions(keys: Iterable[Any]) -> Iterator[list[Any]]:
    """Distinct keys in order, as many at a time as a statement may name."""
    ordered = sorted(set(keys))
    for at in range(0, len(ordered), _TOGETHER):
        yield ordered[at : at + _TOGETHER]


def rows_among(db: Connection, table: Table, column: Column[Any], keys: Iterable[Any], shape: type[T]) -> list[T]:
    """Values of a table whose column is one of the keys."""
    found: list[T] = []
    for portion in _portions(keys):
        found.extend(shape(*row) for row in db.execute(select(table).where(column.in_(portion))))
    return found


def accounts_at(db: Connection, addresses: Iterable[str], block: int) -> dict[str, Account]:
    """Accounts by address; one that was not open by the end of that block is left out."""
    found = rows_among(db, accounts, accounts.c.address, addresses, Account)
    return {one.address: one for one in found if place_of(one.opened)[0] <= block}


def places_at(db: Connection, positions: Iterable[int]) -> dict[int, Place]:
    """Where and when events happened, by their positions."""
    found: dict[int, Place] = {}
    for portion in _portions(positions):
        query = (
            select(events.c.position, events.c.transaction, blocks.c.hash, blocks.c.time)
            .select_from(events)
            .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
            .where(events.c.position.in_(portion))
        )
        for row in db.execute(query):
            block, log_index = place_of(row.position)
            found[row.position] = Place(block, row.hash, log_index, row.transaction, row.time)
    return found


@dataclass(frozen=True, slots=True)
class Basis:
    """Batches by id, and for each the filing it was issued under and the name of its readings' provider."""

    batches: Mapping[int, Batch]
    filings: Mapping[int, FilingView]
    providers: Mapping[int, str]


def basis_of(db: Connection, numbers: Iterable[int]) -> Basis:
    """What batches stand on."""
    found = {one.id: one for one in rows_among(db, batches, batches.c.id, numbers, Batch)}
    projects = {number >> 16 for number in found}
    versions = {(one.project, one.version): one for one in rows_among(db, filings, filings.c.project, projects, Filing)}
    used = {(number >> 16, batch.filing) for number, batch in found.items()}
    views = {key: filing_view(db, versions[key]) for key in used}
    named = [one.commitment for one in found.values()]
    signed = {one.id: one for one in rows_among(db, commitments, commitments.c.id, named, Commitment)}
    acting = Providers(db)
    return Basis(
        batches=found,
        filings={number: views[number >> 16, batch.filing] for number, batch in found.items()},
        providers={number: acting.of(signed[batch.commitment]) for number, batch in found.items()},
    )


class Providers:
    """For which data provider a key acted at a time: operators change, documents about the past must not (Q88)."""

    def __init__(self, db: Connection) -> None:
        kind = select(accounts).where(accounts.c.kind == AccountKind.PROVIDER.value)
        self._names = {row.address: row.name for row in db.execute(kind)}
        about = events.c.account.in_(self._names), events.c.kind.in_(("AccountOpened", "OperatorChanged"))
        self._changes = events_about(db, *about) if self._names else ()

    def of(self, commitment: Commitment) -> str:
        """Name of the provider whose key signed a commitment; empty where it was no provider's."""
        acting: dict[str, str] = {}
        for view in self._changes:
            if view.place.position <= commitment.position:
                acting[str(view.data["account"])] = str(view.data["operator"])
        names = [self._names[account] for account, key in acting.items() if key == commitment.provider]
        return names[-1] if names else ""


def births_of(db: Connection, made: Sequence[Retirement]) -> dict[int, Addition]:
    """By position of a retirement the addition that its range came from, for those that a case added (Q95)."""
    added: dict[int, list[Addition]] = {}
    for one in rows_among(db, additions, additions.c.batch, [one.batch for one in made], Addition):
        added.setdefault(one.batch, []).append(one)
    found: dict[int, Addition] = {}
    for ended in made:
        for part in added.get(ended.batch, ()):
            if part.start <= ended.start < part.end:
                found[ended.position] = part
    return found


def histories_of(db: Connection, made: Sequence[Retirement]) -> dict[int, tuple[EventView, ...]]:
    """By position of a retirement every event on its range from after the issue up to it, oldest first.

    A range that is acted on has one history (see `gecchain.ledger.ranges.cut_out`), so its steps are one chain.
    """
    before = _chains(db, [one.position for one in made])
    ways = {one.position: list(_way(before, one.position)) for one in made}
    wanted = {position for way in ways.values() for position in way}
    seen: dict[int, EventView] = {}
    for portion in _portions(wanted):
        seen.update((view.place.position, view) for view in events_about(db, events.c.position.in_(portion)))
    return {end: tuple(seen[position] for position in reversed(way)) for end, way in ways.items()}


def _chains(db: Connection, ends: Iterable[int]) -> dict[int, int]:
    """For each step of the chains that lead to these positions, the position before it."""
    found: dict[int, int] = {}
    for portion in _portions(ends):
        chain = select(steps.c.position, steps.c.previous).where(steps.c.position.in_(portion))
        walked = chain.cte("walked", recursive=True)
        earlier = select(steps.c.position, steps.c.previous).join(walked, steps.c.position == walked.c.previous)
        for row in db.execute(select(walked.union(earlier))):
            found[row.position] = row.previous
    return found


def _way(before: Mapping[int, int], end: int) -> Iterator[int]:
    at = end
    while at in before:
        yield at
        at = before[at]
