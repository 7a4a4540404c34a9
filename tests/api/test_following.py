"""Events for ever: over a stream, over a line that breaks, and over pages where no stream gets through."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest
from fastapi import FastAPI

from api import ApiSettings, create_app
from gecchain.answers import EventAnswer
from gecchain.client import Client
from gecchain.client.reading import typed
from gecchain.errors import BadInput, Unavailable
from gecchain.store import open_engine
from tests.api.serving import served
from tests.api.test_stream import Chain
from tests.writing.flaky import flaky_line

BLOCKS = 100


@pytest.fixture
def chain(empty: ApiSettings) -> Iterator[Chain]:
    found = open_engine(empty.database_url)
    yield Chain(found)
    found.dispose()


@pytest.fixture
def app(empty: ApiSettings, chain: Chain) -> FastAPI:
    return create_app(empty)


def quick(_seconds: float) -> None:
    time.sleep(0.02)


def blocks(events: Iterator[EventAnswer], count: int) -> list[int]:
    return [event.place.block for event in islice(events, count)]


def test_what_is_there_then_what_comes(app: FastAPI, chain: Chain) -> None:
    chain.grow(3)
    with served(app) as http, Client(str(http.base_url), pause=quick) as client:
        events = client.follow()
        assert blocks(events, 3) == [1, 2, 3]
        threading.Timer(0.5, lambda: chain.grow(2)).start()
        assert blocks(events, 2) == [4, 5]
        assert app.state.streams.open == 1
        chain.take_back(2)
        chain.grow(1, fork=1)
        undone = next(events)
        assert (undone.kind, undone.data["kept"]) == ("RolledBack", 3)
        assert blocks(events, 1) == [4]
        assert blocks(client.follow(after=undone.cursor), 1) == [4]
        assert next(client.follow(kind=["AccountOpened"])).kind == "AccountOpened"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_line_that_breaks_loses_and_doubles_nothing(app: FastAPI, chain: Chain, seed: int) -> None:
    chain.grow(1)
    over = threading.Event()

    def grow() -> None:
        for _ in range(BLOCKS - 1):
            chain.grow(1)
            over.wait(0.02)

    with (
        served(app) as http,
        flaky_line(str(http.base_url).rstrip("/"), Random(seed), 0.3, chunk=1024) as line,
        Client(line.url, pause=quick, timeout=5) as client,
    ):
        grower = threading.Thread(target=grow)
        grower.start()
        try:
            assert blocks(client.follow(), BLOCKS) == list(range(1, BLOCKS + 1))
        finally:
            over.set()
            grower.join()
        assert line.broken > 3


def test_a_server_that_was_away_is_followed_on(empty: ApiSettings, chain: Chain) -> None:
    """Another server at the same address, after the first one ended with a stream open."""
    chain.grow(2)
    with flaky_line("http://127.0.0.1:9", Random(0), 0) as line, Client(line.url, pause=quick) as client:
        events = client.follow()
        for first in (1, 3):
            with served(create_app(empty)) as http:
                line.lead_to(str(http.base_url))
                assert blocks(events, 2) == [first, first + 1]
            chain.grow(2)


def test_pages_tell_the_same_where_there_is_no_place_for_a_stream(app: FastAPI, chain: Chain) -> None:
    app.state.streams.most = 0
    chain.grow(3)
    with served(app) as http, Client(str(http.base_url), pause=quick) as client:
        events = client.follow()
        assert blocks(events, 3) == [1, 2, 3]
        threading.Timer(0.3, lambda: chain.grow(2)).start()
        assert blocks(events, 2) == [4, 5]


def test_what_no_asking_again_mends_is_raised(app: FastAPI, chain: Chain) -> None:
    chain.grow(1)
    with served(app) as http, Client(str(http.base_url), pause=quick) as client:
        with pytest.raises(BadInput, match="cursor"):
            next(client.follow(after="x"))
        with pytest.raises(BadInput, match="kind"):
            next(client.follow(kind=["Stolen"]))


def test_what_answers_otherwise_is_no_registry(app: FastAPI) -> None:
    with served(app) as http, Client(str(http.base_url)) as client, pytest.raises(Unavailable, match="no registry"):
        typed(EventAnswer, client.transport.get("/v1/health"))
