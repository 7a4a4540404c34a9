"""The migrations make exactly the tables that the code expects, on both databases, and can be run again."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

import gecchain.store
from gecchain.store import connected, migrate
from gecchain.store.tables import lanes, mentions, metadata, totals
from tests.ledger.history import steps
from tests.store.test_indexing import shared
from tests.store.test_queries import FEW, indexed

READING = "gecchain.store.migrations.versions.0004_reading_and_following"


# SQLite's reflection leaves indexes on expressions out; that they are there, test_plans.py sees.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrated_schema_is_the_tables(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    migrate(engine)
    with connected(engine) as db:
        context = MigrationContext.configure(db, opts={"include_object": ours})
        assert compare_metadata(context, metadata) == []


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "table" or name in metadata.tables


@FEW
@given(word=st.integers(0, 2**64 - 1), large=st.integers(0, 2**200))
def test_large_integers_come_back_as_they_went(new_engine: Callable[[], Engine], word: int, large: int) -> None:
    engine = shared(new_engine)
    with connected(engine, writes=True) as db:
        db.execute(lanes.delete())
        db.execute(totals.delete())
        db.execute(
            insert(lanes).values(project=1, electricity=0, lane=word, metered_wh=0, issued=0, deducted=0, owed=0)
        )
        db.execute(insert(totals).values(id=1, metered_wh=large, carry_wh=0, issued=0, retired=0, deducted=0, owed=0))
        assert db.scalar(select(lanes.c.project).where(lanes.c.lane == word)) == 1
        assert db.scalar(select(lanes.c.lane)) == word
        assert db.scalar(select(totals.c.metered_wh)) == large


@FEW
@given(steps(30))
def test_mentions_of_the_past_are_those_that_the_indexer_writes(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]]
) -> None:
    engine = shared(new_engine)
    indexed(engine, moves)
    with connected(engine) as db:
        written = set(db.execute(select(mentions)).all())
    config = Config()
    config.set_main_option("script_location", str(Path(gecchain.store.__file__).parent / "migrations"))
    with connected(engine, writes=True) as db:
        config.attributes["connection"] = db
        command.downgrade(config, str(import_module(READING).down_revision))
    migrate(engine)
    with connected(engine) as db:
        assert set(db.execute(select(mentions)).all()) == written
    assert written
