"""Events as they come: resumed, told what was undone, kept alive, and ended when reader or server ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.event import listen

from api import ApiSettings, create_app, streams
from gecchain.events import AccountOpened, Recorded
from gecchain.store import open_engine
from gecchain.store.indexing import Cursor, Header, Projection
from tests.api.serving import served
from tests.api.story import BUYER, START
from tests.api.test_routes import everything
from tests.conftest import ROOT, free_port

STREAM = "/v1/events/stream"


class Reader:
    """Reads one stream as a browser does: `id` and `data` of each event, and comments."""

    def __init__(self, answer: httpx.Response) -> None:
        self.lines = answer.iter_lines()
        self.comments: list[str] = []
        self.last: str | None = None

    def next(self) -> dict[str, Any]:
        for line in self.lines:
            if line.startswith(":"):
                self.comments.append(line)
            elif line.startswith("id: "):
                self.last = line.removeprefix("id: ")
            elif line.startswith("data: "):
                return json.loads(line.removeprefix("data: "))  # type: ignore[no-any-return]
        raise EOFError

    def take(self, count: int) -> list[dict[str, Any]]:
        return [self.next() for _ in range(count)]


@contextmanager
def reading(client: httpx.Client, query: str = "", **headers: str) -> Iterator[Reader]:
    with client.stream(
        "GET", STREAM + query, headers={name.replace("_", "-"): text for name, text in headers.items()}
    ) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-indexed-block"]
        yield Reader(answer)


class Chain:
    """A chain of blocks with one event each, written by the projection itself, that can be taken back."""

    def __init__(self, engine: Engine) -> None:
        self.projection = Projection(engine)
        self.at: Cursor = self.projection.start("story", self._header(0, 0))

    @staticmethod
    def _header(number: int, fork: int) -> Header:
        own, before = (sha256(f"{at} {fork}".encode()).hexdigest() for at in (number, number - 1))
        return Header(number, "0x" + own, "0x" + before, START + number)

    def grow(self, count: int, fork: int = 0, name: str = "") -> None:
        parts = []
        for number in range(self.at.block + 1, self.at.block + 1 + count):
            who, header = f"0x{number:038x}{fork:02x}", self._header(number, fork)
            opened = AccountOpened(who, 2, 0, who, name)
            parts.append((header, [Recorded(number, 0, header.hash, "0x" + "11" * 32, header.time, opened)]))
        if count > 100:
            self.at = self.projection.extend(self.at, parts, 0, undoable=False)
            return
        for part in parts:
            self.at = self.projection.extend(self.at, [part], 0, undoable=True)

    def take_back(self, count: int) -> None:
        self.at = self.projection.roll_back(self.at, self.at.block - count)


@pytest.fixture
def chain(empty: ApiSettings) -> Iterator[Chain]:
    engine = open_engine(empty.database_url)
    yield Chain(engine)
    engine.dispose()


@pytest.fixture
def app(empty: ApiSettings, chain: Chain) -> FastAPI:
    return create_app(empty)


def test_the_stream_is_the_feed(client: httpx.Client) -> None:
    events = everything(client, "/v1/events", limit=500)
    with reading(client) as stream:
        assert stream.take(len(events)) == events
        assert stream.last == events[-1]["cursor"]
    about = everything(client, "/v1/events", account=BUYER)
    with reading(client, f"?account={BUYER}") as stream:
        assert stream.take(len(about)) == about
    with reading(client, "?kind=Retired&kind=Frozen") as stream:
        assert [event["kind"] for event in stream.take(4)] == ["Frozen", "Frozen", "Retired", "Retired"]


def test_a_stream_goes_on_where_the_last_one_ended(client: httpx.Client) -> None:
    events = everything(client, "/v1/events", limit=500)
    with reading(client, Last_Event_ID=events[4]["cursor"]) as stream:
        assert stream.take(3) == events[5:8]
    with reading(client, f"?after={events[2]['cursor']}") as stream:
        assert stream.take(3) == events[3:6]
    with reading(client, f"?after={events[2]['cursor']}", Last_Event_ID=events[7]["cursor"]) as stream:
        assert stream.next() == events[8]


@pytest.mark.parametrize("query", ["?after=x", "?kind=Stolen", "?account=1", "?project=CW", "?min_block=-1"])
def test_what_cannot_be_followed_is_a_problem(client: httpx.Client, query: str) -> None:
    answer = client.get(STREAM + query)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_who_takes_no_stream_gets_none(client: httpx.Client) -> None:
    assert client.get(STREAM, headers={"Accept": "application/json"}).status_code == 406
    head = client.head(STREAM, headers={"Accept": "text/event-stream"})
    assert (head.status_code, head.content) == (200, b"")


def test_new_blocks_are_told_and_what_was_undone(app: FastAPI, chain: Chain) -> None:
    chain.grow(3)
    with served(app) as client, reading(client) as stream:
        assert [event["place"]["block"] for event in stream.take(3)] == [1, 2, 3]
        chain.grow(2)
        assert [event["place"]["block"] for event in stream.take(2)] == [4, 5]
        chain.take_back(3)
        chain.grow(4, fork=1)
        undone = stream.next()
        assert (undone["kind"], undone["data"]["kept"]) == ("RolledBack", 2)
        events = stream.take(4)
        assert [event["place"]["block"] for event in events] == [3, 4, 5, 6]
        assert all(event["data"]["account"].endswith("01") for event in events)
        feed = everything_of(client)
    assert [event["cursor"] for event in events] == [event["cursor"] for event in feed[2:]]


def everything_of(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/v1/events?limit=500").json()["items"])


def test_who_was_away_during_a_reorganisation_is_told(app: FastAPI, chain: Chain) -> None:
    chain.grow(5)
    with served(app) as client:
        with reading(client) as stream:
            stream.take(5)
            last = stream.last or ""
        chain.take_back(2)
        chain.grow(1, fork=1)
        chain.take_back(2)
        chain.grow(3, fork=2)
        with reading(client, Last_Event_ID=last) as stream:
            assert [stream.next()["data"] for _ in range(1)] == [{"kept": 2, "undone": 5}]
            assert [event["place"]["block"] for event in stream.take(3)] == [3, 4, 5]
        page = client.get("/v1/events", params={"after": last, "limit": 1}).json()
        assert page["items"][0]["kind"] == "RolledBack"
        assert client.get("/v1/events", params={"after": page["next"]}).json()["items"] == everything_of(client)[2:]


def test_a_quiet_stream_shows_that_it_lives(app: FastAPI, chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.2)
    chain.grow(1)
    with served(app) as client, reading(client) as stream:
        stream.next()
        threading.Timer(1.5, lambda: chain.grow(1)).start()
        assert stream.next()["place"]["block"] == 2
    assert ": indexed 1" in stream.comments


def test_there_are_not_more_streams_than_there_may_be(app: FastAPI, chain: Chain) -> None:
    app.state.streams.most = 2
    chain.grow(1)
    with served(app) as client:
        with reading(client) as one, reading(client) as two:
            one.next()
            two.next()
            answer = client.get(STREAM)
            assert (answer.status_code, answer.json()["type"]) == (503, "/docs#problem-unavailable")
            assert answer.headers["retry-after"]
        until(lambda: app.state.streams.open == 0)
        with reading(client) as again:
            again.next()


def until(true: Any, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_reader_that_takes_nothing_costs_one_page_and_is_let_go(
    app: FastAPI, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page waits in front of the full socket; no more is read for it, and after a while its place is free."""
    monkeypatch.setattr(streams, "STALLED_SECONDS", 1.0)
    chain.grow(2000, name="长" * 5000)
    pages: list[str] = []
    listen(app.state.registry._reader, "before_cursor_execute", lambda *about: pages.append(about[2]))
    with served(app) as client, socket.socket() as idle:
        idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        idle.connect((client.base_url.host, client.base_url.port or 0))
        idle.sendall(f"GET {STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        until(lambda: app.state.streams.open == 1)
        until(lambda: app.state.streams.open == 0)
    assert 1 <= sum("FROM events" in statement or "JOIN events" in statement for statement in pages) < 10  # of twenty


def test_a_server_that_ends_ends_its_streams(empty: ApiSettings, chain: Chain) -> None:
    """A real server in a process of its own, told by SIGTERM: the stream has its end, the server a clean exit."""
    chain.grow(2)
    port = free_port()
    settings = {"GEC_DATABASE_URL": empty.database_url, "GEC_DEPLOYMENT": str(empty.deployment_file)}
    words = ["-m", "uvicorn", "--factory", "api.main:application", "--port", str(port), "--log-level", "error"]
    process = subprocess.Popen([sys.executable, *words], env={**os.environ, **settings}, cwd=ROOT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            until(lambda: answers(client), seconds=60)
            with reading(client) as stream:
                stream.take(2)
                process.send_signal(signal.SIGTERM)
                with pytest.raises(EOFError):
                    stream.next()
        assert process.wait(30) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/v1/health").status_code == 200
    except httpx.TransportError:
        return False
