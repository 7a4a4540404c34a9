"""A database that is filled in bulk is the one that the fold writes: every table alike, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bench.load.filling import fill, found
from bench.load.story import MONTHS, RANGES_OF_BATCH, World
from gecchain.store import connected, migrate, open_engine
from gecchain.store.indexing import Projection
from gecchain.store.tables import metadata


def everything(engine: Engine) -> dict[str, list[Any]]:
    with connected(engine) as db:
        return {
            name: sorted((tuple(row) for row in db.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rows_in_bulk_are_what_the_fold_writes(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    filled = open_engine(
        f"sqlite:///{tmp_path / 'bulk.db'}" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    )
    world = World(3, seed=5)
    told = fill(filled, world)
    assert told.ranges == 3 * len(MONTHS) * RANGES_OF_BATCH

    folded = open_engine(f"sqlite:///{tmp_path / 'fold.db'}")
    migrate(folded)
    again = World(3, seed=5)
    at = found(folded, again)
    projection = Projection(folded)
    for header, recorded in again.events_of(again.acts(at.block + 1, 0, len(again.batches))):
        at = projection.extend(at, [(header, recorded)], header.number, undoable=False)
    bulk, fold = everything(filled), everything(folded)
    for name in fold:
        assert bulk[name] == fold[name], name
    filled.dispose()
    folded.dispose()


def test_another_seed_is_another_registry() -> None:
    one, other = World(1, seed=1), World(1, seed=2)
    for world in (one, other):
        list(world.founding())
    assert not one.acts(100, 0, 24).equals(other.acts(100, 0, 24))
    assert one.acts(100, 0, 24).equals(one.acts(100, 0, 24))
