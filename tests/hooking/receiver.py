"""A receiver on a real socket, in threads of this process, that behaves as a test wants."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Call"], None]


@dataclass(frozen=True)
class Got:
    """One request as it came in; `status` is what it was answered, 0 for nothing."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def place(self) -> tuple[int, int]:
        place = self.document["data"]["place"]
        return place["block"], place["log_index"]


class Call(BaseHTTPRequestHandler):
    """A request that is being answered."""

    protocol_version = "HTTP/1.1"
    server: Server
    body: bytes = b""
    answered = 0

    def do_POST(self) -> None:
        size = int(self.headers["content-length"])
        self.body = self.rfile.read(size)
        if len(self.body) < size:  # whoever sent it was killed
            self.close_connection = True
            return
        try:
            self.server.behaviour(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            if not self.answered:
                self.server.keep(self)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Keep it first: whoever has the answer may look at once for what came in."""
        self.answered = status
        self.server.keep(self)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drop(self) -> None:
        """End the connection without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def hang(self) -> None:
        """Say nothing until the other side has gone."""
        self.close_connection = True
        self.connection.settimeout(60)
        self.rfile.read(1)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    behaviour: Behaviour
    keep: Callable[[Call], None]

    def handle_error(self, *_: object) -> None:
        """A sender that gave up is no error."""


def taking(call: Call) -> None:
    call.answer(204)


class Receiver:
    """What it got, in the order in which it came; `behaviour` may be changed at any time."""

    def __init__(self, behaviour: Behaviour, address: str = "127.0.0.1") -> None:
        self.got: list[Got] = []
        self._server = Server((address, 0), Call)
        self._server.keep = self._keep
        self.behaviour = behaviour

    @property
    def behaviour(self) -> Behaviour:
        return self._server.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._server.behaviour = behaviour

    @property
    def server(self) -> Server:
        return self._server

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def taken(self) -> list[Got]:
        return [one for one in self.got if 200 <= one.status < 300]

    def _keep(self, call: Call) -> None:
        headers = {name.lower(): value for name, value in call.headers.items()}
        self.got.append(Got(call.path, headers, call.body, call.answered, time.monotonic()))


@contextmanager
def receiving(behaviour: Behaviour = taking) -> Iterator[Receiver]:
    receiver = Receiver(behaviour)
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()
