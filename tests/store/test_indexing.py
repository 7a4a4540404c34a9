"""The projection equals the fold: on both databases, in any grouping of blocks, after forks and after a kill."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from gecchain.errors import BrokenProof
from gecchain.events import ConsecutiveTransfer, Moved, Recorded, from_document
from gecchain.ledger import ENTITIES, State, apply, settle
from gecchain.store import migrate, open_engine
from gecchain.store.indexing import KEPT_BLOCKS, Cursor, Header, Overtaken, Projection
from tests.ledger.history import START, hash_of, play, steps

FEW = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
Blocks = list[list[Recorded]]


def header(number: int, fork: int = 0) -> Header:
    return Header(number, hash_of(number, fork), hash_of(number - 1, fork), START + number)


def started(engine: Engine) -> tuple[Projection, Cursor]:
    projection = Projection(engine)
    projection.clear()
    return projection, projection.start("test", header(0))


def write(projection: Projection, at: Cursor, blocks: Blocks, *, undoable: bool = True, fork: int = 0) -> Cursor:
    for recorded in blocks:
        at = projection.extend(at, [(header(at.block + 1, fork), recorded)], 0, undoable=undoable)
    return at


def folded(blocks: Blocks) -> State:
    state = State()
    for recorded in blocks:
        for item in recorded:
            apply(state, item)
    settle(state)
    return state


def assert_same(projection: Projection, blocks: Blocks) -> None:
    cursor, found = projection.state()
    expected = folded(blocks)
    for kind in ENTITIES:
        assert getattr(found, kind) == getattr(expected, kind), kind
    assert cursor.block == len(blocks)
    events = [(item.position, item.event) for recorded in blocks for item in recorded]
    stored = projection.events_between(0, len(blocks))
    kept = [(position, event) for position, event in events if not isinstance(event, ConsecutiveTransfer)]
    assert [(position, from_document(kind, json.loads(text))) for position, kind, text in stored] == kept


@FEW
@given(steps(40), st.lists(st.integers(1, 4), max_size=10))
def test_projection_equals_the_fold_in_any_grouping(
    new_engine: Callable[[], Engine], moves: list[tuple[int, int, int, int]], sizes: list[int]
) -> None:
    blocks = play(moves).blocks
    projection, at = started(shared(new_engine))
    while at.block < len(blocks):
        size = sizes.pop() if sizes else 1
        group = blocks[at.block : at.block + size]
        parts = [(header(at.block + 1 + i), recorded) for i, recorded in enumerate(group)]
        at = projection.extend(at, parts, 0, undoable=False)
    assert_same(projection, blocks)


@FEW
@given(steps(20), steps(12), steps(12))
def test_a_rolled_back_fork_leaves_no_trace(
    new_engine: Callable[[], Engine],
    trunk: list[tuple[int, int, int, int]],
    lost: list[tuple[int, int, int, int]],
    kept: list[tuple[int, int, int, int]],
) -> None:
    common = len(play(trunk).blocks)
    ending = (11, 0, 0, 0)  # a new block, so that the fork begins after the trunk
    lost_blocks = play([*trunk, ending, *lost]).blocks
    kept_blocks = play([*trunk, ending, *kept]).blocks
    projection, at = started(shared(new_engine))
    at = write(projection, at, lost_blocks[:common])
    write(projection, at, lost_blocks[common:], fork=1)
    seen = projection.cursor()
    assert seen is not None
    at = projection.roll_back(seen, common)
    assert_same(projection, kept_blocks[:common])
    write(projection, at, kept_blocks[common:])
    assert_same(projection, kept_blocks)


def shared(new_engine: Callable[[], Engine]) -> Engine:
    """One database for all examples of a test: `started` empties it."""
    engine: Engine | None = getattr(new_engine, "shared", None)
    if engine is None:
        engine = new_engine()
        new_engine.shared = engine  # type: ignore[attr-defined]
    return engine


def test_an_impossible_event_changes_nothing(new_engine: Callable[[], Engine]) -> None:
    blocks = play([(0, 0, 7, 777), (11, 0, 0, 0), (2, 0, 0, 5)]).blocks
    projection, at = started(new_engine())
    at = write(projection, at, blocks[:1])
    moved = blocks[1][0].event
    assert isinstance(moved, Moved)
    wrong = [replace(blocks[1][0], event=replace(moved, end=2_000_000)), *blocks[1][1:]]
    with pytest.raises(BrokenProof):
        write(projection, at, [wrong])
    assert_same(projection, blocks[:1])


def test_a_second_indexer_is_told(new_engine: Callable[[], Engine]) -> None:
    blocks = play([(11, 0, 0, 0), (0, 0, 7, 777)]).blocks
    projection, at = started(new_engine())
    write(projection, at, blocks[:1])
    with pytest.raises(Overtaken):
        write(projection, at, blocks[:1])
    assert_same(projection, blocks[:1])


def test_another_deployment_is_refused(new_engine: Callable[[], Engine]) -> None:
    projection, _at = started(new_engine())
    with pytest.raises(BrokenProof):
        projection.start("other", header(0))


def test_what_is_too_old_cannot_be_rolled_back(new_engine: Callable[[], Engine]) -> None:
    blocks = [*play([(0, 0, 7, 777)]).blocks, *([] for _ in range(KEPT_BLOCKS + 5))]
    projection, at = started(new_engine())
    at = write(projection, at, blocks)
    with pytest.raises(BrokenProof):
        projection.roll_back(at, 1)
    assert projection.roll_back(at, at.block - KEPT_BLOCKS).block == at.block - KEPT_BLOCKS


@pytest.mark.parametrize("statement", range(0, 24, 3))
def test_a_kill_at_any_statement_leaves_whole_blocks(tmp_path: Path, statement: int) -> None:
    blocks = play([(0, 0, 7, 777), (4, 0, 0, 9), (11, 0, 0, 0), (5, 0, 1, 3), (7, 0, 1, 2), (8, 0, 1, 1)]).blocks
    url = f"sqlite:///{tmp_path}/kill.db"
    engine = open_engine(url)
    migrate(engine)
    projection, at = started(engine)
    at = write(projection, at, blocks[:1])
    engine.dispose()
    child = os.fork()
    if child == 0:
        write_and_die(url, at, blocks[1:], statement)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    again = Projection(open_engine(url))
    cursor = again.cursor()
    assert cursor is not None
    assert_same(again, blocks[: cursor.block])
    write(again, cursor, blocks[cursor.block :])
    assert_same(again, blocks)


def write_and_die(url: str, at: Cursor, blocks: Blocks, statement: int) -> None:
    """In a child process: kill -9 before the given statement, or at the end."""
    engine = open_engine(url)
    left = [statement]

    def count(*_args: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "before_cursor_execute", count)
    try:
        write(Projection(engine), at, blocks)
    finally:
        os.kill(os.getpid(), signal.SIGKILL)
