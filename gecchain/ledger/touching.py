"""What an event needs to know: the keys of the entities that must be loaded before it is applied.

With them the indexer folds over a handful of rows instead of the whole registry, and still runs the same `apply`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gecchain.events import (
    AccountFrozen,
    AccountOpened,
    Event,
    FilingReviewed,
    FilingSubmitted,
    Issued,
    LeafRefused,
    Listed,
    Moved,
    OperatorChanged,
    PlatformAdmitted,
    ReadingsCommitted,
    Retired,
    Traded,
    Withdrawn,
)
from gecchain.ledger.issuing import issued_leaves, tally_key
from gecchain.ledger.state import State

__all__ = ["Keys", "reached", "touches"]


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by entity (attribute of State), and the ranges `(batch, start, end)` whose segments are needed."""

    entities: dict[str, set[Any]] = field(default_factory=dict)
    ranges: set[tuple[int, int, int]] = field(default_factory=set)

    def add(self, kind: str, *keys: Any) -> None:
        """Adds keys of one entity."""
        self.entities.setdefault(kind, set()).update(keys)


def touches(events: Iterable[Event]) -> Keys:
    """Keys that the events name themselves. Provinces' accounts and totals are always needed and not listed."""
    keys = Keys()
    for event in events:
        _touch(keys, event)
    return keys


def reached(state: State, events: Iterable[Event]) -> Keys:
    """Keys that issuing reaches through projects, filings and commitments, which are loaded by now."""
    keys = Keys()
    keys.add("balances", *state.provinces.values())
    keys.add("balances", *(project.owner for project in state.projects.values()))
    keys.add("balances", *(filing.owner for filing in state.filings.values()))
    months = {commitment.id: commitment.month for commitment in state.commitments.values()}
    for event in events:
        if isinstance(event, ReadingsCommitted):
            months[event.commitment] = event.month
        if isinstance(event, Issued):
            month = months.get(event.commitment, 0)
            keys.add("tallies", *_tallies(event, month))
    return keys


def _tallies(event: Issued, month: int) -> set[Any]:
    batches = {
        project << 16 | month << 4 | electricity << 1 | tradable
        for _index, project, electricity, _wh in issued_leaves(event)
        for tradable in (0, 1)
    }
    return {tally_key(batch) for batch in batches}


def _touch(keys: Keys, event: Event) -> None:
    match event:
        case Issued():
            _touch_issued(keys, event)
        case AccountOpened() | PlatformAdmitted() | OperatorChanged() | AccountFrozen():
            keys.add("accounts", event.account)
            keys.add("balances", event.account)
        case FilingSubmitted():
            keys.add("projects", event.project)
            keys.add("filings", (event.project, event.version), (event.project, event.version - 1))
            keys.add("balances", event.owner)
        case FilingReviewed():
            keys.add("projects", event.project)
            keys.add("filings", (event.project, event.version))
        case ReadingsCommitted():
            keys.add("commitments", event.commitment, event.replaces)
        case LeafRefused():
            keys.add("commitments", event.commitment)
        case _:
            _touch_range(keys, event)


def _touch_issued(keys: Keys, event: Issued) -> None:
    keys.add("commitments", event.commitment)
    keys.add("chunks", (event.commitment, event.chunk))
    for _index, project, electricity, _wh in issued_leaves(event):
        keys.add("projects", project)
        keys.add("lanes", (project, electricity))


def _touch_range(keys: Keys, event: Event) -> None:
    batch = getattr(event, "batch", 0)
    if not batch:
        return
    keys.ranges.add((batch, getattr(event, "start", 0), getattr(event, "end", 0)))
    keys.add("tallies", tally_key(batch))
    match event:
        case Moved():
            keys.add("balances", event.from_, event.to)
        case Retired():
            keys.add("balances", event.holder)
        case Traded():
            keys.add("listings", event.listing)
            keys.add("trades", event.trade)
            keys.add("balances", event.seller, event.buyer)
        case Listed() | Withdrawn():
            keys.add("listings", event.listing)
        case _:
            return
