"""fsck says where the first difference is, whichever of the three witnesses lies."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_hash.auto import keccak
from sqlalchemy import Connection, delete, insert, text, update

from gecchain import fsck
from gecchain.chain.deploying import Role, grants
from gecchain.chain.reader import Block, Reader
from gecchain.errors import BrokenProof
from gecchain.events import NO_ACCOUNT, CommitmentApproved, Event, Recorded
from gecchain.indexer import catch_up
from gecchain.store import connected, migrate, open_engine
from gecchain.store.indexing import Projection
from gecchain.store.tables import (
    approvals,
    batches,
    commitments,
    cursor,
    events,
    lanes,
    parameters,
    segments,
    tallies,
    totals,
)
from tests.chain.live import PLANT_OWNER, SOLAR, LiveRegistry, leaf

MONTH = 1510
Lie = Callable[[Connection], object]
LIES: dict[str, tuple[Lie, str]] = {
    "an event is missing": (lambda db: db.execute(delete(events).where(events.c.kind == "Issued")), "events: block"),
    "an event is other": (
        lambda db: db.execute(update(events).where(events.c.kind == "AccountOpened").values(document="{}")),
        "events: block",
    ),
    "a batch is missing": (lambda db: db.execute(delete(batches)), "table batches: key"),
    "a batch has another count": (lambda db: db.execute(update(batches).values(count=8)), "table batches: key"),
    "a lane has another carry": (lambda db: db.execute(update(lanes).values(lane=lanes.c.lane + 1)), "table lanes"),
    "a commitment has another root": (
        lambda db: db.execute(update(commitments).values(root="0x" + "00" * 32)),
        "table commitments: key 1: root",
    ),
    "a tally is other": (lambda db: db.execute(update(tallies).values(retired=1)), "table tallies"),
    "an approval was made up": (
        lambda db: db.execute(insert(approvals).values(commitment=1, officer=NO_ACCOUNT, position=1)),
        "table approvals: key (1,",
    ),
    "another number of officers must approve": (
        lambda db: db.execute(update(parameters).values(quorum=1)),
        "table parameters",
    ),
    "the totals are other": (
        lambda db: db.execute(update(totals).values(metered_wh=1)),
        "table totals: key 1: metered",
    ),
    "a trade was made up": (
        lambda db: db.execute(
            text(
                'INSERT INTO trades (id, listing, batch, start, "end", seller, buyer, price, platform, position, way,'
                " undone) VALUES (1, 1, 1, 0, 1, '', '', 1, '', 1, 1, 0)"
            )
        ),
        "table trades: key 1: SQL has it",
    ),
    "the cursor is on another block": (
        lambda db: db.execute(update(cursor).values(hash="0x" + "00" * 32)),
        "block: block",
    ),
}


@pytest.fixture
def live(anvil_url: str) -> Iterator[LiveRegistry]:
    registry = LiveRegistry(anvil_url)
    registry.file([SOLAR])
    registry.issue(registry.commit(MONTH, [leaf(SOLAR, 9_250_000)]))
    yield registry
    registry.close()


@pytest.fixture
def projection(tmp_path: Path) -> Projection:
    engine = open_engine(f"sqlite:///{tmp_path}/index.db")
    migrate(engine)
    return Projection(engine)


def test_sql_that_lies_is_caught_where_it_lies(live: LiveRegistry, projection: Projection) -> None:
    for name, (lie, expected) in LIES.items():
        projection.clear()
        catch_up(live.reader, projection)
        assert fsck.check(live.reader, projection).passed
        with connected(projection._engine, writes=True) as db:
            lie(db)
        report = fsck.check(live.reader, projection)
        assert not report.passed, name
        assert str(report.first_difference).startswith(expected), (name, report.first_difference)


def test_contracts_that_say_otherwise_are_caught(live: LiveRegistry, projection: Projection) -> None:
    catch_up(live.reader, projection)
    slot = next(slot for slot in range(12) if balance_slot(live, slot) == 9)
    place = storage_place(slot)
    live.rpc.request("anvil_setStorageAt", live.deployment.certificates, place, f"0x{8:064x}")
    report = fsck.check(live.reader, projection)
    assert report.first_difference is not None
    assert report.first_difference.startswith(f"contract: balances: balance of {PLANT_OWNER}: the contract says (8,)")


def balance_slot(live: LiveRegistry, slot: int) -> int:
    """What lies where a mapping in that slot would keep the owner's entry."""
    where = (live.deployment.certificates, storage_place(slot), "latest")
    return int(live.rpc.request("eth_getStorageAt", *where), 16)


def storage_place(slot: int) -> str:
    return "0x" + keccak(encode(["address", "uint256"], [PLANT_OWNER, slot])).hex()


def test_a_sample_asks_less_and_passes(live: LiveRegistry, projection: Projection) -> None:
    live.file([SOLAR + i for i in range(1, 9)])
    live.issue(live.commit(MONTH + 1, [leaf(SOLAR + i, 5_000_000) for i in range(9)]))
    catch_up(live.reader, projection)
    asked = {}
    for sample in (2, None):
        report = fsck.check(live.reader, projection, sample=sample)
        assert report.passed, report.first_difference
        asked[sample] = next(check.compared for check in report.checks if check.name == "contract: batches")
    assert asked[2] == 4
    assert asked[None] == 20


def test_a_state_that_lies_in_a_file_is_checked_alike(live: LiveRegistry, projection: Projection) -> None:
    catch_up(live.reader, projection)
    whole, small = (fsck.check(live.reader, projection, near=near) for near in (1_000_000, 1))
    assert whole == small
    assert small.passed, small.first_difference
    with connected(projection._engine, writes=True) as db:
        db.execute(update(segments).values(owner=NO_ACCOUNT))
    whole, small = (fsck.check(live.reader, projection, near=near) for near in (1_000_000, 1))
    assert whole == small
    assert not small.passed


def test_nothing_indexed_is_said(live: LiveRegistry, projection: Projection) -> None:
    with pytest.raises(BrokenProof, match="Nothing is indexed"):
        fsck.check(live.reader, projection)


class Forgetful(Reader):
    """A node that leaves one kind of event out."""

    left_out: type[Event] = CommitmentApproved

    def _recorded(self, header: Block, logs: list[Any]) -> list[Recorded]:
        return [one for one in super()._recorded(header, logs) if not isinstance(one.event, self.left_out)]


def approve(live: LiveRegistry, commitment: int, officers: int) -> None:
    """As governance grants the role, and as those approve who have it."""
    root = live.reader.commitment(commitment)[0]
    governance = live.key.sender
    for officer in live.rpc.request("eth_accounts")[1 : 1 + officers]:
        live.key.send_all(grants(live.deployment, {Role.OFFICER: [officer]}))
        live.key.sender = officer
        live.call("Readings", "approve", commitment, root)
        live.key.sender = governance


def test_what_was_issued_had_enough_approvals(live: LiveRegistry, projection: Projection) -> None:
    """Were an approval no event of the chain, the issue after it would be none either."""
    live.call("Readings", "setQuorum", 2)
    made = live.commit(MONTH + 1, [leaf(SOLAR, 5_000_000)])
    approve(live, made, 2)
    live.issue(made)
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    tampered = fsck.check(Forgetful(live.rpc, live.deployment), projection)
    assert f"Commitment {made} is issued from with 0 approvals of 2." in str(tampered.first_difference)
    projection.clear()
    with pytest.raises(BrokenProof, match="issued from with 0 approvals of 2"):
        catch_up(Forgetful(live.rpc, live.deployment), projection)


def test_a_contract_that_counts_approvals_otherwise_is_caught(live: LiveRegistry, projection: Projection) -> None:
    catch_up(live.reader, projection)
    first = "0x" + "00" * 32
    held = int(live.rpc.request("eth_getStorageAt", live.deployment.readings, first, "latest"), 16)
    assert held >> 168 == 1, "after the AccessManager the number of commitments, and no quorum"
    live.rpc.request("anvil_setStorageAt", live.deployment.readings, first, f"0x{held | 2 << 192:064x}")
    report = fsck.check(live.reader, projection)
    expected = "contract: readings: approvals that are needed: the contract says (2,)"
    assert str(report.first_difference).startswith(expected)
