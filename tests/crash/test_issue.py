"""`gec issue`, killed twenty times at random moments: run again it completes, and mints nothing twice."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from gecchain import fsck
from gecchain.chain.views import View
from gecchain.indexer import catch_up
from gecchain.issuance import plan_month
from gecchain.rules import Month
from gecchain.store.indexing import Projection
from tests.crash.killing import kennel
from tests.world import World, draft, last_months, node, on_grid

PROVIDERS = [f"Grid {letter}" for letter in "ABCDEFGH"]
PROJECTS = [draft(number) for number in range(96)]
EACH = len(PROJECTS) // len(PROVIDERS)
KILLS = 20
MEASURED = 2
WORKING = 0.6
"""Share of the time from the first transaction to the end of the process in which there is something to cut."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with node(tmp_path) as url:
        world = World(url, tmp_path / "home", providers=PROVIDERS)
        world.file(PROJECTS)
        yield world
        world.close()


def wh_of(project: int, month: Month) -> int:
    """No round figures: each month leaves a carry to the next."""
    return 1_000_000 + (project * 7_919_993 + month.index * 1_234_567) % 30_000_000


def take_in(world: World, month: Month) -> None:
    for at, provider in enumerate(PROVIDERS):
        rows = (on_grid(one, wh_of(one.key.sequence, month)) for one in PROJECTS[at * EACH : (at + 1) * EACH])
        assert world.take_in(month, rows, provider).accepted == EACH


def is_at_work(world: World, pid: int) -> bool:
    """Whether the process holds the authority's lock."""
    locks = world.home / "locks"
    return locks.exists() and any(file.read_text() == str(pid) for file in locks.glob("*.lock"))


def state_of(world: World, month: Month) -> tuple[int, int, int]:
    """What a cut left behind: signed transactions on their way, commitments on the chain, readings issued."""
    engine = world.context.journal
    pending = sum(len(engine.pending(world.writer(name).sender)) for name in ["authority", *PROVIDERS])
    lots = plan_month(world.context.readings, world.context.reader, month).lots
    return (
        pending,
        sum(lot.commitment is not None for lot in lots),
        sum(lot.issued for lot in lots),
    )


def test_twenty_kills_mint_nothing_twice_and_miss_nothing(
    world: World, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    months = last_months(MEASURED + KILLS)
    for month in months:
        take_in(world, month)
    energy = dict.fromkeys((one.key.id for one in PROJECTS), 0)
    killed = halfway = 0
    for month, (cut, state) in zip(months, cuts(world, months), strict=True):
        killed += cut
        pending, commitments, issued = state
        halfway += cut and pending + commitments + issued > 0 and issued < len(PROJECTS)
        assert world.json(capsys, "issue", "--month", str(month))[0] == 0
        for one in PROJECTS:
            energy[one.key.id] += wh_of(one.key.sequence, month)
        assert_exact(world, month, energy)
    status, again = world.json(capsys, "issue", "--month", str(months[-1]))
    assert (status, again["asked"], again["transactions"]) == (0, 0, [])
    record_property("killed", killed)
    record_property("halfway", halfway)
    assert killed >= KILLS // 2, f"only {killed} of {KILLS} were killed before their end"
    assert halfway >= KILLS // 4, f"only {halfway} of {KILLS} were cut in the middle of the work"
    assert_sound(world, sum(energy.values()))


def cuts(world: World, months: Sequence[Month]) -> Iterator[tuple[bool, tuple[int, int, int]]]:
    """Issue each month in a process of its own: two to their end, to see how long it takes; the rest is killed.

    Three of four are killed after they began to send, on a chain with a block a second: planning and ending take most
    of the time otherwise. With each comes what it left behind, before another block was made.
    """
    chance = random.Random()
    wholes: list[float] = []
    with kennel(world) as processes:
        for at, month in enumerate(months):
            words = ["issue", "--month", str(month)]
            sends = at % 4 != 0
            with blocks_a_second(world) if sends else nullcontext():
                sign = partial(has_sent, world, written(world)) if sends else partial(is_at_work, world)
                if at < MEASURED:
                    wholes.append(processes.run(words, sign))
                    cut = False
                else:
                    last = wholes[1] * WORKING if sends else wholes[0]
                    cut = processes.kill(words, sign, chance.uniform(0, last))
                if sends:
                    world.context.rpc.request("evm_setIntervalMining", 0)
                state = state_of(world, month)
            yield cut, state


@contextmanager
def blocks_a_second(world: World) -> Iterator[None]:
    """No block at once, but one each second; what waits afterwards is mined at once again."""
    world.context.rpc.request("evm_setIntervalMining", 1)
    yield
    world.context.rpc.request("evm_setAutomine", True)


def written(world: World) -> int:
    """Transactions that were ever written down in this home."""
    with closing(sqlite3.connect(world.home / "intake.db")) as db:
        return int(db.execute("SELECT count(*) FROM intake_intents").fetchone()[0])


def has_sent(world: World, before: int, _pid: int) -> bool:
    """Whether another transaction was written down."""
    return written(world) > before


def assert_exact(world: World, month: Month, energy: dict[int, int]) -> None:
    """Each lane holds what all readings so far leave, the month is issued, and the total is what was metered."""
    for one, lane in zip(PROJECTS, world.lanes(PROJECTS), strict=True):
        assert (lane.carry, lane.latest) == (energy[one.key.id] % 1_000_000, month), one.code
    total = world.context.reader.view(View("certificates", "issuedTotal"))[0]
    assert total == sum(wh // 1_000_000 for wh in energy.values())


def assert_sound(world: World, metered: int) -> None:
    projection = Projection(world.context.projection)
    catch_up(world.context.reader, projection)
    report = fsck.check(world.context.reader, projection)
    assert report.passed, report.first_difference
    assert report.metered_wh == metered
