"""The load generator: connections that each ask again as soon as they are answered (HTTP/1.1, kept alive).

It is ours, on asyncio's transports: it sends prepared bytes and reads heads and lengths, which costs a few tens of
microseconds a request, where clients in Python cost more than the routes that are measured, and those of npm and Debian
are one more thing to fetch. It runs in a process of its own beside the servers' and counts from the request's first
byte to the answer's last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

__all__ = ["Figures", "ask"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to: seconds are wall clock, latencies milliseconds; `times` are those of all requests, sorted."""

    times: tuple[float, ...]
    failures: int
    seconds: float
    bytes: int

    @property
    def requests(self) -> int:
        """How many were answered."""
        return len(self.times)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def slowest_of(self, share: float) -> float:
        """The latency that this share of the requests did not exceed."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]

    def __add__(self, other: Figures) -> Figures:
        """Two runs, one after the other."""
        return Figures(
            times=tuple(sorted((*self.times, *other.times))),
            failures=self.failures + other.failures,
            seconds=self.seconds + other.seconds,
            bytes=self.bytes + other.bytes,
        )


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], deadline: float, over: asyncio.Future[None]) -> None:
        self._requests, self._deadline, self._over = requests, deadline, over
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._left = -1
        self._began = 0.0
        self.times: list[float] = []
        self.failures = 0
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        self._began = time.perf_counter()
        if self._began >= self._deadline:
            self._transport.close()
            return
        self._head, self._left = b"", -1
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            at = head.find(b"content-length: ")
            length = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self.failures += not head.startswith(b"http/1.1 200")
            self._left = length - (len(self._head) - end - 4)
        else:
            self._left -= len(data)
        if self._left <= 0:
            self.times.append(time.perf_counter() - self._began)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self.failures += error is not None or time.perf_counter() < self._deadline
        if not self._over.done():
            self._over.set_result(None)


def ask(port: int, paths: Sequence[str], *, connections: int, seconds: float) -> Figures:
    """Ask for these paths in turn for so long."""
    return asyncio.run(_ask(port, paths, connections, seconds))


async def _ask(port: int, paths: Sequence[str], connections: int, seconds: float) -> Figures:
    loop = asyncio.get_running_loop()
    requests = cycle([f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n".encode() for path in paths])
    began = time.perf_counter()
    over, running = [], []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _transport, protocol = await loop.create_connection(
            lambda done=done: _Connection(requests, began + seconds, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        over.append(done)
        running.append(protocol)
    await asyncio.gather(*over)
    took = time.perf_counter() - began
    return Figures(
        times=tuple(sorted(one * 1000 for connection in running for one in connection.times)),
        failures=sum(connection.failures for connection in running),
        seconds=took,
        bytes=sum(connection.bytes for connection in running),
    )
