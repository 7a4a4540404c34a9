"""A platform over a line that breaks, with a bookkeeper that is killed: at the end its books are the registry's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gecchain.answers import EventAnswer
from gecchain.client import Client
from gecchain.errors import Unavailable
from gecchain.signer import development_signer
from tests.world import BUYER, PLATFORM, World
from tests.writing.flaky import flaky_line
from tests.writing.test_requests import OWNER, batch, platform, send

__all__ = ["batch"]

SEEDS = (1, 2)
OPERATIONS = 40
CUT = 0.12
LAST_SERIAL = 99


@dataclass
class Books:
    """Who holds which serial, as events told; kept in a file with the cursor, whole or not at all."""

    path: Path
    cursor: str | None
    holders: dict[str, str]

    @classmethod
    def opened(cls, path: Path) -> Books:
        read = json.loads(path.read_text())
        return cls(path, read["cursor"], read["holders"])

    def save(self) -> None:
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps({"cursor": self.cursor, "holders": self.holders}))
        partial.rename(self.path)

    def book(self, event: EventAnswer) -> None:
        data: Mapping[str, Any] = event.data
        for serial in range(data.get("start", 0), data.get("end", 0)):
            if event.kind == "Traded":
                assert self.holders[str(serial)] == data["seller"]
                self.holders[str(serial)] = data["buyer"]
            elif event.kind == "Retired":
                del self.holders[str(serial)]
        self.cursor = event.cursor


def follow(client: Client, path: Path, dies_after: int) -> None:
    """Books what is new and saves every third event; ends, as if killed, after so many without saving the last ones."""
    books = Books.opened(path)
    for count, event in enumerate(client.events(after=books.cursor, limit=7), 1):
        books.book(event)
        if count % 3 == 0:
            books.save()
        if count == dies_after:
            return
    books.save()


@contextmanager
def sending(world: World) -> Iterator[None]:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            send(world)
            over.wait(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def persistent(ask: Any) -> Any:
    """Asks until it is answered, as a platform's queue does."""
    for _try in range(20):
        try:
            return ask()
        except Unavailable:
            continue
    raise AssertionError("the line is never up")


def wish_of(random: Random, client: Client, world: World, batch: int) -> Any:
    start = random.randint(0, LAST_SERIAL - 1)
    end = min(start + random.randint(1, 12), LAST_SERIAL + 1)
    span = {"batch": str(batch), "start": start, "end": end}
    kind = random.choice(["list", "list", "take", "take", "take", "withdraw", "retire", "retire by stranger"])
    lot = random.randint(1, 12)
    if kind == "list":
        return client.sign(development_signer(OWNER), "market.list", span | {"price": 1, "platforms": 1})
    if kind == "take":
        order = {"listing": lot, "quantity": random.randint(1, 5), "buyer": world.account(BUYER)}
        return client.sign(development_signer("platform"), "market.take", order | {"platform": world.account(PLATFORM)})
    if kind == "withdraw":
        return client.sign(development_signer(OWNER), "market.withdraw", {"listing": lot})
    claim = {"beneficiary": "某公司", "purpose": 4, "from": 1512, "to": 1513, "statement": ""}
    who = {"retire": "buyer", "retire by stranger": "stranger"}[kind]
    return client.sign(development_signer(who), "certificates.retire", span | {"claim": claim})


@pytest.mark.parametrize("seed", SEEDS)
def test_the_books_of_a_platform_end_equal(world: World, batch: int, seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    path = tmp_path / "books.json"
    owner = world.context.reader.owner_of(batch << 32)
    with platform(world) as direct, flaky_line(direct.transport.url, random, CUT) as line, sending(world):
        assert list(direct.holdings(owner, min_block=world.context.reader.head()))
        Books(path, None, {str(serial): owner for serial in range(LAST_SERIAL + 1)}).save()
        with Client(line.url, token=direct.transport.token, timeout=5, pause=lambda _seconds: None) as client:
            states: dict[str, str] = {}
            for number in range(OPERATIONS):
                wish = wish_of(random, direct, world, batch)
                (taken,) = persistent(lambda w=wish, n=number: client.hand_in([w], key=f"op {n}"))
                states[taken.id] = persistent(lambda name=taken.id: client.wait(name, seconds=30)).state
                if random.random() < 0.3:
                    persistent(lambda: follow(client, path, dies_after=random.randint(1, 20)))
            persistent(lambda: follow(client, path, dies_after=1 << 30))
        held: dict[str, str] = {}
        for account in (owner, world.account(BUYER)):
            for holding in direct.holdings(account):
                held |= {str(serial): account for serial in range(holding.range.start, holding.range.end)}
        assert Books.opened(path).holders == held
        assert world.context.reader.balance_of(owner) == sum(holder == owner for holder in held.values())
        assert line.broken > 10
        assert set(states.values()) == {"done", "refused"}
