"""Sends one message, and gives up in time whatever the receiver does.

Names are looked up here, every address is checked, and the connection goes to an address that was checked, so a name
that changes its mind reaches nothing. No redirect is followed, no proxy asked, no answer read to its end.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

import httpcore
import httpx

from gecchain.hooking.receivers import is_public

__all__ = ["Answer", "Sender"]

TIMEOUT_SECONDS: Final = 15.0
_READ_AT_MOST: Final = 64 << 10
_NAMES_AT_ONCE: Final = 64
_KEPT_OPEN: Final = 64
_KEPT_SECONDS: Final = 30.0
_REDIRECTS: Final = range(300, 400)
_LONGEST_WORDS: Final = 200

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, blocking; OSError if there are none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said: HTTP status, 0 for none; `error` in words or empty; `asked` is its Retry-After, seconds."""

    status: int
    error: str
    milliseconds: int
    asked: int = 0

    @property
    def is_taken(self) -> bool:
        """Whether the message counts as delivered."""
        return not self.error


class NotAllowed(OSError):
    """A host stands for an address that nothing is sent to."""


def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Sender:
    """A pool of connections to receivers. With `private` also to our own network: for development."""

    def __init__(
        self,
        *,
        private: bool = False,
        timeout: float = TIMEOUT_SECONDS,
        at_once: int = 256,
        resolve: Resolve = addresses_of,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._timeout = timeout
        self._names = ThreadPoolExecutor(_NAMES_AT_ONCE, thread_name_prefix="names")
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trusted or ssl.create_default_context(),
            max_connections=at_once + _KEPT_OPEN,
            max_keepalive_connections=_KEPT_OPEN,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_Checked(private=private, resolve=resolve, names=self._names),
        )

    async def send(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """Post a body. Never raises for what a receiver, its name or its network does."""
        began = time.monotonic()
        status, asked, error = 0, 0, ""
        try:
            async with asyncio.timeout(self._timeout), self._posted(url, headers, body) as response:
                status, asked = response.status, _retry_after(response.headers)
                await _read_some(response)
        except TimeoutError:
            error = f"no answer within {self._timeout:g} seconds"
        except Exception as failure:  # noqa: BLE001 - whatever a stranger's server does is its answer
            error = _reason(failure)
        # A status that came counts, also if the rest of the answer never does.
        error = _said(status) if status else error
        return Answer(status, error[:_LONGEST_WORDS], int((time.monotonic() - began) * 1000), asked)

    def _posted(
        self, url: str, headers: Mapping[str, str], body: str
    ) -> AbstractAsyncContextManager[httpcore.Response]:
        to = httpx.URL(url)
        raw = httpcore.URL(scheme=to.raw_scheme, host=to.raw_host, port=to.port, target=to.raw_path)
        return self._pool.stream("POST", raw, headers=list(headers.items()), content=body.encode())

    async def close(self) -> None:
        """End every connection."""
        await self._pool.aclose()
        self._names.shutdown(wait=False, cancel_futures=True)


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to no names."""

    def __init__(self, *, private: bool, resolve: Resolve, names: ThreadPoolExecutor) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._private = private
        self._resolve = resolve
        self._names = names

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers; NotAllowed if any of them is not public."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._names, self._resolve, host, port)
        if not self._private:
            for address in found:
                if not is_public(address):
                    raise NotAllowed(f"{host} is {address}, which is of no public network")
        trouble: Exception = NotAllowed(f"{host} has no address")
        for address in found:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
                trouble = failure
        raise trouble

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


async def _read_some(response: httpcore.Response) -> None:
    """So much that the connection can be used again after an ordinary answer; leaving more unread closes it."""
    read = 0
    async for part in response.aiter_stream():
        read += len(part)
        if read > _READ_AT_MOST:
            return


def _said(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return f"answered {status}; redirects are not followed" if status in _REDIRECTS else f"answered {status}"


def _reason(failure: Exception) -> str:
    words = str(failure) or (str(failure.__cause__) if failure.__cause__ else "")
    return f"{type(failure).__name__}: {words}" if words else type(failure).__name__


def _retry_after(headers: Sequence[tuple[bytes, bytes]]) -> int:
    """Seconds that the receiver asked for; a date is not read."""
    for name, value in headers:
        if name.lower() == b"retry-after" and value.isdigit():
            return int(value[:9])
    return 0
