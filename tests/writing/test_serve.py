"""`gec serve` as a process with its workers beside it: what is handed in is sent, and whoever subscribed is told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gecchain.client import Client
from gecchain.errors import BadInput, Unavailable, Unsigned
from gecchain.signer import development_signer
from gecchain.store import connected
from gecchain.store.desk import keys
from tests.conftest import free_port
from tests.hooking.receiver import receiving
from tests.world import BUYER, PLATFORM, World
from tests.writing.test_requests import OWNER, batch, listing

__all__ = ["batch"]

Capture = pytest.CaptureFixture[str]
DONE_SECONDS = 60
QUIET_SECONDS = 3


@contextmanager
def serving(world: World, *options: str, private: bool = True) -> Iterator[tuple[str, int]]:
    """`gec serve` of this world's home: its address and its process id."""
    port = free_port()
    command = [sys.executable, "-m", "gecchain.cli", "serve", "--port", str(port), *options]
    environment = {**os.environ, **world.environment(), "GEC_WEBHOOK_PRIVATE": "1"}
    if not private:
        del environment["GEC_WEBHOOK_PRIVATE"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            with Client(url) as client:
                until(lambda: is_up(client))
            yield url, process.pid
        finally:
            process.terminate()


def is_up(client: Client) -> bool:
    try:
        return client.health().lag == 0
    except Unavailable:
        return False


def until(true: Callable[[], object], seconds: float = DONE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def children(parent: int) -> list[str]:
    """Words of the processes that a process started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "stat").read_text().rsplit(")", 1)[1].split()[1] == str(parent):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def granted(world: World, name: str = "Platform", account: str = "") -> tuple[str, str]:
    with connected(world.context.desk, writes=True) as db:
        made, secret = keys.grant(db, name, account=account, now=int(time.time()))
    return made.id, secret


def subscribed(client: Client, url: str) -> str:
    return str(client.transport.post("/v1/webhooks", {"url": url, "kinds": ["AccountFrozen"]}, key=url)["id"])


def freeze(world: World, frozen: bool) -> None:
    world.call("authority", "Registry", "setFrozen", world.account(BUYER), frozen, "身份待核")


def told(world: World, capsys: Capture, words: Sequence[str]) -> Any:
    status, document = world.json(capsys, *words)
    assert status == 0
    return document


def test_requests_are_sent_and_subscribers_are_told(world: World, batch: int) -> None:
    with receiving() as receiver:
        with serving(world) as (url, process), Client(url, token=granted(world)[1]) as client:
            workers = children(process)
            for words in ("index --follow", "relay --follow", "webhooks --follow"):
                assert sum(words in one for one in workers) == 1
            (taken,) = client.hand_in([listing(world, client, batch)], key="k")
            assert client.wait(taken.id).state == "done"
            made = client.transport.post("/v1/webhooks", {"url": receiver.url, "kinds": ["Withdrawn"]}, key="w")
            lot = next(client.listings()).listing
            wish = client.sign(development_signer(OWNER), "market.withdraw", {"listing": int(lot)})
            (taken,) = client.hand_in([wish], key="l")
            block = client.wait(taken.id).block
            until(lambda: receiver.taken)
            assert receiver.taken[0].document["type"] == "event.Withdrawn"
            assert receiver.taken[0].place[0] == block
            until(lambda: client.transport.get(f"/v1/webhooks/{made['id']}")["block"] == block)
        assert not [one for one in children(1) + children(process) if str(world.home) in one]


def test_strangers_have_nothing_sent_into_our_own_network(world: World) -> None:
    with serving(world, private=False) as (url, process), Client(url, token=granted(world)[1]) as client:
        assert len([one for one in children(process) if "--follow" in one]) == 3
        with pytest.raises(BadInput, match="https"):
            subscribed(client, "http://127.0.0.1:9/hooks")


def test_what_is_left_out_is_not_started(world: World) -> None:
    with receiving() as receiver, serving(world, "--no-webhooks", "--no-relay") as (url, process):
        assert [one.split(" ")[-3:-1] for one in children(process) if "gecchain.cli" in one] == [["index", "--follow"]]
        with Client(url, token=granted(world)[1]) as client:
            subscribed(client, receiver.url)
            freeze(world, True)
            head = world.context.reader.head()
            assert [event.kind for event in client.events(min_block=head, kind=["AccountFrozen"])] == ["AccountFrozen"]
            time.sleep(QUIET_SECONDS)
            assert receiver.got == []


def test_a_revoked_key_is_told_nothing_more(world: World, capsys: Capture) -> None:
    account = world.account(PLATFORM)
    key, secret = granted(world, account=account)
    other, other_secret = granted(world, "Somebody else")
    with receiving() as receiver, receiving() as others, serving(world, "--no-relay") as (url, _process):
        client, second = Client(url, token=secret), Client(url, token=other_secret)
        with client, second:
            mine, theirs = subscribed(client, receiver.url), subscribed(second, others.url)
            freeze(world, True)
            until(lambda: receiver.taken and others.taken)

            rotated = told(world, capsys, ["access", "rotate", key])
            assert told(world, capsys, ["access", "revoke", key])["subscriptions"] == []
            freeze(world, False)
            until(lambda: len(receiver.taken) == len(others.taken) == 2)  # the key in its place goes on

            assert told(world, capsys, ["access", "revoke", rotated["id"]])["subscriptions"] == [mine]
            freeze(world, True)
            until(lambda: len(others.taken) == 3)
            time.sleep(QUIET_SECONDS)
            assert len(receiver.got) == 2
            with pytest.raises(Unsigned):
                client.transport.get("/v1/webhooks")
            listed = {one["id"]: one for one in told(world, capsys, ["access", "webhooks"])}
            assert (listed[mine]["state"], listed[theirs]["state"]) == ("dead", "active")
            assert listed[mine]["what is wrong"] == f"API key {rotated['id']} was revoked"
            assert listed[theirs]["whose"] == f"key:{other}"

            # Another key of the same account may go on with it.
            with Client(url, token=granted(world, account=account)[1]) as next_one:
                next_one.transport.ask("PATCH", f"/v1/webhooks/{mine}", body={"state": "active"})
            until(lambda: len(receiver.taken) == 3)
