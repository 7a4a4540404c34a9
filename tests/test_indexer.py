"""The indexer and fsck on a real node with the real contracts."""

import os
import random
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from sqlalchemy import update

from gecchain import fsck
from gecchain.chain.reader import Block, Reader
from gecchain.chain.views import View
from gecchain.errors import BrokenProof, NotFound, Unavailable
from gecchain.indexer import Indexer, Progress, catch_up, follow
from gecchain.proofs import Tree, keccak256
from gecchain.rules import Month, token_id
from gecchain.store import connected, migrate, open_engine, queries
from gecchain.store.basis import facts_basis
from gecchain.store.indexing import Projection
from gecchain.store.tables import segments
from tests.chain.live import BUYER, PLANT_OWNER, PLATFORM, SOLAR, WORD, LiveRegistry, leaf

MONTH = 1510
BATCH = SOLAR << 16 | MONTH << 4 | 1
SUCCESSION = 4
REJECTED, ADDED, DEDUCTED, UNDONE = 1, 2, 3, 4
UNDO_RETIREMENT, UNDO_TRADE, DEDUCT = 0, 1, 2
THERMAL = 1 << 44 | 5 << 39 | 1400 << 27 | 15 << 20 | 1
AGENT = "0x" + "a4" * 20


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
    live.call("Certificates", "move", BATCH, 0, 3, to_checksum_address(BUYER), SUCCESSION, WORD)
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


@pytest.mark.parametrize("least", [1, 20_000, 200_000])
def test_no_answer_is_larger_than_it_may_be_and_nothing_is_missing(
    live: LiveRegistry, projection: Projection, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """By bytes where many blocks are asked for at once, by gas where each is asked for by its hash."""
    life(live)
    live.reader.rpc.request("anvil_mine", hex(70))
    head = live.reader.head()
    first = live.reader.deployment.block
    whole = [event for _block, events in live.reader.events(first, head) for event in events]
    monkeypatch.setattr("gecchain.chain.reader._MOST_BYTES", least)
    monkeypatch.setattr("gecchain.chain.reader._MOST_GAS", least)
    parts, found = 0, []
    while first <= head:
        part = live.reader.events(first, head)
        found += [event for _block, events in part for event in events]
        parts, first = parts + 1, part[-1][0].number + 1
    assert found == whole
    assert parts > 1
    near = live.reader.events_of(live.reader.blocks(range(live.reader.deployment.block, head + 1)))
    assert [event for _block, events in near for event in events] == whole
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference


def disputed(live: LiveRegistry, wh: int, outcome: int, doubtful: list[tuple[int, int]]) -> int:
    """A case from its opening to its decision; its number."""
    live.call("Cases", "open", BATCH, doubtful, WORD, "电量有误")
    number = int(live.reader.view(View("cases", "cases"))[0])
    live.call("Cases", "propose", number, wh, WORD, "更正意见")
    live.call("Cases", "check", number, True, WORD, "已核实")
    live.call("Cases", "decide", number, outcome, WORD, "决定")
    return number


def sold(live: LiveRegistry, start: int, end: int) -> None:
    live.call("Market", "list", BATCH, start, end, 2500, 1)
    listing = int(live.reader.view(View("market", "latest"))[0])
    live.call("Market", "take", listing, end - start, to_checksum_address(BUYER), to_checksum_address(PLATFORM))


def dispute(live: LiveRegistry) -> None:
    """Nine certificates: one case rejected, five deducted, a trade and a retirement undone, three added."""
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 9_250_000)]))
    claim = ("某公司 Ltd", 1, 1500, 1512, "说明")
    disputed(live, -3_000_000, REJECTED, [(3, 4)])
    for part in ((0, 3), (3, 4), (4, 6)):
        sold(live, *part)
    live.call("Certificates", "retire", BATCH, 0, 1, claim)
    deducting = disputed(live, -4_600_000, DEDUCTED, [(6, 7)])
    live.call("Cases", "execute", deducting, [(DEDUCT, 6, 7), (DEDUCT, 7, 9)])
    live.call("Cases", "execute", deducting, [(UNDO_TRADE, 1, 3), (DEDUCT, 1, 3)])
    undoing = disputed(live, 0, UNDONE, [])
    live.call("Cases", "execute", undoing, [(UNDO_TRADE, 3, 4), (UNDO_RETIREMENT, 0, 1)])
    live.call("Cases", "close", undoing)
    sold(live, 3, 4)
    live.call("Certificates", "retire", BATCH, 3, 4, claim)
    disputed(live, 2_500_000, ADDED, [])
    live.call("Cases", "open", BATCH, [(10, 11)], WORD, "再议")
    live.call("Cases", "setDeadlines", 1, 2, 3, 4)


def test_a_disputed_life_is_indexed_traced_and_proved(live: LiveRegistry, projection: Projection) -> None:
    dispute(live)
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    assert (report.issued, report.deducted, report.retired, report.owed) == (12, 5, 1, 0)
    assert (report.metered_wh, report.carry_wh) == (9_250_000 - 4_600_000 + 2_500_000, 150_000)
    with connected(projection._engine) as db:
        told = [step.name for step in queries.trace(db, token_id(BATCH, 3)) if step.start is not None]
        added = queries.certificate(db, token_id(BATCH, 10))
        deducting = queries.case(db, 2)
        basis = facts_basis(db, token_id(BATCH, 10))
    assert told == [
        *("issued", "frozen", "unfrozen", "listed", "traded", "trade_undone"),
        *("listed", "traded", "retired"),
    ]
    assert [(view.start, view.end) for view in deducting.deductions] == [(6, 7), (7, 9), (1, 3)]
    assert [step.kind for step in deducting.steps if step.kind.startswith("Case")] == [
        *("CaseOpened", "CaseProposed", "CaseChecked", "CaseDecided", "CaseClosed"),
    ]
    facts = live.reader.facts(token_id(BATCH, 10))
    assert added.addition is not None
    assert basis is not None
    assert (facts.readings_root, facts.leaf) == (basis.readings_root, basis.leaf) == ("0x" + WORD.hex(), 4)


def rights(live: LiveRegistry) -> None:
    """A mandate, a declared reading, a settlement, CCER, a warning, a closed account, a sweep with a refusal."""
    now = live.reader.blocks([live.reader.head()])[0].time
    sender = to_checksum_address(live.key.sender)
    live.call("Registry", "openInstitutions", [(to_checksum_address(AGENT), 4, 0, sender, "代理")])
    live.file([SOLAR, THERMAL])
    principal, agent = to_checksum_address(PLANT_OWNER), to_checksum_address(AGENT)
    live.call("Registry", "fileMandate", principal, agent, now, now + 10_000_000, WORD)
    word = leaf(SOLAR, 9_000_000)
    live.call("Declarations", "declare", MONTH, word, WORD)
    number = keccak256(encode(["uint16", "uint256", "bytes32"], [MONTH, word, WORD]))
    live.call("Declarations", "check", [number], False, "补材料")
    live.call("Declarations", "declare", MONTH, word, WORD)
    live.call("Declarations", "check", [number], True, "")
    live.call("Declarations", "recheck", MONTH, [word], [WORD], True, "")
    live._leaves[1] = Tree.of([word])
    live.issue(1)
    live.issue(live.commit(MONTH, [leaf(THERMAL, 5_000_000)]))
    buyer, thermal = to_checksum_address(BUYER), THERMAL << 16 | MONTH << 4 | 1
    energy = (3_500_000, 9_000_000, 4_000_000)
    settlement = (WORD, SOLAR, MONTH, buyer, *energy, 800, 30_000, [(BATCH, 0, 3)])
    live.call("Market", "settle", [settlement])
    live.call("Market", "list", thermal, 4, 5, 900, 1)
    live.call("Registry", "setCcerLinkage", now + 20_000_000)
    live.call("Registry", "chooseCcer", THERMAL, True)
    live.call("Registry", "registerCcer", THERMAL, MONTH - 1, MONTH + 1, "CCER-2026-1")
    live.call("Registry", "close", buyer, "注销")
    live.call("Certificates", "warn", Month.at(now).index - 24)
    live.call("Registry", "revokeMandate", principal)


def test_rights_are_indexed_and_proved(live: LiveRegistry, projection: Projection) -> None:
    rights(live)
    catch_up(live.reader, projection)
    now = live.reader.blocks([live.reader.head()])[0].time
    with connected(projection._engine) as db:
        due = queries.due_ranges(db, now).items
        stale = queries.stale_listings(db, now).items
        names = [step.name for step in queries.trace(db, token_id(BATCH, 0))]
    thermal = THERMAL << 16 | MONTH << 4 | 1
    assert [(item.batch, item.start, item.end, item.reason) for item in due] == [(BATCH, 0, 3, 4), (thermal, 0, 4, 3)]
    assert [(item.listing, item.reason) for item in stale] == [(1, "ccer")]
    assert names[2:] == [
        *("declared", "declaration_checked", "declared", "declaration_checked"),
        *("readings_committed", "declaration_rechecked", "issued", "traded", "settled"),
    ]
    live.call("Market", "withdrawAll", [1, 77])
    live.call("Certificates", "sweep", [*((item.batch, item.start, item.end) for item in due), (BATCH, 3, 9)])
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    assert report.retired == 7
    with connected(projection._engine) as db:
        left = queries.due_ranges(db, now).items
        shown = queries.certificate(db, token_id(thermal, 0))
        refused = [item for item in queries.event_feed(db, limit=1000).items if item.kind == "ItemRefused"]
    assert [(item.start, item.end) for item in left] == [(4, 5)]
    assert (shown.retirement and shown.retirement.reason) == 3
    assert len(refused) == 2


def test_a_reorganisation_leaves_no_trace(live: LiveRegistry, projection: Projection) -> None:
    live.file([SOLAR])
    live.issue(live.commit(MONTH, [leaf(SOLAR, 9_000_000)]))
    snapshot = live.rpc.request("evm_snapshot")
    live.call("Certificates", "move", BATCH, 0, 3, to_checksum_address(BUYER), SUCCESSION, WORD)
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


class StartedAgain(Reader):
    """A reader of anvil after its second start, which now and then tells another first block than it began with."""

    def blocks(self, numbers: Iterable[int]) -> list[Block]:
        return [replace(one, hash="0x" + "00" * 32) if one.number == 0 else one for one in super().blocks(numbers)]


def test_an_index_is_rebuilt_from_an_embedded_chain_that_was_started_again(
    live: LiveRegistry, projection: Projection
) -> None:
    reader = StartedAgain(live.rpc, replace(live.deployment, block=1))
    assert catch_up(reader, projection) == reader.head()
    assert fsck.check(reader, projection).passed


class OutOfOrder(Reader):
    """A reader of a node that gives a third block which does not follow its second."""

    def blocks(self, numbers: Iterable[int]) -> list[Block]:
        return [replace(one, parent="0x" + "00" * 32) if one.number == 3 else one for one in super().blocks(numbers)]


def test_a_node_that_contradicts_itself_is_told_and_nothing_is_kept(live: LiveRegistry, projection: Projection) -> None:
    with pytest.raises(Unavailable, match="block 3 does not follow the block 2"):
        catch_up(OutOfOrder(live.rpc, live.deployment), projection)
    found = projection.cursor()
    assert found is not None
    assert found.block == 2
    assert catch_up(live.reader, projection) == live.reader.head()


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
    for column, changed in {"owner": BUYER, "end": 8, "state": 4, "trade": 7, "since": 5}.items():
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
        live.call(
            "Certificates", "move", BATCH, 9 * serial, 9 * serial + 4, to_checksum_address(BUYER), SUCCESSION, WORD
        )
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
