"""What is asked, of what is drawn by the seed: look-ups by number and hash, traces, holdings, and whole lists."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx

from bench.load.asking import Figures, ask
from bench.load.serving import api, empty
from bench.load.story import MONTHS, PIECES, PITCH, World, owner_of
from gecchain.rules import BatchKey, Electricity, number_of, token_id

__all__ = ["CROWD", "Measured", "measure"]

SAMPLES: Final = 2000
CROWD: Final = 16
TURNS: Final = 10
EXPORTS: Final = ("csv", "ndjson")


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table. `p50` and `p99` (ms) are of one connection, `rate` (requests a second) of a crowd;
    `ratio` is the rate beside that of the empty route, asked in turn with it. An export's `rate` is rows a second,
    `p50` the time to its first byte and `p99` that of the whole; it has no ratio.
    """

    what: str
    p50: float
    p99: float
    rate: float
    crowd_p50: float
    crowd_p99: float
    ratio: float
    requests: int
    failures: int
    bytes: int


def measure(url: str, folder: Path, world: World, seconds: float) -> Iterator[Measured]:
    """Measure a filled database."""
    with empty() as bare, api(url, folder) as port, _client(port) as client:
        ask(bare, ["/"], connections=CROWD, seconds=seconds)  # warm
        yield _line("empty FastAPI route", bare, ["/"], seconds, bare)
        for what, paths in _questions(client, world).items():
            _require_good(client, what, paths)
            yield _line(what, port, paths, seconds, bare)
        yield from _exports(client, world)


def _client(port: int) -> httpx.Client:
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=600)


def _line(what: str, port: int, paths: list[str], seconds: float, bare: int) -> Measured:
    """A route's figures. A crowd asks it and the empty route in turn, as a machine has its moods."""
    ask(port, paths, connections=CROWD, seconds=min(2.0, seconds))  # warm
    alone = ask(port, paths, connections=1, seconds=seconds)
    starts = [len(paths) * turn // TURNS for turn in range(TURNS)]
    turns = [_turn(bare, port, paths[at:] + paths[:at], seconds / TURNS) for at in starts]
    beside, crowd = (reduce(add, runs) for runs in zip(*turns, strict=True))
    return Measured(
        what=what,
        p50=alone.slowest_of(0.5),
        p99=alone.slowest_of(0.99),
        rate=crowd.rate,
        crowd_p50=crowd.slowest_of(0.5),
        crowd_p99=crowd.slowest_of(0.99),
        ratio=crowd.rate / beside.rate,
        requests=alone.requests + crowd.requests,
        failures=alone.failures + crowd.failures,
        bytes=(alone.bytes + crowd.bytes) // (alone.requests + crowd.requests),
    )


def _turn(bare: int, port: int, paths: list[str], seconds: float) -> tuple[Figures, Figures]:
    beside = ask(bare, ["/"], connections=CROWD, seconds=seconds)
    return beside, ask(port, paths, connections=CROWD, seconds=seconds)


def _questions(client: httpx.Client, world: World) -> dict[str, list[str]]:
    """Paths by what they are, of certificates drawn from the whole registry."""
    draw = Random(world.seed)
    numbers = [number_of(_token(world, draw)) for _ in range(SAMPLES)]
    hashes = [client.get(f"/v1/verify/{one}").raise_for_status().json()["hash"] for one in numbers]
    owners = [owner_of(draw.choice(world.plants).id) for _ in range(SAMPLES)]
    buyers = [draw.choice(world.buyers) for _ in range(SAMPLES)]
    return {
        "verify by number": [f"/v1/verify/{one}" for one in numbers],
        "verify by hash": [f"/v1/verify/{one}" for one in hashes],
        "certificate": [f"/v1/certificates/{one}" for one in numbers],
        "trace": [f"/v1/trace/{one}" for one in numbers],
        "holdings of an owner, 50 ranges": [f"/v1/accounts/{one}/holdings" for one in owners],
        "holdings of a buyer, 50 ranges": [f"/v1/accounts/{one}/holdings" for one in buyers],
    }


def _token(world: World, draw: Random) -> int:
    batch = BatchKey(draw.choice(world.plants).id, draw.choice(MONTHS), Electricity.ON_GRID, True).id
    return token_id(batch, draw.randrange(PIECES * PITCH))


def _require_good(client: httpx.Client, what: str, paths: list[str]) -> None:
    """The answers are what they should be before they are timed."""
    for path in paths[:20]:
        found: Any = client.get(path).raise_for_status().json()
        if "verify" in what and (found["verdict"], found["genuine"]) != ("valid", True):
            raise SystemExit(f"{path} is {found['verdict']}")
        if "holdings" in what and not found["items"]:
            raise SystemExit(f"{path} is empty")


def _exports(client: httpx.Client, world: World) -> Iterator[Measured]:
    """A buyer's purchases and an owner's ranges as files, one after the other."""
    lists = {
        "trades of a buyer": f"/v1/trades?buyer={world.buyers[0]}",
        "trades of certificates of a month": f"/v1/trades?month={MONTHS[0]}",
    }
    for (what, path), form in ((pair, form) for pair in lists.items() for form in EXPORTS):
        began = time.perf_counter()
        rows = size = 0
        first = 0.0
        with client.stream("GET", f"{path}&format={form}", headers={"Accept-Encoding": "identity"}) as answer:
            failed = answer.status_code != 200
            for part in answer.iter_bytes():
                first = first or time.perf_counter() - began
                rows += part.count(b"\n")
                size += len(part)
        took = time.perf_counter() - began
        count = rows - (form == "csv")
        yield Measured(
            f"export, {what}, {form}, {count:,} rows", first * 1000, took * 1000, count / took, 0, 0, 0, 1, failed, size
        )
