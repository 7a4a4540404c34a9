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
from sqlalchemy import Connection, Engine, Row, Select, func, select, update

from gecchain.errors import NotFound
from gecchain.requests import Ending, Request, SignedRequest
from gecchain.store.desk.inserting import insert_new
from gecchain.store.desk.tables import requests
from gecchain.store.engine import connected

__all__ = ["STATES", "HeldRequest", "SqlOutbox", "State", "counts", "depth", "find", "hand_in", "page_of"]

State = Literal["accepted", "sent", "done", "refused", "void"]
STATES: Final[tuple[State, ...]] = ("accepted", "sent", "done", "refused", "void")
_OPEN: Final = ("accepted", "sent")


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


def hand_in(db: Connection, digest: bytes, signed: SignedRequest, *, call: str, caller: str, now: int) -> HeldRequest:
    """Take a request that was checked; one that is there already stays as it is."""
    request, name = signed.request, "0x" + digest.hex()
    row = {
        "digest": name,
        "sender": request.sender,
        "to": request.to,
        "gas": request.gas,
        "nonce": str(request.nonce),
        "deadline": request.deadline,
        "data": request.data,
        "signature": signed.signature,
        "call": call,
        "caller": caller,
        "accepted_at": now,
        "state": "accepted",
        "transaction": "",
        "block": 0,
        "reason": "",
        "ended_at": 0,
    }
    insert_new(db, requests, row)
    return find(db, name)


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
            db.execute(
                update(requests)
                .where(requests.c.digest.in_(digests), requests.c.state == "accepted")
                .values(state="sent")
            )

    def end(self, endings: Sequence[Ending], now: int) -> None:
        """How requests ended; what has ended stays as it is."""
        with connected(self._engine, writes=True) as db:
            for ending in endings:
                _end(db, ending, now)


def _end(db: Connection, ending: Ending, now: int) -> None:
    db.execute(
        update(requests)
        .where(requests.c.digest == ending.digest, requests.c.state.in_(_OPEN))
        .values(
            state=ending.state,
            transaction=ending.transaction,
            block=ending.block,
            reason=orjson.dumps(dict(ending.reason)).decode() if ending.reason else "",
            ended_at=now,
        )
    )


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
