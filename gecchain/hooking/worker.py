"""The worker of the webhooks: many subscriptions at once, each in the chain's order, one message of it at a time.

It may die at any instant: what was delivered is written down with the cursor, so only a message whose answer was not
written down yet comes again, under the same name. Each subscription waits for its own receiver and for no other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from gecchain.errors import Unavailable
from gecchain.events.recorded import POSITION_BITS
from gecchain.hooking.backoff import WAITS, wait_after
from gecchain.hooking.messages import Message, event_message, notice_message, signed_headers
from gecchain.hooking.sending import Answer, Sender
from gecchain.store.hooks import Attempt, Extra, Letter, Settled, Shelf, Subscription, Tip
from gecchain.store.hooks.feed import Part
from gecchain.store.views import EventView
from gecchain.trail import Trail

__all__ = ["Tally", "Worker"]

trail = Trail(__name__)

T = TypeVar("T")
PART: Final = 20
TURN_SECONDS: Final = 30.0
GRACE_SECONDS: Final = 5.0
PATIENCE: Final = 3
_GONE: Final = 410
_DATABASE_THREADS: Final = 4
_LEAST_PAUSE: Final = 0.02
_EXTRAS: Final = 32
_MANY: Final = 1000
_WORTH_KEEPING: Final = 32 << POSITION_BITS


@dataclass(slots=True)
class Tally:
    """What a run came to: messages delivered, tries that failed, dead letters, subscriptions that died."""

    delivered: int = 0
    failed: int = 0
    letters: int = 0
    dead: int = 0


class Worker:
    """One run. `document` makes the public document of an event, `told` hears of what goes wrong, in words.

    `held` raises Unavailable once somebody else may send (`gecchain.store.hooks.only_worker`); that ends the run.
    """

    def __init__(
        self,
        shelf: Shelf,
        sender: Sender,
        document: Callable[[EventView], Any],
        *,
        waits: Sequence[int] = WAITS,
        at_once: int = 256,
        clock: Callable[[], float] = time.time,
        told: Callable[[str], None] = lambda _words: None,
        held: Callable[[], None] = lambda: None,
        tally: Tally | None = None,
    ) -> None:
        self._shelf = shelf
        self._sender = sender
        self._document = document
        self._waits = waits
        self._at_once = at_once
        self._clock = clock
        self._told = told
        self._held = held
        self._threads = ThreadPoolExecutor(_DATABASE_THREADS, thread_name_prefix="hooks")
        self._running: dict[object, asyncio.Task[None]] = {}
        self._quiet: dict[str, tuple[int, Tip]] = {}
        self._passed: dict[str, tuple[int, int, int]] = {}
        self._last_turn: dict[str, float] = {}
        self._stop = asyncio.Event()
        self._moved = asyncio.Event()
        self.tally = tally or Tally()

    async def run(self, stop: asyncio.Event, *, follow: bool, poll: float = 0.5) -> Tally:
        """Send what is due; with `follow` until `stop`, else until nothing is due any more.

        Without `follow` Unavailable ends it. What is on its way when it is stopped is waited for, some seconds: what
        was not answered by then comes again at the next start, under the same name.
        """
        self._stop = stop
        away = False
        try:
            while not stop.is_set():
                await self._db(self._held)
                try:
                    await self._round()
                except Unavailable as error:
                    if not follow:
                        raise
                    if not away:
                        self._told(f"waiting: {error}")
                    away = True
                else:
                    away = False
                if not follow and not self._running:
                    break
                await self._pause(poll, stop)
        finally:
            await self._end()
        return self.tally

    async def _end(self) -> None:
        if self._running:
            await asyncio.wait(self._running.values(), timeout=GRACE_SECONDS)
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._threads.shutdown()

    async def _round(self) -> None:
        for key, task in list(self._running.items()):
            if task.done():
                del self._running[key]
                task.result()
        tip = await self._db(self._shelf.look, self._now())
        for extra in await self._db(self._shelf.extras, _EXTRAS):
            self._begin(f"extra {extra.id}", partial(self._send_extra, extra))
        if tip is not None:
            due = await self._db(self._shelf.due, self._now())
            self._forget(len(due))
            ready = [id_ for id_, turn, _cursor, told in due if told or self._quiet.get(id_) != (turn, tip)]
            for id_ in sorted(ready, key=lambda id_: self._last_turn.get(id_, 0.0)):
                self._begin(id_, partial(self._turn, id_, tip))

    def _begin(self, key: str, work: Callable[[], Any]) -> None:
        if key in self._running or len(self._running) >= self._at_once:
            return
        task = asyncio.create_task(work())
        task.add_done_callback(lambda _task: self._moved.set())
        self._running[key] = task

    async def _pause(self, poll: float, stop: asyncio.Event) -> None:
        """Until a turn has ended, the next look is due, or it is stopped."""
        waiting = [asyncio.create_task(event.wait()) for event in (self._moved, stop)]
        await asyncio.wait(waiting, timeout=poll, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        self._moved.clear()
        await asyncio.sleep(_LEAST_PAUSE)

    def _forget(self, due: int) -> None:
        """What is remembered only saves looking again: it is dropped before deleted subscriptions pile up."""
        if len(self._last_turn) > 2 * due + _MANY:
            for memory in (self._quiet, self._passed, self._last_turn):
                memory.clear()

    async def _turn(self, id_: str, tip: Tip) -> None:
        """Some messages of one subscription, until it has to wait, has had its time, or has got everything."""
        self._last_turn[id_] = time.monotonic()
        found = await self._db(self._shelf.take, id_)
        if found is None or not self._is_due(found):
            return
        if found.notice:
            await self._deliver(found, notice_message(id_, found.notice))
            return
        *when, passed = self._passed.get(id_, (0, 0, found.cursor))
        after = max(found.cursor, passed) if when == [found.turn, tip.forks] else found.cursor
        part = await self._db(partial(self._shelf.part, found, after=after, tip=tip, limit=PART))
        if part is None or not await self._send_part(found, part):
            return
        self._passed[id_] = (found.turn, tip.forks, part.until)
        if len(part.events) < PART:
            self._quiet[id_] = (found.turn, tip)

    async def _send_part(self, found: Subscription, part: Part) -> bool:
        """Whether all of it was sent, or given up, in the time of one turn."""
        if not part.events:
            if part.until - found.cursor > _WORTH_KEEPING:
                await self._db(self._shelf.skipped, found, part.until)
            return True
        if not await self._db(self._shelf.begin, found, part.events[-1].place.position):
            return False
        ends = time.monotonic() + TURN_SECONDS
        for view in part.events:
            if time.monotonic() > ends or not await self._next(found, view):
                return False
        return True

    async def _next(self, began: Subscription, view: EventView) -> bool:
        """Send one event, to the URL and with the secrets of this instant; whether to go on."""
        found = await self._db(self._shelf.take, began.id)
        if found is None or found.turn != began.turn or self._stop.is_set() or not self._is_due(found):
            return False
        return await self._deliver(found, event_message(found.id, view, self._document)) in ("go on", "letter")

    def _is_due(self, found: Subscription) -> bool:
        return found.state == "active" and found.next_try <= self._now()

    async def _deliver(self, found: Subscription, message: Message) -> Settled:
        now = self._now()
        headers = signed_headers(message.id, message.body, now, found.secrets_at(now))
        answer = await self._sender.send(found.url, headers, message.body)
        settled = await self._settle(found, message, answer)
        self._count(found, answer, settled)
        return settled

    async def _settle(self, found: Subscription, message: Message, answer: Answer) -> Settled:
        tried = self._tried(message.id, message.type, answer)
        if answer.is_taken:
            return await self._db(self._shelf.delivered, found, tried, message.position)
        if answer.status == _GONE:
            return await self._db(self._shelf.gone, found, tried)
        position = -1 if message.position is None else message.position
        letter = Letter(
            id=0,
            subscription=found.id,
            position=position,
            webhook_id=message.id,
            type=message.type,
            body=message.body,
            tries=0,
            first_at=0,
            last_at=tried.at,
            status=tried.status,
            error=tried.error,
        )

        def wait(failures: int) -> int | None:
            return wait_after(failures, message.id, waits=self._waits, asked=answer.asked)

        return await self._db(partial(self._shelf.failed, found, tried, letter, wait=wait, patience=PATIENCE))

    async def _send_extra(self, extra: Extra) -> None:
        found = await self._db(self._shelf.take, extra.subscription)
        if found is None:
            return
        now = self._now()
        headers = signed_headers(extra.webhook_id, extra.body, now, found.secrets_at(now))
        answer = await self._sender.send(found.url, headers, extra.body)
        await self._db(self._shelf.extra_sent, extra, self._tried(extra.webhook_id, extra.type, answer))
        self._count(found, answer, "go on")

    def _tried(self, webhook_id: str, type_: str, answer: Answer) -> Attempt:
        return Attempt(webhook_id, type_, self._now(), answer.status, answer.error, answer.milliseconds)

    def _count(self, found: Subscription, answer: Answer, settled: Settled) -> None:
        self.tally.delivered += answer.is_taken
        self.tally.failed += not answer.is_taken
        self.tally.letters += settled == "letter"
        self.tally.dead += settled == "dead"
        facts = {"subscription": found.id, "status": answer.status, "milliseconds": answer.milliseconds}
        if answer.is_taken:
            trail.debug("webhook_delivered", **facts)
        else:
            trail.info("webhook_failed", **facts, why=answer.error, outcome=settled)
            after = {"letter": "; it is a dead letter now", "dead": "; the subscription is dead now"}.get(settled, "")
            self._told(f"{found.id} {answer.error}{after}")

    async def _db(self, work: Callable[..., T], *arguments: Any) -> T:
        """In a thread of its own kind: a database that waits holds up no receiver."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def _now(self) -> int:
        return int(self._clock())
