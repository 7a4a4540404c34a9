"""The webhooks as their worker sees them: each call is a transaction of its own and durable when it returns."""

from __future__ import annotations

from sqlalchemy import Engine

from gecchain.store.engine import connected
from gecchain.store.hooks import feed, letters, outcomes, seen, subscriptions
from gecchain.store.hooks.feed import Part
from gecchain.store.hooks.letters import Extra, Letter
from gecchain.store.hooks.outcomes import Attempt, Settled, Wait
from gecchain.store.hooks.seen import Tip
from gecchain.store.hooks.subscriptions import Subscription

__all__ = ["Shelf"]


class Shelf:
    """Subscriptions of one desk, and the index whose events they want. Unavailable if either does not answer."""

    def __init__(self, desk: Engine, index: Engine) -> None:
        self._desk = desk
        self._index = index

    def look(self, now: int) -> Tip | None:
        """Where the index stands; what the chain took back is taken back here."""
        return seen.look_again(self._desk, self._index, now)

    def due(self, now: int) -> list[tuple[str, int, int, bool]]:
        """`(id, turn, cursor, whether a notice waits)` of those that may be sent to now."""
        with connected(self._desk) as db:
            return subscriptions.due(db, now)

    def take(self, id_: str) -> Subscription | None:
        """A subscription as it is now."""
        with connected(self._desk) as db:
            return subscriptions.one(db, id_)

    def part(self, found: Subscription, *, after: int, tip: Tip, limit: int) -> Part | None:
        """What it is to get next; None if the chain moved since it was looked at."""
        return feed.part_of(
            self._index, found.filter, after=after, tip=tip, confirmations=found.confirmations, limit=limit
        )

    def begin(self, found: Subscription, reach: int) -> bool:
        """Whether events up to a position may be sent: noted before any of them is."""
        with connected(self._desk, writes=True) as db:
            return outcomes.begin(db, found, reach)

    def skipped(self, found: Subscription, until: int) -> None:
        """Nothing up to a position is wanted."""
        with connected(self._desk, writes=True) as db:
            outcomes.skipped(db, found, until)

    def delivered(self, found: Subscription, tried: Attempt, position: int | None) -> Settled:
        """A message was taken."""
        with connected(self._desk, writes=True) as db:
            return outcomes.delivered(db, found, tried, position)

    def failed(self, found: Subscription, tried: Attempt, letter: Letter, *, wait: Wait, patience: int) -> Settled:
        """A message was not taken."""
        with connected(self._desk, writes=True) as db:
            return outcomes.failed(db, found, tried, letter, wait=wait, patience=patience)

    def gone(self, found: Subscription, tried: Attempt) -> Settled:
        """The receiver wants nothing more."""
        with connected(self._desk, writes=True) as db:
            return outcomes.gone(db, found, tried)

    def extras(self, limit: int) -> list[Extra]:
        """Messages outside of the order that wait, oldest first."""
        with connected(self._desk) as db:
            return letters.due(db, limit)

    def extra_sent(self, extra: Extra, tried: Attempt) -> None:
        """What became of one of them."""
        with connected(self._desk, writes=True) as db:
            if subscriptions.one(db, extra.subscription) is None:
                return
            outcomes.note(db, extra.subscription, tried)
            if tried.error:
                letters.failed_again(db, extra, status=tried.status, error=tried.error, now=tried.at)
            else:
                letters.done(db, extra)
