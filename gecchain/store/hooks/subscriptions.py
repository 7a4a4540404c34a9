"""Subscriptions: who has which events sent where, how far it is, and the secret that signs them."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, update

from gecchain.errors import NotFound, Refused
from gecchain.store.hooks.filters import Filter
from gecchain.store.hooks.tables import attempts, extras, letters, subscriptions

__all__ = [
    "FRESH",
    "MOST_OF_ONE",
    "Owner",
    "State",
    "Subscription",
    "change",
    "due",
    "end",
    "every",
    "find",
    "make",
    "of_owner",
    "one",
    "remove",
    "replay",
    "rotate",
    "values_of",
]

State = Literal["active", "paused", "dead"]
MOST_OF_ONE: Final = 20
_ID_BYTES: Final = 8
_SECRET_BYTES: Final = 32
FRESH: Final[dict[str, Any]] = {"failures": 0, "next_try": 0, "failing_since": 0, "doubted": False}
"""Columns of a subscription that nothing fails."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose subscriptions: those of a caller's name (`key:…`, `session:0x…`), and of its platform's account, if any.

    A platform's next key goes on with what its last one made.
    """

    name: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. Times are Unix seconds, 0 for none; `cursor` is -1 before the first event.

    `old_secret` signs beside `secret` until `old_secret_ends`. `notice` is kept JSON of what goes before any event.
    `failures` counts the tries of the message that waits, `next_try` is when the next one is. `doubted` says that
    nothing was delivered since the last dead letter.
    """

    id: str
    owner: str
    account: str
    url: str
    filter: Filter
    confirmations: int
    secret: str = field(repr=False)
    old_secret: str = field(repr=False)
    old_secret_ends: int
    state: State
    cursor: int
    reach: int
    turn: int
    notice: str
    failures: int
    next_try: int
    failing_since: int
    doubted: bool
    last_status: int
    last_error: str
    last_at: int
    made_at: int

    def secrets_at(self, now: int) -> tuple[str, ...]:
        """What signs now: the secret, and the one before while it is good."""
        return (self.secret, self.old_secret) if self.old_secret and now < self.old_secret_ends else (self.secret,)


def make(
    db: Connection, owner: Owner, url: str, wanted: Filter, *, cursor: int, confirmations: int, now: int
) -> Subscription:
    """A new subscription with a secret of its own. Refused (TooManySubscriptions) for more than 20 of one owner."""
    count = db.execute(select(func.count()).where(_owned(owner))).scalar_one()
    if count >= MOST_OF_ONE:
        raise Refused(
            f"there are {count} subscriptions already",
            reason="TooManySubscriptions",
            remedy="Delete one, or let one serve for several kinds, projects or accounts.",
        )
    made = Subscription(
        id="wh_" + secrets.token_hex(_ID_BYTES),
        owner=owner.name,
        account=owner.account,
        url=url,
        filter=wanted,
        confirmations=confirmations,
        secret=_new_secret(),
        old_secret="",
        old_secret_ends=0,
        state="active",
        cursor=cursor,
        reach=-1,
        turn=0,
        notice="",
        failures=0,
        next_try=0,
        failing_since=0,
        doubted=False,
        last_status=0,
        last_error="",
        last_at=0,
        made_at=now,
    )
    row = {column.name: getattr(made, column.name) for column in subscriptions.c} | {"filter": wanted.dump()}
    db.execute(insert(subscriptions).values(**row))
    return made


def find(db: Connection, owner: Owner, id_: str, *, lock: bool = False) -> Subscription:
    """One of this owner's. NotFound for others' as well."""
    query = select(subscriptions).where(subscriptions.c.id == id_, _owned(owner))
    row = db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(f"There is no subscription {id_}.", remedy="GET /v1/webhooks lists yours.")
    return _read(row)


def one(db: Connection, id_: str, *, lock: bool = False) -> Subscription | None:
    """Any subscription, for the worker; None if it was deleted."""
    query = select(subscriptions).where(subscriptions.c.id == id_)
    row = db.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _read(row)


def of_owner(db: Connection, owner: Owner) -> list[Subscription]:
    """Every one of this owner, oldest first."""
    query = select(subscriptions).where(_owned(owner)).order_by(subscriptions.c.made_at, subscriptions.c.id)
    return [_read(row) for row in db.execute(query)]


def every(db: Connection) -> list[Subscription]:
    """Every subscription there is, oldest first."""
    query = select(subscriptions).order_by(subscriptions.c.made_at, subscriptions.c.id)
    return [_read(row) for row in db.execute(query)]


def end(db: Connection, owner: str, why: str, now: int) -> list[str]:
    """Nothing more is sent for what this owner's name made, nor what waits; ids. It is dead, and `last_error` says why.

    A message that is on its way is not called back. Where the owner was a platform, another of its keys may set the
    subscription active again.
    """
    mine = subscriptions.c.owner == owner
    ended = list(db.execute(select(subscriptions.c.id).where(mine).order_by(subscriptions.c.id)).scalars())
    db.execute(delete(extras).where(extras.c.subscription.in_(ended)))
    values = {"state": "dead", "last_error": why, "last_status": 0, "last_at": now, "turn": subscriptions.c.turn + 1}
    db.execute(update(subscriptions).where(mine).values(**values))
    return ended


def due(db: Connection, now: int) -> list[tuple[str, int, int, bool]]:
    """`(id, turn, cursor, whether a notice waits)` of those that may be sent to now."""
    query = select(subscriptions.c.id, subscriptions.c.turn, subscriptions.c.cursor, subscriptions.c.notice != "")
    where = and_(subscriptions.c.state == "active", subscriptions.c.next_try <= now)
    return [tuple(row) for row in db.execute(query.where(where).order_by(subscriptions.c.next_try))]


def change(
    db: Connection,
    found: Subscription,
    *,
    url: str | None = None,
    wanted: Filter | None = None,
    confirmations: int | None = None,
    state: Literal["active", "paused"] | None = None,
) -> None:
    """Change what is given. Other filters hold from the cursor on. Made active, the next try is at once."""
    values: dict[str, Any] = {}
    if url is not None:
        values |= {"url": url, **FRESH}
    if wanted is not None:
        values |= {"filter": wanted.dump(), "turn": subscriptions.c.turn + 1}
    if confirmations is not None:
        values |= {"confirmations": confirmations, "turn": subscriptions.c.turn + 1}
    if state is not None:
        values |= {"state": state}
    if state == "active":
        values |= FRESH
    if values:
        _set(db, found, values)


def rotate(db: Connection, found: Subscription, *, now: int, overlap: int) -> str:
    """A new secret; the one before signs beside it for `overlap` seconds more."""
    secret = _new_secret()
    old = found.secret if overlap else ""
    _set(db, found, {"secret": secret, "old_secret": old, "old_secret_ends": now + overlap if overlap else 0})
    return secret


def replay(db: Connection, found: Subscription, cursor: int) -> None:
    """Go on from an earlier or later event. A notice that waits still goes first."""
    _set(db, found, {"cursor": cursor, "turn": subscriptions.c.turn + 1, **FRESH})


def remove(db: Connection, found: Subscription) -> None:
    """Delete it with everything that was kept of it."""
    for table in (letters, extras, attempts):
        db.execute(delete(table).where(table.c.subscription == found.id))
    db.execute(delete(subscriptions).where(subscriptions.c.id == found.id))


def values_of(db: Connection, id_: str, values: dict[str, Any], *, turn: int) -> bool:
    """Set columns if the turn is still this one; whether it was."""
    mine = and_(subscriptions.c.id == id_, subscriptions.c.turn == turn)
    return db.execute(update(subscriptions).where(mine).values(**values)).rowcount == 1


def _set(db: Connection, found: Subscription, values: dict[str, Any]) -> None:
    db.execute(update(subscriptions).where(subscriptions.c.id == found.id).values(**values))


def _owned(owner: Owner) -> ColumnElement[bool]:
    mine = subscriptions.c.owner == owner.name
    return or_(mine, subscriptions.c.account == owner.account) if owner.account else mine


def _read(row: Row[Any]) -> Subscription:
    return Subscription(**{**row._asdict(), "filter": Filter.load(row.filter)})


def _new_secret() -> str:
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
