"""Open streams of events: how many, what wakes them, and how they end when the server does.

A stream pulls: it reads a page of events when there is a new block and its reader has taken the page before. So a
reader that is slow costs one page of memory, and one that takes nothing is let go. All streams of a process share one
look at the index, twice a second at the most.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from anyio import Lock, create_task_group, fail_after, move_on_after
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.negotiation import STREAM
from gecchain.errors import GecError, Unavailable

__all__ = ["MOST_STREAMS", "EventStream", "Streams"]

MOST_STREAMS: Final = 100
LOOK_SECONDS: Final = 0.5
HEARTBEAT_SECONDS: Final = 15.0
STALLED_SECONDS: Final = 60.0
RETRY_MILLISECONDS: Final = 2000
Head = tuple[int, str] | None


class Streams:
    """Shared by all streams of a process. `look` reads the newest indexed block, in a worker's thread."""

    def __init__(self, look: Callable[[], Head], most: int = MOST_STREAMS) -> None:
        self.most = most
        self.open = 0
        self._look = look
        self._head: Head = None
        self._looked = float("-inf")
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    @contextmanager
    def living(self) -> Iterator[None]:
        """From the start of the server to its end. The server waits for open answers, so a signal ends them first."""
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        with _heard(self.close):
            yield
        self._over.set()

    def close(self) -> None:
        """Ends every stream after the page it is at; for any thread, and for signal handlers."""
        if self._loop is not None and self._over is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._over.set)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the open streams; Unavailable if all are taken."""
        if self.open >= self.most:
            raise Unavailable(
                f"{self.most} streams are open here.", remedy="Try again later, or ask /v1/events from time to time."
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    async def head(self) -> Head:
        """The newest indexed block, as it was half a second ago at the latest."""
        async with self._lock:
            if time.monotonic() - self._looked >= LOOK_SECONDS:
                self._head = await run_sync(self._look)
                self._looked = time.monotonic()
            return self._head

    async def over(self, seconds: float) -> bool:
        """Waits so long, or until the server ends; whether it ends."""
        if self._over is None:
            return True
        with move_on_after(seconds):
            await self._over.wait()
        return self._over.is_set()


@contextmanager
def _heard(close: Callable[[], None]) -> Iterator[None]:
    """Calls `close` on the signals that end a server, before what handles them anyway."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def closing(number: int, frame: FrameType | None) -> None:
        close()
        handler: Any = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, closing)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class EventStream(Response):
    """Server-sent events (WHATWG HTML, 9.2) out of pages: `read(after)` gives items and whether there are more.

    An item is its cursor and its JSON. A stream ends when its reader is gone, takes nothing for a minute, or the
    server ends; whoever was cut off comes back with `Last-Event-ID` and misses nothing.
    """

    def __init__(
        self,
        streams: Streams,
        read: Callable[[str | None], tuple[list[tuple[str, bytes]], bool]],
        after: str | None,
        first: tuple[list[tuple[str, bytes]], bool],
    ) -> None:
        super().__init__(media_type=STREAM.media_type, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._streams = streams
        self._read = read
        self._after = after
        self._first = first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Headers, then events as they come."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})

        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        with self._streams.place():
            async with create_task_group() as tasks:
                tasks.start_soon(watch)
                await self._follow(send)
                tasks.cancel_scope.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _follow(self, send: Send) -> None:
        await _sent(send, f"retry: {RETRY_MILLISECONDS}\n\n".encode())
        seen: Head = None
        (items, more), quiet = self._first, time.monotonic()
        while True:
            if items:
                await _sent(send, b"".join(_framed(cursor, body) for cursor, body in items))
                self._after, quiet = items[-1][0], time.monotonic()
            if not more:
                head = await self._changed(send, seen, quiet)
                if head is None:
                    return
                seen, quiet = head, time.monotonic()
            items, more = await run_sync(self._read, self._after)

    async def _changed(self, send: Send, seen: Head, quiet: float) -> Head:
        """The next block that is indexed, with a heartbeat now and then until it comes; None when it is all over."""
        while not await self._streams.over(LOOK_SECONDS):
            try:
                head = await self._streams.head()
            except GecError:  # the database will be back; the reader is told that we are here
                head = seen
            if head is not None and head != seen:
                return head
            if time.monotonic() - quiet >= HEARTBEAT_SECONDS:
                await _sent(send, f": indexed {head[0] if head else 'nothing'}\n\n".encode())
                quiet = time.monotonic()
        return None


def _framed(cursor: str, body: bytes) -> bytes:
    """One event. JSON as we write it has no line breaks, so one line of data holds it."""
    return b"id: " + cursor.encode() + b"\ndata: " + body + b"\n\n"


async def _sent(send: Send, body: bytes) -> None:
    with fail_after(STALLED_SECONDS):
        await send({"type": "http.response.body", "body": body, "more_body": True})
