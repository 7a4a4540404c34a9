"""Dead letters, and messages outside of the order: letters that were asked for again, and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, update

from gecchain.errors import NotFound, Refused
from gecchain.store.hooks.subscriptions import Subscription
from gecchain.store.hooks.tables import extras, letters, subscriptions

__all__ = ["KEPT", "Extra", "Letter", "ask_again", "ask_test", "done", "due", "failed_again", "keep", "page_of"]

KEPT: Final = 1000
_MOST_WAITING: Final = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was given up. `position` is its event's; `status` is 0 for no answer."""

    id: int
    subscription: str
    position: int
    webhook_id: str
    type: str
    body: str
    tries: int
    first_at: int
    last_at: int
    status: int
    error: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A message that is sent once, whenever it can be; `letter` is that which it repeats, or 0."""

    id: int
    subscription: str
    letter: int
    webhook_id: str
    type: str
    body: str
    made_at: int


def keep(db: Connection, letter: Letter) -> None:
    """Keep a letter (its id is given here); of each subscription the newest 1,000 stay."""
    row = {column.name: getattr(letter, column.name) for column in letters.c if column.name != "id"}
    db.execute(insert(letters).values(**row))
    mine = letters.c.subscription == letter.subscription
    newest = select(letters.c.id).where(mine).order_by(letters.c.id.desc()).offset(KEPT).limit(1)
    db.execute(delete(letters).where(mine, letters.c.id <= newest.scalar_subquery()))


def page_of(db: Connection, subscription: str, *, after: int = 0, limit: int = 50) -> list[Letter]:
    """Letters of a subscription, oldest first."""
    query = select(letters).where(letters.c.subscription == subscription, letters.c.id > after)
    return [Letter(*row) for row in db.execute(query.order_by(letters.c.id).limit(limit))]


def ask_again(db: Connection, found: Subscription, letter: int, now: int) -> Extra:
    """Have a letter sent once more. NotFound; one that waits already is not asked for twice."""
    row = db.execute(select(letters).where(letters.c.subscription == found.id, letters.c.id == letter)).first()
    if row is None:
        raise NotFound(f"There is no dead letter {letter}.", remedy="It was delivered since, or its block undone.")
    waiting = db.execute(select(extras).where(extras.c.subscription == found.id, extras.c.letter == letter)).first()
    if waiting is not None:
        return Extra(*waiting)
    return _wait(db, Extra(0, found.id, letter, row.webhook_id, row.type, row.body, now))


def ask_test(db: Connection, found: Subscription, *, webhook_id: str, kind: str, body: str, now: int) -> Extra:
    """Have a test sent."""
    return _wait(db, Extra(0, found.id, 0, webhook_id, kind, body, now))


def due(db: Connection, limit: int) -> list[Extra]:
    """Those that wait, oldest first."""
    return [Extra(*row) for row in db.execute(select(extras).order_by(extras.c.id).limit(limit))]


def done(db: Connection, extra: Extra) -> None:
    """It was sent; the letter that it repeats was delivered."""
    db.execute(delete(extras).where(extras.c.id == extra.id))
    if extra.letter:
        db.execute(delete(letters).where(letters.c.id == extra.letter))


def failed_again(db: Connection, extra: Extra, *, status: int, error: str, now: int) -> None:
    """It was sent and not taken; a letter stays."""
    db.execute(delete(extras).where(extras.c.id == extra.id))
    tried = {"tries": letters.c.tries + 1, "last_at": now, "status": status, "error": error}
    db.execute(update(letters).where(letters.c.id == extra.letter).values(**tried))


def _wait(db: Connection, extra: Extra) -> Extra:
    # Locked, so that two requests at once do not both find room.
    lock = select(subscriptions.c.id).where(subscriptions.c.id == extra.subscription).with_for_update()
    if db.execute(lock).first() is None:
        raise NotFound(f"There is no subscription {extra.subscription}.")
    mine = extras.c.subscription == extra.subscription
    if db.execute(select(func.count()).where(mine)).scalar_one() >= _MOST_WAITING:
        raise Refused(
            f"{_MOST_WAITING} messages wait to be sent already",
            reason="TooManyWaiting",
            remedy="Wait until they were sent.",
        )
    row = {column.name: getattr(extra, column.name) for column in extras.c if column.name != "id"}
    made = db.execute(insert(extras).values(**row).returning(extras.c.id)).scalar_one()
    return Extra(made, *[getattr(extra, column.name) for column in extras.c if column.name != "id"])
