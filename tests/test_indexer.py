"""The indexer and fsck on a real node with the real contracts."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address
from sqlalchemy import update

from gecchain import fsck
from gecchain.chain.reader import Reader
from gecchain.errors import BrokenProof, NotFound
from gecchain.indexer import Indexer, Progress, catch_up, follow
from gecchain.rules import token_id
from gecchain.store import connected, migrate, open_engine, queries
from gecchain.store.indexing import Projection
from gecchain.store.tables import segments
from tests.chain.live import BUYER, PLANT_OWNER, SOLAR, WORD, LiveRegistry, leaf

MONTH = 1510
BATCH = SOLAR << 16 | MONTH << 4 | 1


@pytest.fixture
def live(anvil_url: str) -> Iterator[LiveRegistry]:
    registry = LiveRegistry(anvil_url)
    yield registry
    registry.close()


@pytest.fixture
def projection(tmp_path: Path) -> Projection:
    engine = open_engine(f"sqlite:///{tmp_path}/index.db")
    migrate(engine)
    return Projection(engine)


def life(live: LiveRegistry) -> None:
    """300 projects issued in two chunks; of one batch parts are moved, listed, taken, withdrawn, frozen, retired."""
    projects = [SOLAR + i for i in range(300)]
    live.file(projects[:150])
    live.file(projects[150:])
    live.issue(live.commit(MONTH, [leaf(project, 9_500_000 + i) for i, project in enumerate(projects)]))
    live.call("Certificates", "move", BATCH, 0, 3, to_checksum_address(BUYER), WORD)
    live.call("Market", "list", BATCH, 3, 8, 2500, 1)
    live.call("Market", "take", 1, 2, to_checksum_address(BUYER), to_checksum_address("0x" + "a3" * 20))
    live.call("Market", "withdraw", 1)
    live.call("Certificates", "freeze", BATCH, 8, 9, WORD)
    live.call("Certificates", "retire", BATCH, 3, 4, ("某公司 Ltd", 1, 1500, 1512, "说明"))
    live.call("Certificates", "retire", SOLAR + 1 << 16 | MONTH << 4 | 1, 0, 9, ("某公司", 7, 1510, 1511, ""))


def test_a_life_is_indexed_traced_and_proved(live: LiveRegistry, projection: Projection) -> None:
    life(live)
    told: list[Progress] = []
    assert catch_up(live.reader, projection, progress=told.append) == live.reader.head()
    assert told[-1].block == told[-1].head == live.reader.head()
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    assert (report.issued, report.retired) == (300 * 9, 10)
    assert report.metered_wh == 1_000_000 * report.issued + report.carry_wh
    with connected(projection._engine) as db:
        names = [step.name for step in queries.trace(db, token_id(BATCH, 3))]
        view = queries.certificate(db, token_id(BATCH, 4))
    assert names == [
        "filing_submitted",
        "filing_reviewed",
        "readings_committed",
        "issued",
        "listed",
        "traded",
        "retired",
    ]
    facts = live.reader.facts(token_id(BATCH, 4))
    assert (facts.owner, facts.number, facts.readings_root) == (
        view.segment.owner,
        view.number,
        view.commitment.commitment.root,
    )
    assert live.reader.verify(bytes.fromhex(facts.hash[2:])) == (True, facts)
    with pytest.raises(NotFound):
        live.reader.facts(token_id(BATCH, 9))


def test_a_reorganisation_leaves_no_trace(live: LiveRegistry, projection: Projection) -> None:
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 9_000_000)]))
    snapshot = live.rpc.request("evm_snapshot")
    live.call("Certificates", "move", BATCH, 0, 3, to_checksum_address(BUYER), WORD)
    live.call("Certificates", "freeze", BATCH, 5, 6, WORD)
    catch_up(live.reader, projection)
    live.rpc.request("evm_revert", snapshot)
    live.rpc.request("evm_increaseTime", 7)
    live.call("Certificates", "freeze", BATCH, 1, 2, WORD)
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    with connected(projection._engine) as db:
        assert queries.account(db, PLANT_OWNER).balance.holding == 9
        assert queries.certificate(db, token_id(BATCH, 1)).segment.state == 3


def test_another_chain_is_refused(live: LiveRegistry, projection: Projection) -> None:
    snapshot = live.rpc.request("evm_snapshot")
    live.rpc.request("anvil_mine", hex(200))
    catch_up(live.reader, projection)
    live.rpc.request("evm_revert", snapshot)
    live.rpc.request("evm_increaseTime", 7)
    live.rpc.request("anvil_mine", hex(200))
    with pytest.raises(BrokenProof, match="another chain"):
        catch_up(live.reader, projection)


def test_two_indexers_and_an_outage_do_no_harm(live: LiveRegistry, projection: Projection) -> None:
    one, two = (Indexer(live.reader, projection) for _ in range(2))
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 9_000_000)]))
    for _ in range(200):
        busy = [indexer.step() for indexer in (one, two)]
        if not any(busy):
            break
    assert fsck.check(live.reader, projection).passed


def test_follow_sees_new_blocks_and_stops(live: LiveRegistry, projection: Projection) -> None:
    stop, seen = threading.Event(), threading.Event()
    target: list[int] = []

    def told(progress: Progress) -> None:
        if target and progress.block >= target[0]:
            seen.set()

    thread = threading.Thread(
        target=follow, args=(live.reader, projection), kwargs={"stop": stop, "poll": 0.02, "progress": told}
    )
    thread.start()
    live.file([SOLAR])
    target.append(live.reader.head())
    live.rpc.request("anvil_mine", "0x1")
    assert seen.wait(10)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_fsck_says_where_sql_was_changed(live: LiveRegistry, projection: Projection) -> None:
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 9_000_000)]))
    for column, changed in {"owner": BUYER, "end": 8, "state": 4, "traded": True, "since": 5}.items():
        projection.clear()
        catch_up(live.reader, projection)
        with connected(projection._engine, writes=True) as db:
            db.execute(update(segments).values({column: changed}))
        found = fsck.check(live.reader, projection).first_difference
        assert found is not None
        assert found.startswith("table segments: ")
        assert str(BATCH) in found
        assert column in found


def test_twenty_kills_lose_and_double_nothing(live: LiveRegistry, projection: Projection, tmp_path: Path) -> None:
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 900_000_000)]))
    for serial in range(100):
        live.call("Certificates", "move", BATCH, 9 * serial, 9 * serial + 4, to_checksum_address(BUYER), WORD)
    projection._engine.dispose()
    for _ in range(20):
        child = os.fork()
        if child == 0:
            index_until_killed(live, tmp_path)
        time.sleep(random.random() * 0.06)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    killed = projection.cursor()
    assert killed is None or killed.block <= live.reader.head()
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference


def index_until_killed(live: LiveRegistry, folder: Path) -> None:
    """In a child process, with connections of its own; it never comes back."""
    try:
        with Reader.at(live.rpc.url, live.deployment) as reader:
            catch_up(reader, Projection(open_engine(f"sqlite:///{folder}/index.db")))
        time.sleep(60)
    finally:
        os.kill(os.getpid(), signal.SIGKILL)
