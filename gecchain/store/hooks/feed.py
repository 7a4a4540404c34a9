"""The events that a subscription is to get next, out of the index."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from gecchain.store.engine import connected
from gecchain.store.hooks.filters import Filter
from gecchain.store.hooks.seen import Tip, end_of
from gecchain.store.reading import BLOCK_OF_EVENT, event_view
from gecchain.store.tables import blocks, events
from gecchain.store.views import EventView

__all__ = ["Part", "part_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """Events in the chain's order; every other one up to position `until` is not wanted."""

    events: tuple[EventView, ...]
    until: int


def part_of(index: Engine, wanted: Filter, *, after: int, tip: Tip, confirmations: int, limit: int) -> Part | None:
    """Up to `limit` events after a position that lie `confirmations` blocks below the tip.

    None if the chain no longer has the tip: look again first.
    """
    last = end_of(tip.block - confirmations)
    query = (
        select(events.c.position, events.c.kind, events.c.transaction, events.c.document, blocks.c.hash, blocks.c.time)
        .select_from(events)
        .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
        .where(events.c.position > after, events.c.position <= last, *wanted.conditions())
        .order_by(events.c.position)
        .limit(limit)
    )
    with connected(index) as db:
        if db.scalar(select(blocks.c.hash).where(blocks.c.number == tip.block)) != tip.hash:
            return None
        found = tuple(event_view(row) for row in db.execute(query))
    return Part(found, found[-1].place.position if len(found) == limit else max(after, last))
