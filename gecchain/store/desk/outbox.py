"""The outbox: signed requests from the moment they are taken to the block that has them.

accepted -> sent -> done | refused | void

A request is one row by its digest, so handing it in again changes nothing. `sent` says that a transaction with it was
written down; it may be sent again, since the chain does it once. How it ended is the chain's word, never ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from sqlalchemy import Connection, Engine, Row, Select, bindparam, func, or_, select, update

from gecchain.errors import NotFound
from gecchain.requests import Ending, Request, SignedRequest
from gecchain.store.desk.inserting import insert_new_rows
from gecchain.store.desk.tables import requests
from gecchain.store.engine import connected

__all__ = ["STATES", "HeldRequest", "Offer", "SqlOutbox", "State", "counts", "depth", "find", "hand_in", "page_of"]

State = Literal["accepted", "sent", "done", "refused", "void"]
STATES: Final[tuple[State, ...]] = ("accepted", "sent", "done", "refused", "void")
_OPEN: Final = ("accepted", "sent")
_END: Final = (
    update(requests)
    .where(requests.c.digest == bindparam("named"), or_(*(requests.c.state == state for state in _OPEN)))
    .values({name: bindparam(name) for name in ("state", "transaction", "block", "reason", "ended_at")})
)


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """A request in the outbox. `digest` is 0x hex; times are Unix seconds, 0 for not yet.

    `transaction` and `block` are those that ended it; `reason` has `name`, `sentence` and `remedy` of a refusal, and is
    empty otherwise. `call` is its name as in `gecchain.requests.CALLS`.
    """

    id: int
    digest: str
    signed: SignedRequest
    call: str
    caller: str
    accepted_at: int
    state: State
    transaction: str
    block: int
    reason: Mapping[str, str]
    ended_at: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A request that was checked: its digest, itself, and its call's name as in `gecchain.requests.CALLS`."""

    digest: bytes
    signed: SignedRequest
    call: str


def hand_in(db: Connection, offers: Sequence[Offer], *, caller: str, now: int) -> list[HeldRequest]:
    """Take requests in their order, and give them as they are kept; one that is there already stays as it is."""
    if not offers:
        return []
    insert_new_rows(db, requests, [_row(offer, caller, now) for offer in offers])
    names = ["0x" + offer.digest.hex() for offer in offers]
    rows = db.execute(select(requests).where(requests.c.digest.in_(names)))
    found = {row.digest: _held(row) for row in rows}
    return [found[name] for name in names]


def _row(offer: Offer, caller: str, now: int) -> dict[str, Any]:
    request = offer.signed.request
    return {
        "digest": "0x" + offer.digest.hex(),
        "sender": request.sender,
        "to": request.to,
        "gas": request.gas,
        "nonce": str(request.nonce),
        "deadline": request.deadline,
        "data": request.data,
        "signature": offer.signed.signature,
        "call": offer.call,
        "caller": caller,
        "accepted_at": now,
        "state": "accepted",
        "transaction": "",
        "block": 0,
        "reason": "",
        "ended_at": 0,
    }


def find(db: Connection, digest: str) -> HeldRequest:
    """A request by its digest (0x, lower case). NotFound if it was never handed in here."""
    row = db.execute(select(requests).where(requests.c.digest == digest)).first()
    if row is None:
        raise NotFound(f"Request {digest} was not handed in here.", remedy="It may have been sent past this outbox.")
    return _held(row)


def page_of(
    db: Connection, *, caller: str = "", sender: str = "", state: str = "", after: int = 0, limit: int = 50
) -> list[HeldRequest]:
    """Requests in the order in which they were taken, of one caller or one signer, at most `limit`."""
    query: Select[Any] = select(requests).where(requests.c.id > after)
    for column, value in ((requests.c.caller, caller), (requests.c.sender, sender), (requests.c.state, state)):
        query = query.where(column == value) if value else query
    return [_held(row) for row in db.execute(query.order_by(requests.c.id).limit(limit))]


def depth(db: Connection) -> int:
    """How many have not ended."""
    return int(db.execute(select(func.count()).where(requests.c.state.in_(_OPEN))).scalar_one())


def counts(db: Connection) -> dict[str, int]:
    """How many there are in each state."""
    query = select(requests.c.state, func.count()).group_by(requests.c.state)
    return dict.fromkeys(STATES, 0) | {state: int(count) for state, count in db.execute(query)}


class SqlOutbox:
    """The outbox as its worker sees it. Each call is a transaction of its own and durable when it returns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def waiting(self, limit: int) -> list[HeldRequest]:
        """The oldest requests that have not ended."""
        query = select(requests).where(requests.c.state.in_(_OPEN)).order_by(requests.c.id).limit(limit)
        with connected(self._engine) as db:
            return [_held(row) for row in db.execute(query)]

    def sent(self, digests: Sequence[str]) -> None:
        """These are in a transaction that is about to be sent."""
        with connected(self._engine, writes=True) as db:
            named = requests.c.digest.in_(digests), requests.c.state == "accepted"
            db.execute(update(requests).where(*named).values(state="sent"))

    def end(self, endings: Sequence[Ending], now: int) -> None:
        """How requests ended; what has ended stays as it is."""
        if endings:
            with connected(self._engine, writes=True) as db:
                db.execute(_END, [_ended(ending, now) for ending in endings])


def _ended(ending: Ending, now: int) -> dict[str, Any]:
    return {
        "named": ending.digest,
        "state": ending.state,
        "transaction": ending.transaction,
        "block": ending.block,
        "reason": orjson.dumps(dict(ending.reason)).decode() if ending.reason else "",
        "ended_at": now,
    }


def _held(row: Row[Any]) -> HeldRequest:
    request = Request(row.sender, row.to, row.gas, int(row.nonce), row.deadline, bytes(row.data))
    return HeldRequest(
        id=row.id,
        digest=row.digest,
        signed=SignedRequest(request, bytes(row.signature)),
        call=row.call,
        caller=row.caller,
        accepted_at=row.accepted_at,
        state=row.state,
        transaction=row.transaction,
        block=row.block,
        reason=orjson.loads(row.reason) if row.reason else {},
        ended_at=row.ended_at,
    )
