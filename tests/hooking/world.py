"""A desk and an index of their own, a chain of accounts that are opened, and a worker that runs once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from gecchain.events import AccountFrozen, AccountOpened, Event, Recorded
from gecchain.hooking import Sender, Tally, Worker
from gecchain.proofs import keccak256
from gecchain.store import connected
from gecchain.store.hooks import Filter, Owner, Shelf, Subscription, letters, outcomes, seen, subscriptions
from gecchain.store.indexing import Cursor, Header, Projection
from gecchain.store.views import EventView

OWNER = Owner("key:0123456789ab")
START = 1_790_000_000


def address(*parts: object) -> str:
    return "0x" + keccak256(repr(parts).encode())[-20:].hex()


def block_hash(number: int, fork: int) -> str:
    return "0x" + keccak256(f"block {number} of {fork}".encode()).hex()


def document(view: EventView) -> dict[str, Any]:
    place = asdict(view.place)
    return {"cursor": view.cursor, "kind": view.kind, "place": place, "data": view.data}


class Chain:
    """Writes blocks into an index; after `fork` its blocks have other hashes and other accounts."""

    def __init__(self, engine: Engine, deployment: str = "test") -> None:
        self.projection = Projection(engine)
        self.forks = 0
        self.hashes = [block_hash(0, 0)]
        self.at: Cursor = self.projection.start(deployment, Header(0, self.hashes[0], "", START))

    def blocks(self, count: int, events: int = 1, *, undoable: bool = True) -> None:
        for _block in range(count):
            number = self.at.block + 1
            self.block(*(self.opened(number, index) for index in range(events)), undoable=undoable)

    def opened(self, number: int, index: int) -> AccountOpened:
        account = address(self.forks, number, index)
        return AccountOpened(account, 1, 15, account, f"示例 {number}.{index}")

    def block(self, *events: Event, undoable: bool = True) -> None:
        number = self.at.block + 1
        hash_ = block_hash(number, self.forks)
        transaction = "0x" + keccak256(hash_.encode()).hex()
        recorded = [
            Recorded(number, index, hash_, transaction, START + number, event) for index, event in enumerate(events)
        ]
        header = Header(number, hash_, self.at.hash, START + number)
        self.at = self.projection.extend(self.at, [(header, recorded)], number, undoable=undoable)

    def freeze(self, account: str) -> None:
        self.block(AccountFrozen(account, True, "身份待核"))

    def fork(self, keep: int) -> None:
        """Take back every block after `keep`."""
        self.at = self.projection.roll_back(self.at, keep)
        self.forks += 1


class Clock:
    """Time that goes on when it is told to."""

    def __init__(self, now: float | None = None) -> None:
        self.now = time.time() if now is None else now

    def __call__(self) -> float:
        return self.now


class World:
    """What the worker needs, and what a test asks of it."""

    def __init__(self, desk: Engine, index: Engine) -> None:
        self.desk, self.index = desk, index
        self.chain = Chain(index)
        self.shelf = Shelf(desk, index)
        self.clock: Callable[[], float] = time.time

    def subscribe(
        self, url: str, wanted: Filter | None = None, *, cursor: int = -1, owner: Owner = OWNER, confirmations: int = 0
    ) -> Subscription:
        with connected(self.desk, writes=True) as db:
            seen.see(db, self.index, int(self.clock()))
            return subscriptions.make(
                db,
                owner,
                url,
                wanted or Filter(),
                cursor=cursor,
                confirmations=confirmations,
                now=int(self.clock()),
            )

    def now(self, found: Subscription) -> Subscription:
        again = self.shelf.take(found.id)
        assert again is not None
        return again

    def change(self, found: Subscription, **values: Any) -> None:
        with connected(self.desk, writes=True) as db:
            subscriptions.change(db, found, **values)

    def replay(self, found: Subscription, cursor: int) -> None:
        with connected(self.desk, writes=True) as db:
            subscriptions.replay(db, found, cursor)

    def letters(self, found: Subscription) -> list[letters.Letter]:
        with connected(self.desk) as db:
            return letters.page_of(db, found.id)

    def attempts(self, found: Subscription) -> list[outcomes.Attempt]:
        with connected(self.desk) as db:
            return outcomes.attempts_of(db, found.id)

    def send(self, *, until: threading.Event | None = None, **options: Any) -> Tally:
        """Everything that is due; with `until` it follows and is stopped once that is set."""
        return asyncio.run(self._send(until, options))

    async def _send(self, until: threading.Event | None, options: dict[str, Any]) -> Tally:
        sender_options = {"private": True, "timeout": 5.0} | options.pop("sender", {})
        sender = Sender(**sender_options)
        stop = asyncio.Event()
        stopping = asyncio.create_task(_pass_on(until, stop)) if until else None
        try:
            worker = Worker(self.shelf, sender, document, clock=self.clock, **options)
            return await worker.run(stop, follow=until is not None, poll=0.05)
        finally:
            if stopping:
                await stopping
            await sender.close()


async def _pass_on(until: threading.Event, stop: asyncio.Event) -> None:
    await asyncio.to_thread(until.wait, 60.0)
    stop.set()


def places(chain: Chain, first: int, last: int, events: int = 1) -> Sequence[tuple[int, int]]:
    """The places of events of blocks `first .. last`."""
    return [(block, index) for block in range(first, last + 1) for index in range(events)]
