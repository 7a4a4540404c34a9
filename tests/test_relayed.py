"""Signed requests through the relay on a real node: what became of each is in SQL, and is what the chain says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address
from sqlalchemy import select, update

from gecchain import fsck
from gecchain.chain.contracts import calldata, refusal
from gecchain.chain.views import View
from gecchain.indexer import catch_up
from gecchain.rules import token_id
from gecchain.store import connected, migrate, open_engine, queries
from gecchain.store.indexing import Projection
from gecchain.store.tables import events, relayed
from tests.chain.live import SOLAR, LiveRegistry, leaf

MONTH = 1510
BATCH = SOLAR << 16 | MONTH << 4 | 1
GAS, LATER = 500_000, 1 << 40
CLAIM = ("某公司 Ltd", 1, 1500, 1512, "说明")
TYPES = {
    "EIP712Domain": [
        {"name": name, "type": kind}
        for name, kind in (
            ("name", "string"),
            ("version", "string"),
            ("chainId", "uint256"),
            ("verifyingContract", "address"),
        )
    ],
    "Request": [
        {"name": name, "type": kind}
        for name, kind in (
            ("from", "address"),
            ("to", "address"),
            ("gas", "uint256"),
            ("nonce", "uint256"),
            ("deadline", "uint64"),
            ("data", "bytes"),
        )
    ],
}
Request = tuple[str, str, int, int, int, bytes]


@pytest.fixture
def live(anvil_url: str) -> Iterator[LiveRegistry]:
    registry = LiveRegistry(anvil_url)
    registry.file([SOLAR])
    registry.issue(registry.commit(MONTH, [leaf(SOLAR, 9_000_000)]))
    yield registry
    registry.close()


@pytest.fixture
def projection(tmp_path: Path) -> Projection:
    engine = open_engine(f"sqlite:///{tmp_path}/index.db")
    migrate(engine)
    return Projection(engine)


def retiring(live: LiveRegistry, nonce: int, start: int, end: int, deadline: int = LATER) -> Request:
    data = bytes.fromhex(calldata("Certificates", "retire", (BATCH, start, end, CLAIM))[2:])
    return to_checksum_address(live.key.sender), live.deployment.certificates, GAS, nonce, deadline, data


def signature(live: LiveRegistry, request: Request, key: int = 0) -> bytes:
    """By a key of the node's; the first acts for everybody."""
    names = [field["name"] for field in TYPES["Request"]]
    typed: dict[str, Any] = {
        "domain": {
            "name": "gecchain Relay",
            "version": "1",
            "chainId": live.deployment.chain_id,
            "verifyingContract": live.deployment.relay,
        },
        "types": TYPES,
        "primaryType": "Request",
        "message": dict(zip(names, (*request[:5], "0x" + request[5].hex()), strict=True)),
    }
    signer = live.rpc.request("eth_accounts")[key]
    return bytes.fromhex(live.rpc.request("eth_signTypedData_v4", signer, typed)[2:])


def relay(live: LiveRegistry, *requests: Request, keys: dict[int, int] | None = None) -> None:
    signatures = [signature(live, request, (keys or {}).get(at, 0)) for at, request in enumerate(requests)]
    live.call("Relay", "relay", list(requests), signatures)


def rows(projection: Projection) -> list[Any]:
    with connected(projection._engine) as db:
        return list(db.execute(select(relayed).order_by(relayed.c.position)))


def test_what_became_of_requests_is_indexed_and_proved(live: LiveRegistry, projection: Projection) -> None:
    done, again = retiring(live, 1, 0, 2), retiring(live, 2, 0, 2)
    forged, late, last = retiring(live, 3, 2, 3), retiring(live, 4, 3, 4, deadline=1), retiring(live, 5, 4, 5)
    relay(live, done, again, forged, late, done, last, keys={2: 1})
    relay(live, last)
    catch_up(live.reader, projection)
    report = fsck.check(live.reader, projection)
    assert report.passed, report.first_difference
    assert report.retired == 3

    found = rows(projection)
    assert [row.done for row in found] == [True, False, True]
    assert {(row.signer, row.contract) for row in found} == {(live.key.sender.lower(), live.deployment.certificates)}
    assert [row.reason == "0x" for row in found] == [True, False, True]
    assert refusal("it", found[1].reason, "").reason == "StateIs"
    for request, count in ((done, 1), (again, 1), (forged, 0), (late, 0), (last, 1)):
        digest = live.reader.view(View("relay", "hashOf", (request,)))[0]
        assert sum(row.request == "0x" + digest.hex() for row in found) == count
        assert live.reader.view(View("relay", "isRelayed", (digest,)))[0] == bool(count)
    with connected(projection._engine) as db:
        assert [step.name for step in queries.trace(db, token_id(BATCH, 4))][-1] == "retired"
        told = db.execute(select(events.c.kind, events.c.subject).order_by(events.c.position)).all()
    # Each is told after what its call did, in one transaction.
    kinds = [(kind, subject) for kind, subject in told if kind in ("Retired", "Relayed")]
    assert kinds == [
        ("Retired", None),
        ("Relayed", found[0].request),
        ("Relayed", found[1].request),
        ("Retired", None),
        ("Relayed", found[2].request),
    ]


def test_a_reorganisation_takes_a_request_back(live: LiveRegistry, projection: Projection) -> None:
    request = retiring(live, 1, 0, 2)
    snapshot = live.rpc.request("evm_snapshot")
    relay(live, request)
    catch_up(live.reader, projection)
    assert [row.done for row in rows(projection)] == [True]
    live.rpc.request("evm_revert", snapshot)
    live.rpc.request("evm_increaseTime", 7)
    live.call("Certificates", "retire", BATCH, 0, 2, CLAIM)
    catch_up(live.reader, projection)
    assert rows(projection) == []
    relay(live, request)
    catch_up(live.reader, projection)
    assert [row.done for row in rows(projection)] == [False]
    assert fsck.check(live.reader, projection).passed


def test_fsck_says_where_sql_was_changed(live: LiveRegistry, projection: Projection) -> None:
    relay(live, retiring(live, 1, 0, 2))
    for column, changed in {"done": False, "reason": "0x01", "signer": "0x" + "11" * 20, "position": 5}.items():
        projection.clear()
        catch_up(live.reader, projection)
        with connected(projection._engine, writes=True) as db:
            db.execute(update(relayed).values({column: changed}))
        found = fsck.check(live.reader, projection).first_difference
        assert found is not None
        assert found.startswith("table relayed: "), found
        assert column in found


def test_fsck_asks_the_relay(live: LiveRegistry, projection: Projection) -> None:
    """A relay that forgot what it did is caught: its storage is wiped."""
    relay(live, retiring(live, 1, 0, 2))
    catch_up(live.reader, projection)
    (row,) = rows(projection)
    slot = live.rpc.request("web3_sha3", "0x" + row.request[2:] + f"{2:064x}")
    assert int(live.rpc.request("eth_getStorageAt", live.deployment.relay, slot, "latest"), 16) == 1
    live.rpc.request("anvil_setStorageAt", live.deployment.relay, slot, "0x" + "00" * 32)
    live.rpc.request("anvil_mine", "0x1")
    catch_up(live.reader, projection)
    found = fsck.check(live.reader, projection).first_difference
    assert found is not None
    assert found.startswith(f"contract: relay: request {row.request}"), found
