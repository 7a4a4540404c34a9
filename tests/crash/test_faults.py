"""Issuing and indexing over a bad line to the node: whatever a run ends with, run again it completes, exactly."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.faults.line import FAULTS, bad_line
from gecchain.chain.views import View
from gecchain.store.indexing import Projection
from tests.crash.test_issue import assert_sound, wh_of
from tests.world import World, draft, last_months, node, on_grid

PROVIDERS = [f"Grid {letter}" for letter in "ABCD"]
PROJECTS = [draft(number) for number in range(48)]
EACH = len(PROJECTS) // len(PROVIDERS)
MONTHS = 8
SHARE = 0.25
MOST_RUNS = 40


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with node(tmp_path) as url:
        world = World(url, tmp_path / "home", providers=PROVIDERS)
        world.file(PROJECTS)
        yield world
        world.close()


def test_a_bad_line_mints_nothing_twice_and_misses_nothing(
    world: World, capsys: pytest.CaptureFixture[str], record_property: Callable[[str, object], None]
) -> None:
    seed = random.randrange(1 << 32)
    record_property("seed", seed)
    months = last_months(MONTHS)
    for month in months:
        for at, provider in enumerate(PROVIDERS):
            some = PROJECTS[at * EACH : (at + 1) * EACH]
            world.take_in(month, (on_grid(one, wh_of(one.key.sequence, month)) for one in some), provider)
    runs = 0
    with bad_line(world.url, Random(seed), SHARE) as line:
        afar = World.of(line.url, world.home)
        for month in months:
            runs += until_done(afar, capsys, "issue", "--month", str(month))
            runs += until_done(afar, capsys, "index")
        afar.close()
        record_property("faults", dict(line.done))
        record_property("runs", runs)
    assert set(line.done) == set(FAULTS), f"not every fault happened with seed {seed}"
    wh = [wh_of(one.key.sequence, month) for month in months for one in PROJECTS]
    lanes = world.lanes(PROJECTS)
    for one, lane in zip(PROJECTS, lanes, strict=True):
        energy = sum(wh_of(one.key.sequence, month) for month in months)
        assert (lane.carry, lane.latest) == (energy % 1_000_000, months[-1]), one.code
    total = world.context.reader.view(View("certificates", "issuedTotal"))[0]
    assert total * 1_000_000 + sum(lane.carry for lane in lanes) == sum(wh)
    indexed = Projection(world.context.projection).cursor()
    assert indexed is not None
    assert indexed.block == world.context.reader.head()
    assert_sound(world, sum(wh))


def until_done(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> int:
    """Run a command until it succeeds; how often. Each failure is an error in words, never a crash."""
    for count in range(1, MOST_RUNS + 1):
        status, said = world.json(capsys, *words)
        if status == 0:
            return count
        assert status == 1, said
        assert_away(said)
    raise AssertionError(f"{words} did not succeed in {MOST_RUNS} runs")


def assert_away(said: Any) -> None:
    """What is told is that the node is out of reach, or did not do what it should."""
    assert said["error"]["kind"] == "Unavailable", said
