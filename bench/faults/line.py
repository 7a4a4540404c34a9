"""A node behind a bad line: requests come late, get lost before or after it heard them, come twice, or come cut off."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import httpx
import orjson

__all__ = ["FAULTS", "BadLine", "bad_line"]

FAULTS = ("late", "lost", "unanswered", "twice", "cut off", "shuffled", "gateway", "stale nonce")
LATEST_SECONDS = 0.2


class BadLine(ThreadingHTTPServer):
    """Passes JSON-RPC on to `upstream`; `share` of the requests suffer a fault, counted in `done` by its name."""

    daemon_threads = True

    def __init__(self, upstream: str, random: Random, share: float) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream, self.share = upstream, share
        self.done: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.client = httpx.Client(timeout=60, trust_env=False)
        self.random, self._guard = random, threading.Lock()
        self._nonces: dict[str, str] = {}

    def drawn(self, body: Any) -> str:
        """The fault of a request, or none; only what fits it."""
        with self._guard:
            if self.random.random() >= self.share:
                return ""
            known = _asks_nonce(body) in self._nonces
            fault = "stale nonce" if known and self.random.random() < 0.5 else self.random.choice(FAULTS)
            if not {"shuffled": isinstance(body, list), "stale nonce": known}.get(fault, True):
                fault = "late"
            self.done[fault] += 1
            return fault

    def passed_on(self, content: bytes) -> bytes:
        """The node's answer."""
        return self.client.post(self.upstream, content=content, headers={"content-type": "application/json"}).content

    def remembered(self, body: Any, answer: bytes, *, stale: bool) -> bytes:
        """An answer on a nonce, or, as a node that is behind would give it, the one before."""
        key = _asks_nonce(body)
        if not key:
            return answer
        read = orjson.loads(answer)
        with self._guard:
            before, self._nonces[key] = self._nonces.get(key, read["result"]), read["result"]
        return orjson.dumps(read | {"result": before}) if stale else answer

    def shuffled(self, answer: bytes) -> bytes:
        """A batch's answers in another order, which JSON-RPC allows."""
        read = orjson.loads(answer)
        with self._guard:
            self.random.shuffle(read)
        return orjson.dumps(read)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news here."""


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BadLine

    def log_message(self, *_args: Any) -> None:
        pass

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        body = orjson.loads(content)
        fault = self.server.drawn(body)
        if fault == "late":
            time.sleep(self.server.random.uniform(0, LATEST_SECONDS))
        if fault == "lost":
            self.close_connection = True
            return
        if fault == "gateway":
            self._answer(502, b"<html><body>Bad Gateway</body></html>")
            return
        answer = self.server.passed_on(content)
        if fault == "twice":
            answer = self.server.passed_on(content)
        if fault == "unanswered":
            self.close_connection = True
            return
        answer = self.server.remembered(body, answer, stale=fault == "stale nonce")
        if fault == "shuffled":
            answer = self.server.shuffled(answer)
        self._answer(200, answer, cut=fault == "cut off")

    def _answer(self, status: int, content: bytes, *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut


def _asks_nonce(body: Any) -> str:
    """Whose nonce is asked for, if that is what is asked."""
    if not isinstance(body, dict) or body.get("method") != "eth_getTransactionCount":
        return ""
    return str(body["params"])


@contextmanager
def bad_line(upstream: str, random: Random, share: float) -> Iterator[BadLine]:
    """A bad line to a node for as long as the context lasts."""
    line = BadLine(upstream, random, share)
    thread = threading.Thread(target=line.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield line
    finally:
        line.shutdown()
        thread.join()
        line.server_close()
        line.client.close()
