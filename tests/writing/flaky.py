"""A line that breaks: it passes bytes on, and cuts now and then, before or after the server heard of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from urllib.parse import urlsplit

__all__ = ["Line", "flaky_line"]

_CHUNK = 65_536


class Line:
    """`cut` is the share of pieces, of at most `chunk` bytes, at which it breaks; `broken` counts them."""

    def __init__(self, upstream: str, random: Random, cut: float, chunk: int) -> None:
        self.lead_to(upstream)
        self._chunk = chunk
        self._random, self.cut, self.broken = random, cut, 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._open = True

    def lead_to(self, upstream: str) -> None:
        """New connections go there."""
        place = urlsplit(upstream)
        self._upstream = (place.hostname or "", place.port or 0)

    def run(self) -> None:
        """Accept until closed."""
        while self._open:
            with suppress(OSError):
                client, _address = self._server.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Takes no more connections."""
        self._open = False
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _pass_on(self, client: socket.socket) -> None:
        with suppress(OSError), client, socket.create_connection(self._upstream) as server:
            back = threading.Thread(target=self._copy, args=(server, client), daemon=True)
            back.start()
            self._copy(client, server)
            back.join()

    def _copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(self._chunk):
                if self._random.random() < self.cut:
                    self.broken += 1
                    # Half of what was on its way may have arrived.
                    target.sendall(chunk[: len(chunk) // 2 if self._random.random() < 0.5 else len(chunk)])
                    break
                target.sendall(chunk)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def flaky_line(upstream: str, random: Random, cut: float, chunk: int = _CHUNK) -> Iterator[Line]:
    """A line to `upstream` for as long as the context lasts."""
    line = Line(upstream, random, cut, chunk)
    thread = threading.Thread(target=line.run)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join()
