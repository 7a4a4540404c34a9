"""`gec index --follow`, killed twenty times while blocks come in: in the end the projection is the one made afresh."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, select

from gecchain import fsck
from gecchain.indexer import catch_up
from gecchain.rules import MoveKind
from gecchain.store import connected, migrate, open_engine
from gecchain.store.indexing import Projection
from tests.crash.killing import kennel
from tests.world import World, draft, last_months, node, on_grid

KILLS = 20
PROJECTS = [draft(number) for number in range(40)]
LONGEST_SECONDS = 0.15
BLOCKS_BEHIND = 40  # less than what it would write at once
BASIS = b"\1" * 32
NOT_FACTS = {"blocks", "undo"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with node(tmp_path) as url:
        world = World(url, tmp_path / "home")
        world.file(PROJECTS)
        yield world
        world.close()


class Traffic(threading.Thread):
    """Certificates that are moved and frozen without end; every call is a block."""

    def __init__(self, world: World, batches: list[int]) -> None:
        super().__init__()
        self._world = world
        self._batches = batches
        self._ending = threading.Event()
        self.trouble: list[BaseException] = []

    def run(self) -> None:
        try:
            for serial in range(0, 10_000, 2):
                for batch in self._batches:
                    if self._ending.wait(0.001):
                        return
                    self._world.call(
                        "authority",
                        "Certificates",
                        "move",
                        batch,
                        serial,
                        serial + 1,
                        self._buyer,
                        int(MoveKind.SUCCESSION),
                        BASIS,
                    )
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.trouble.append(error)

    @property
    def _buyer(self) -> str:
        return self._world.account("Buyer A")

    def end(self) -> None:
        self._ending.set()
        self.join(30)
        assert not self.trouble, self.trouble


def test_twenty_kills_lose_and_double_no_block(world: World, record_property: Callable[[str, object], None]) -> None:
    (month,) = last_months(1)
    world.take_in(month, (on_grid(one, 20_000_000_000 + one.key.sequence) for one in PROJECTS))
    assert world.run("issue", "--month", str(month)) == 0
    projection = Projection(world.context.projection)
    traffic = Traffic(world, [world.batch(one, month) for one in PROJECTS[:4]])
    words = ["index", "--follow", "--poll", "0.01"]
    chance = random.Random()
    killed, behind, reached = 0, 0, [block_of(projection)]
    traffic.start()
    try:
        with kennel(world) as processes:
            for _kill in range(KILLS):
                world.context.rpc.request("anvil_mine", hex(BLOCKS_BEHIND))
                moment = chance.uniform(0, LONGEST_SECONDS)
                killed += processes.kill(words, partial(goes_on, projection, traffic, reached[-1]), moment)
                reached.append(block_of(projection))
                behind += reached[-1] < world.context.reader.head()
    finally:
        traffic.end()
    record_property("reached", reached)
    assert killed == KILLS
    assert reached == sorted(set(reached)), "every run went on where the one before was cut"
    assert behind >= KILLS // 4, "blocks were still to come when it was cut"
    assert_as_made_afresh(world, projection)


def goes_on(projection: Projection, traffic: Traffic, block: int, _process: int) -> bool:
    assert traffic.is_alive(), f"nothing comes any more: {traffic.trouble}"
    return block_of(projection) > block


def block_of(projection: Projection) -> int:
    found = projection.cursor()
    return found.block if found else 0


def assert_as_made_afresh(world: World, projection: Projection) -> None:
    catch_up(world.context.reader, projection)
    report = fsck.check(world.context.reader, projection)
    assert report.passed, report.first_difference
    engine = open_engine(f"sqlite:///{world.home}/afresh.db")
    migrate(engine)
    catch_up(world.context.reader, Projection(engine))
    assert dump(world.context.projection) == dump(engine)
    engine.dispose()


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table, but what undoes the newest blocks: that depends on when they were written."""
    tables = MetaData()
    with connected(engine) as db:
        tables.reflect(db)
        kept = [table for table in tables.sorted_tables if table.name not in NOT_FACTS]
        return {table.name: sorted(map(repr, db.execute(select(table)))) for table in kept}
