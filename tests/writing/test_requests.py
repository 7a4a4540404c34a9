"""What is signed and handed in is done once, told item by item, and ends with the registry's own holdings."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random

import pytest

from api import ApiSettings, create_app
from gecchain.answers import ChallengeAnswer
from gecchain.client import Client
from gecchain.client.client import sign_in_message
from gecchain.errors import BadInput, NotEntitled, NotFound, Refused, Unsigned
from gecchain.indexer import follow
from gecchain.relaying import relay_waiting
from gecchain.requests import MOST_GAS, SignedRequest
from gecchain.signer import development_signer
from gecchain.store import connected, desk, open_engine
from gecchain.store.desk import keys
from gecchain.store.desk.outbox import SqlOutbox
from gecchain.store.indexing import Projection
from tests.api.serving import served
from tests.conftest import ROOT
from tests.world import BUYER, PLATFORM, World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
PLANT = PLANTS[0]
OWNER = f"owner-{PLANT.owner_code}"


@pytest.fixture
def batch(world: World) -> int:
    world.take_in(MONTH, [on_grid(PLANT, 100_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    return world.batch(PLANT, MONTH)


@contextmanager
def indexing(world: World) -> Iterator[None]:
    """The index follows the chain beside the test."""
    context, stop = world.opened(), threading.Event()

    def work() -> None:
        follow(context.reader, Projection(context.projection), stop=stop, poll=0.05)

    _ = context.projection
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        context.close()


@contextmanager
def platform(world: World) -> Iterator[Client]:
    """The API of this world, and a platform's client."""
    settings = ApiSettings(
        world.context.settings.projection_url,
        world.context.settings.deployment_file,
        rpc_url=world.url,
        desk_url=world.context.settings.desk_location,
    )
    with connected(world.context.desk, writes=True) as db:
        _key, secret = keys.grant(db, PLATFORM, account=world.account(PLATFORM), now=int(time.time()))
    with indexing(world), served(create_app(settings)) as http, Client(str(http.base_url), token=secret) as client:
        yield client


def send(world: World) -> None:
    """One round of the worker after the other, until nothing waits."""
    while relay_waiting(world.writer("relay"), world.context.reader, SqlOutbox(world.context.desk)):
        pass


def listing(world: World, client: Client, batch: int, start: int = 0, end: int = 50) -> SignedRequest:
    arguments = {"batch": str(batch), "start": start, "end": end, "price": 450, "platforms": 1}
    return client.sign(development_signer(OWNER), "market.list", arguments)


def test_a_lot_is_listed_and_taken_by_signed_requests(world: World, batch: int) -> None:
    with platform(world) as client:
        (taken,) = client.hand_in([listing(world, client, batch)], key="list-1")
        assert (taken.state, client.request(taken.id).state) == ("accepted", "accepted")
        send(world)
        done = client.wait(taken.id)
        assert (done.state, done.final, done.call) == ("done", True, "market.list")
        (lot,) = client.listings(min_block=done.block)
        arguments = {"listing": lot.listing, "quantity": 20, "buyer": world.account(BUYER)}
        take = client.sign(
            development_signer("platform"), "market.take", arguments | {"platform": world.account(PLATFORM)}
        )
        (bought,) = client.hand_in([take], key="take-1")
        send(world)
        block = client.wait(bought.id).block
        (held,) = client.holdings(world.account(BUYER), min_block=block)
        assert (held.range.start, held.range.end) == (0, 20)
        assert world.context.reader.balance_of(world.account(BUYER)) == 20


def test_a_refusal_is_told_in_the_contracts_words(world: World, batch: int) -> None:
    with platform(world) as client:
        wishes = [
            listing(world, client, batch, 0, 10),
            listing(world, client, batch, 5, 15),
            client.sign(development_signer("buyer"), "market.withdraw", {"listing": 1}),
        ]
        taken = client.hand_in(wishes, key="three")
        send(world)
        found = [client.wait(one.id) for one in taken]
        assert [one.state for one in found] == ["done", "refused", "refused"]
        assert (found[1].reason or {})["name"] == "RangeNotUniform"
        assert (found[2].reason or {})["name"] == "MayNotAct"
        assert "operator" in (found[2].reason or {})["remedy"]


def test_asking_again_changes_nothing(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = listing(world, client, batch)
        first = client.hand_in([wish], key="k")
        assert client.hand_in([wish], key="k") == first
        send(world)
        client.wait(first[0].id)
        assert client.hand_in([wish], key="k") == first
        assert [one.state for one in client.hand_in([wish], key="another")] == ["done"]
        with pytest.raises(Refused, match="another body"):
            client.hand_in([listing(world, client, batch, 60, 70)], key="k")
        send(world)
        assert len(list(client.listings())) == 1


def altered(wish: SignedRequest, **changes: object) -> SignedRequest:
    return replace(wish, request=replace(wish.request, **changes))  # type: ignore[arg-type]


ATTACKS: dict[str, Callable[[SignedRequest], SignedRequest]] = {
    "somebody else's account": lambda wish: altered(wish, sender=development_signer("buyer").address.lower()),
    "another call": lambda wish: altered(wish, data=wish.request.data[:-1] + b"\2"),
    "more gas": lambda wish: altered(wish, gas=wish.request.gas + 1),
    "gas for no block": lambda wish: altered(wish, gas=MOST_GAS + 1),
    "a later deadline": lambda wish: altered(wish, deadline=wish.request.deadline + 1),
    "another contract": lambda wish: altered(wish, to="0x" + "99" * 20),
    "no signature": lambda wish: replace(wish, signature=b""),
    "a short signature": lambda wish: replace(wish, signature=wish.signature[:64]),
    "over": lambda wish: altered(wish, deadline=1),
    "no such call": lambda wish: altered(wish, data=b"\1\2\3\4"),
}


def test_nothing_forged_is_taken(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = listing(world, client, batch)
        forged = [attack(wish) for attack in ATTACKS.values()]
        taken = client.hand_in([*forged, wish], key="attack")
        assert [bool(one.problem) for one in taken] == [True] * len(forged) + [False]
        assert all(one.problem and one.problem.remedy for one in taken[:-1])
        send(world)
        assert client.wait(taken[-1].id).state == "done"


def test_who_may(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = listing(world, client, batch)
        (taken,) = client.hand_in([wish], key="k")
        with Client(client.transport.url) as stranger:
            with pytest.raises(Unsigned):
                stranger.hand_in([wish], key="k")
            with pytest.raises(Unsigned):
                stranger.request(taken.id)
            stranger.transport.token = "gec_000000000000_" + "A" * 43
            with pytest.raises(Unsigned):
                stranger.hand_in([wish], key="k")
        with Client(client.transport.url) as holder:
            holder.sign_in(development_signer(OWNER))
            assert holder.request(taken.id).state == "accepted"
            other = holder.sign(development_signer("buyer"), "market.withdraw", {"listing": 1})
            mine = holder.sign(development_signer(OWNER), "market.withdraw", {"listing": 1})
            found = holder.hand_in([other, mine], key="k")
            assert [bool(one.problem) for one in found] == [True, False]
        with Client(client.transport.url) as other_holder:
            other_holder.sign_in(development_signer("buyer"))
            with pytest.raises(NotEntitled):
                other_holder.request(taken.id)
            with pytest.raises(NotFound):
                other_holder.request("0x" + "00" * 32)
        with connected(world.context.desk, writes=True) as db:
            _key, secret = keys.grant(db, "Reader", scopes=["webhooks"], now=int(time.time()))
        with Client(client.transport.url, token=secret) as scopeless, pytest.raises(NotEntitled, match="scope"):
            scopeless.hand_in([wish], key="k")


def test_a_rotated_key_goes_on_where_the_old_one_was(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = listing(world, client, batch)
        first = client.hand_in([wish], key="k")
        old = client.transport.token.split("_")[1]
        with connected(world.context.desk, writes=True) as db:
            _key, secret = keys.rotate(db, old, now=int(time.time()), overlap=0)
        with pytest.raises(Unsigned):
            client.request(first[0].id)
        with Client(client.transport.url, token=secret) as new:
            assert new.request(first[0].id).state == "accepted"
            assert new.hand_in([wish], key="k") == first
            with connected(world.context.desk) as db:
                assert desk.audit.read(db)[-1].caller == f"key:{old}", "what came again was noted once"


def test_a_block_that_is_too_small_for_all_takes_them_in_parts(world: World, batch: int) -> None:
    with platform(world) as client:
        wishes = [listing(world, client, batch, number, number + 1) for number in range(24)]
        greedy = client.sign(development_signer("buyer"), "market.withdraw", {"listing": 1}, gas=MOST_GAS)
        taken = client.hand_in([*wishes, greedy], key="many")
        rpc = world.context.rpc
        usual = rpc.request("eth_getBlockByNumber", "latest", False)["gasLimit"]
        rpc.request("evm_setBlockGasLimit", hex(16_000_000))
        outbox = SqlOutbox(world.context.desk)
        found = relay_waiting(world.writer("relay"), world.context.reader, outbox)
        assert (found.done, set(found.stuck)) == (24, {taken[-1].id}), "the greedy one holds up no other"
        assert not relay_waiting(world.writer("relay"), world.context.reader, outbox)
        rpc.request("evm_setBlockGasLimit", usual)
        send(world)
        assert [client.wait(one.id).state for one in taken] == ["done"] * 24 + ["refused"]


def test_a_sign_in_counts_once_and_here_alone(world: World) -> None:
    with platform(world) as client:
        transport, signer = client.transport, development_signer("buyer")
        told = ChallengeAnswer(**transport.post("/v1/session/challenge", {}))

        def body(**changes: object) -> dict[str, str]:
            text = sign_in_message(signer.address, told.model_copy(update=changes))
            return {"message": text, "signature": "0x" + signer.sign_text(text).hex()}

        with pytest.raises(BadInput, match="another domain"):
            transport.post("/v1/session", body(domain="evil.example"))
        with pytest.raises(BadInput, match="another chain"):
            transport.post("/v1/session", body(chain_id=1))
        with pytest.raises(BadInput, match="no EIP-4361"):
            transport.post("/v1/session", {"message": "let me in", "signature": "0x"})
        wrong = body() | {"signature": "0x" + development_signer(OWNER).sign_text(body()["message"]).hex()}
        with pytest.raises(Unsigned, match="does not hold"):
            transport.post("/v1/session", wrong)
        with pytest.raises(Unsigned, match="nonce"):
            transport.post("/v1/session", body())
        told = ChallengeAnswer(**transport.post("/v1/session/challenge", {}))
        transport.token = transport.post("/v1/session", body())["token"]
        assert transport.get("/v1/session")["address"] == signer.address.lower()
        transport.ask("DELETE", "/v1/session")
        with pytest.raises(Unsigned):
            transport.get("/v1/session")


def test_prepared_data_is_what_the_client_signs(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = client.sign(
            development_signer(OWNER),
            "market.list",
            {"batch": batch, "start": 0, "end": 5, "price": 1, "platforms": 1},
            nonce=7,
        )
        told = client.transport.post(
            "/v1/requests/prepare",
            {
                "from": wish.request.sender,
                "call": "market.list",
                "arguments": {"batch": str(batch), "start": 0, "end": 5, "price": 1, "platforms": 1},
                "gas": wish.request.gas,
                "nonce": 7,
                "deadline": wish.request.deadline,
            },
        )
        assert told["id"] == client.name_of(wish)
        typed = told["typed_data"]
        message = typed["message"] | {
            "nonce": int(typed["message"]["nonce"]),
            "data": bytes.fromhex(typed["message"]["data"][2:]),
        }
        assert development_signer(OWNER).sign_typed(typed["domain"], typed["types"], message) == wish.signature


def test_what_came_too_late_is_void(world: World, batch: int) -> None:
    with platform(world) as client:
        wish = client.sign(
            development_signer(OWNER),
            "market.list",
            {"batch": batch, "start": 0, "end": 5, "price": 1, "platforms": 1},
            seconds=30,
        )
        (taken,) = client.hand_in([wish], key="late")
        world.context.rpc.request("evm_increaseTime", 3600)
        world.context.rpc.request("evm_mine")
        send(world)
        assert client.wait(taken.id).state == "void"


def test_somebody_else_may_send_it_first(world: World, batch: int) -> None:
    """The relay is no gate: what was signed counts whoever sends it, and the outbox learns of it."""
    with platform(world) as client:
        wish = listing(world, client, batch)
        (taken,) = client.hand_in([wish], key="k")
        world.call("anybody", "Relay", "relay", [wish.request.as_struct()], [wish.signature])
        send(world)
        assert client.wait(taken.id).state == "done"
        assert len(list(client.listings())) == 1


def test_a_worker_that_is_killed_loses_and_doubles_nothing(world: World, batch: int) -> None:
    random = Random(7)
    with platform(world) as client:
        wishes = [listing(world, client, batch, number, number + 1) for number in range(60)]
        taken = client.hand_in(wishes, key="sixty")
        command = [sys.executable, "-m", "gecchain.cli", "relay", "--follow", "--as", "dev:relay", "--poll", "0.05"]
        environment = {**os.environ, **world.environment(), "PYTHONPATH": str(ROOT)}
        for _round in range(6):
            worker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(random.uniform(1.0, 3.0))
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            more = client.hand_in([listing(world, client, batch, 60 + _round, 61 + _round)], key=f"more-{_round}")
            taken += more
        send(world)
        assert {client.wait(one.id).state for one in taken} == {"done"}
        lots = list(client.listings())
        assert sorted(lot.left.start for lot in lots) == list(range(66))


def test_what_was_refused_and_done_is_in_the_audit(world: World, batch: int) -> None:
    with platform(world) as client:
        client.hand_in([listing(world, client, batch)], key="k")
        with pytest.raises(BadInput):
            client.transport.post("/v1/requests", {"requests": []}, key="k2")
        with Client(client.transport.url) as stranger, pytest.raises(Unsigned):
            stranger.hand_in([], key="k")
        engine = open_engine(world.context.settings.desk_location)
        with connected(engine) as db:
            found = [(one.caller.partition(":")[0], one.status, one.subject) for one in desk.audit.read(db)]
        engine.dispose()
        assert found == [("key", 202, "took 1 of 1 requests"), ("key", 400, ""), ("", 401, "")]
