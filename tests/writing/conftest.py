"""One registry on one node for a module; each test begins from the same block and the same home."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world import World, draft, node

PLANTS = [draft(number) for number in range(12)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    with node(folder) as url:
        world = World(url, folder / "home", providers=("Grid A", "Grid B"))
        world.file(PLANTS)
        world.close()
        yield world


@pytest.fixture
def world(made: World, tmp_path: Path) -> Iterator[World]:
    """A copy of the home; the chain is taken back afterwards."""
    rpc = made.opened().rpc
    snapshot = rpc.request("evm_snapshot")
    shutil.copytree(made.home, tmp_path / "home")
    copy = World.of(made.url, tmp_path / "home")
    yield copy
    copy.close()
    rpc.request("evm_revert", snapshot)
    rpc.close()
