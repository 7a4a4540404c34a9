"""A proxy before a real node that misbehaves on demand: it delays, drops, doubles and garbles what passes."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

__all__ = ["FaultyProxy", "proxy_to"]

Fault = Callable[[list[str], int], str]
"""Asked with the methods of a request and how many requests came before: which fault, `` for none."""


class FaultyProxy:
    """Where it listens (`url`), which `fault` it commits, and how often it committed each."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.fault: Fault = lambda _methods, _number: ""
        self.requests = 0
        self.committed: list[str] = []
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def choose(self, methods: list[str]) -> str:
        with self._lock:
            number, self.requests = self.requests, self.requests + 1
            fault = self.fault(methods, number)
            if fault:
                self.committed.append(fault)
            return fault

    def forward(self, body: bytes) -> bytes:
        connection = http.client.HTTPConnection(self.target.hostname or "", self.target.port, timeout=30)
        try:
            connection.request("POST", "/", body, {"content-type": "application/json"})
            return connection.getresponse().read()
        finally:
            connection.close()


def _handler(proxy: FaultyProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            calls = json.loads(body)
            methods = [call["method"] for call in (calls if isinstance(calls, list) else [calls])]
            fault = proxy.choose(methods)
            if fault == "drop request":
                self._hang_up()
            elif fault == "busy":
                self._answer(503, b"<html>try later</html>", "text/html")
            elif fault == "drop answer":
                proxy.forward(body)
                self._hang_up()
            else:
                self._answer(200, _spoilt(proxy, body, fault), "application/json")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _hang_up(self) -> None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler


def _spoilt(proxy: FaultyProxy, body: bytes, fault: str) -> bytes:
    if fault == "twice":
        proxy.forward(body)
    answer = proxy.forward(body)
    if fault == "leave one out":
        return json.dumps(json.loads(answer)[1:]).encode()
    return b'"' if fault == "garble" else answer


@contextmanager
def proxy_to(url: str) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(url)
    thread = threading.Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()
