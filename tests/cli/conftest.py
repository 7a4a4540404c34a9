"""One registry in which a month is issued; tests of the command line read it or work on it in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.world import World, draft, last_months, node, on_grid

PLANTS = [draft(number) for number in range(4)]
MONTH = last_months(1)[0]


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("cli")
    with node(folder) as url:
        world = World(url, folder / "home")
        world.file(PLANTS)
        world.take_in(MONTH, [on_grid(one, 500_000_123) for one in PLANTS])
        yield world
        world.close()


@pytest.fixture
def gec(registry: World) -> Callable[[Sequence[str]], subprocess.CompletedProcess[str]]:
    """`gec` as a process of its own, as a user runs it."""

    def run(words: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gecchain.cli", *words]
        variables = {**os.environ, **registry.environment(), **environment}
        return subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
        )

    return run


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    return tmp_path / "home"
