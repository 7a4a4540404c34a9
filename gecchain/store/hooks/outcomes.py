"""What became of each message, written down together with where its subscription goes on.

A message is delivered in one transaction with the cursor, so a process that dies repeats the one message whose answer
was not written down yet, and no other. `turn` sees to it that a cursor that was set meanwhile stays set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, insert, select

from gecchain.store.hooks import letters
from gecchain.store.hooks.letters import Letter
from gecchain.store.hooks.subscriptions import FRESH, Subscription, one, values_of
from gecchain.store.hooks.tables import attempts

__all__ = [
    "KEPT",
    "Attempt",
    "Settled",
    "Wait",
    "attempts_of",
    "begin",
    "delivered",
    "failed",
    "gone",
    "note",
    "skipped",
]

KEPT: Final = 100
Settled = Literal["go on", "wait", "letter", "dead", "over"]
"""Send the next, wait for the next try, a dead letter was kept, the subscription died, or somebody else set it."""
Wait = Callable[[int], int | None]
"""Seconds until the next try after so many failures, None for never."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: HTTP status (0 for no answer), what was wrong in words or empty, and how long it took."""

    webhook_id: str
    type: str
    at: int
    status: int
    error: str
    milliseconds: int


def begin(db: Connection, found: Subscription, reach: int) -> bool:
    """Events up to position `reach` are about to be sent; False if the subscription was set meanwhile."""
    if reach <= found.reach:
        now = one(db, found.id)
        return now is not None and now.turn == found.turn
    return values_of(db, found.id, {"reach": reach}, turn=found.turn)


def skipped(db: Connection, found: Subscription, until: int) -> None:
    """No event up to position `until` is wanted."""
    values_of(db, found.id, {"cursor": until}, turn=found.turn)


def delivered(db: Connection, found: Subscription, tried: Attempt, position: int | None) -> Settled:
    """The receiver took a message: an event at a position, or (None) the notice."""
    passed: dict[str, Any] = {"notice": ""} if position is None else {"cursor": position}
    mine = values_of(db, found.id, {**passed, **FRESH, **_told(tried)}, turn=found.turn)
    now = one(db, found.id)
    if now is None:
        return "over"
    note(db, found.id, tried)
    return "go on" if mine and now.state == "active" else "over"


def failed(
    db: Connection, found: Subscription, tried: Attempt, letter: Letter, *, wait: Wait, patience: int
) -> Settled:
    """The receiver did not take a message. Where `wait` of its failures is None it becomes the dead letter `letter`.

    If nothing was delivered since the last dead letter, `patience` failures are enough for the subscription to die. A
    notice is never passed over: what comes after it would be wrong without it.
    """
    now = one(db, found.id, lock=True)
    if now is None:
        return "over"
    note(db, found.id, tried)
    if now.turn != found.turn:
        return "over"
    since, failures = now.failing_since or tried.at, now.failures + 1
    values: dict[str, Any] = {"failures": failures, "failing_since": since}
    settled: Settled = "wait"
    seconds = wait(failures)
    if (now.doubted and failures >= patience) or (seconds is None and letter.position < 0):
        values, settled = {**values, "state": "dead"}, "dead"
    elif seconds is None:
        letters.keep(db, replace(letter, tries=failures, first_at=since))
        values, settled = {**FRESH, "cursor": letter.position, "doubted": True}, "letter"
    else:
        values["next_try"] = tried.at + seconds
    values_of(db, found.id, {**values, **_told(tried)}, turn=found.turn)
    return "over" if now.state == "paused" else settled


def gone(db: Connection, found: Subscription, tried: Attempt) -> Settled:
    """The receiver wants nothing more (HTTP 410): the subscription is dead, its cursor stays."""
    if one(db, found.id) is None:
        return "over"
    note(db, found.id, tried)
    return "dead" if values_of(db, found.id, {"state": "dead", **_told(tried)}, turn=found.turn) else "over"


def _told(tried: Attempt) -> dict[str, Any]:
    return {"last_status": tried.status, "last_error": tried.error, "last_at": tried.at}


def note(db: Connection, subscription: str, tried: Attempt) -> None:
    """Keep a try; of each subscription the newest 100 stay."""
    row = {column.name: getattr(tried, column.name, subscription) for column in attempts.c if column.name != "id"}
    db.execute(insert(attempts).values(**row))
    mine = attempts.c.subscription == subscription
    oldest = select(attempts.c.id).where(mine).order_by(attempts.c.id.desc()).offset(KEPT).limit(1)
    db.execute(delete(attempts).where(mine, attempts.c.id <= oldest.scalar_subquery()))


def attempts_of(db: Connection, subscription: str) -> list[Attempt]:
    """The newest tries of a subscription, newest first."""
    columns = [attempts.c[name] for name in Attempt.__dataclass_fields__]
    query = select(*columns).where(attempts.c.subscription == subscription).order_by(attempts.c.id.desc())
    return [Attempt(*row) for row in db.execute(query.limit(KEPT))]
