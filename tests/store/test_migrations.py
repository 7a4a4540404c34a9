"""The migrations make exactly the tables that the code expects, on both databases, and can be run again."""

import zlib
from collections.abc import Callable

import orjson
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, update

from gecchain.store import connected, migrate
from gecchain.store.tables import lanes, metadata, totals, undo
from tests.ledger.history import play, steps
from tests.store.test_indexing import assert_same, shared, started, write
from tests.store.test_queries import FEW


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
@given(moves=steps(40), back=st.integers(0, 10))
def test_a_projection_from_before_batches_had_their_leaf_gets_it(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]], back: int
) -> None:
    engine = shared(new_engine)
    blocks = play(moves).blocks
    projection, at = started(engine)
    at = write(projection, at, blocks)
    as_before_version_8(engine)
    migrate(engine)
    assert_same(projection, blocks)
    left = max(len(blocks) - back, 0)
    projection.roll_back(at, left)
    assert_same(projection, blocks[:left])


def as_before_version_8(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        db.exec_driver_sql("ALTER TABLE batches DROP COLUMN word")
        db.exec_driver_sql("UPDATE alembic_version SET version_num = '0007'")
        for block, packed in db.execute(select(undo.c.block, undo.c.changes)).all():
            changes = orjson.loads(zlib.decompress(packed))
            changes["batches"] = [[key, row and row[:-1]] for key, row in changes.get("batches", ())]
            db.execute(update(undo).where(undo.c.block == block).values(changes=zlib.compress(orjson.dumps(changes))))
