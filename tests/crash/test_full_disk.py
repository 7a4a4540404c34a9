"""A disk that is full at any point of a month: the command says so, and run again with room it completes, exactly."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random, randrange
from typing import Any

import pytest

from gecchain.errors import MAKE_ROOM
from gecchain.oracle.derived import write_settlement_table
from tests.crash.test_issue import assert_sound, wh_of
from tests.world import World, draft, last_months, node, on_grid

PROJECTS = [draft(number) for number in range(300)]
DISK_MB = 24
MONTHS = 4


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, with as little room as is asked for."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def world(small_disk: Path, tmp_path: Path) -> Iterator[World]:
    with node(tmp_path) as url:
        world = World(url, small_disk / "home")
        world.file(PROJECTS)
        yield world
        world.close()


def test_a_full_disk_loses_nothing_and_is_told(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    seed = randrange(1 << 32)
    random, told = Random(seed), []
    months = last_months(MONTHS)
    for month in months:
        table = tmp_path / f"{month}.csv"
        write_settlement_table(table, month, (on_grid(one, wh_of(one.key.sequence, month)) for one in PROJECTS))
        for words in (
            ("ingest", str(table), "--provider", "Grid A"),
            ("issue", "--month", str(month)),
            ("index",),
        ):
            told += until_there_is_room(world, capsys, random, *words)
    assert told, f"the disk was never full, seed {seed}"
    assert {error["remedy"] for error in told} == {MAKE_ROOM}, (seed, told)
    assert_sound(world, sum(wh_of(one.key.sequence, month) for month in months for one in PROJECTS))


def until_there_is_room(
    world: World, capsys: pytest.CaptureFixture[str], random: Random, *words: str
) -> list[dict[str, Any]]:
    """Run a command with less and less filling in its way; what it said while there was too little room."""
    filling, errors = world.home.parent / "filling", []
    for left in (0, random.randrange(40_000), random.randrange(400_000)):
        fill(filling, left)
        status, said = world.json(capsys, *words)
        if status:
            assert (status, said["error"]["kind"]) == (1, "Unavailable"), said
            errors.append(said["error"])
    filling.unlink()
    assert world.json(capsys, *words)[0] == 0
    return errors


def fill(filling: Path, left: int) -> None:
    """Take all room but so many bytes."""
    filling.unlink(missing_ok=True)
    with filling.open("wb", buffering=0) as stream, suppress(OSError):
        while True:
            stream.write(b"\0" * 4096)
    os.truncate(filling, max(filling.stat().st_size - left, 0))
