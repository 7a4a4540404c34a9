"""Mandates: while one lasts the agent acts and the principal does not (Q36, Q40)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecchain.agents import file_mandate, mandate_of, revoke_mandate
from gecchain.errors import NotFound, Refused
from gecchain.rules import Range
from gecchain.signer import development_signer
from tests.world import AGENT, BUYER, World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
PLANT = PLANTS[0]
PROOF = b"\5" * 32
DAY = 86_400


def owner(world: World) -> str:
    return f"owner-{PLANT.owner_code}"


def account(world: World) -> str:
    return world.account(PLANT.owner)


def now(world: World) -> int:
    return world.context.reader.blocks([world.context.reader.head()])[0].time


def filed(world: World, *, agent: str = AGENT, from_: int = 0, until: int = 10 * DAY, proof: bytes = PROOF) -> None:
    at, deployment = now(world), world.context.deployment
    named = world.account(agent)
    file_mandate(world.writer(owner(world)), deployment, account(world), named, at + from_, at + until, proof)


def list_one(world: World, key: str, serials: Range) -> None:
    world.call(key, "Market", "list", world.batch(PLANT, MONTH), serials.start, serials.end, 450, 1)


def test_the_agent_acts_while_the_mandate_lasts(world: World) -> None:
    world.take_in(MONTH, [on_grid(PLANT, 100_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    with pytest.raises(Refused, match="may not act"):
        list_one(world, "agent", Range(0, 1))
    filed(world, from_=-DAY)
    list_one(world, "agent", Range(0, 1))
    with pytest.raises(Refused, match="may not act"):
        list_one(world, owner(world), Range(1, 2))
    found = mandate_of(world.context.reader, account(world))
    assert (found.agent, found.actor) == (world.account(AGENT), development_signer("agent").address.lower())
    assert (found.lasts(now(world)), found.lasts(found.until)) == (True, False)
    revoke_mandate(world.writer(owner(world)), world.context.deployment, account(world))
    list_one(world, owner(world), Range(1, 2))
    with pytest.raises(NotFound, match="has no mandate"):
        mandate_of(world.context.reader, account(world))


def test_a_mandate_ends_on_its_day(world: World) -> None:
    world.take_in(MONTH, [on_grid(PLANT, 100_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    filed(world, until=DAY)
    world.context.rpc.request("evm_increaseTime", DAY + 1)
    world.context.rpc.request("evm_mine")
    list_one(world, owner(world), Range(0, 1))
    filed(world)


def test_mandates_that_cannot_be(world: World) -> None:
    with pytest.raises(Refused, match="no agent's"):
        filed(world, agent=BUYER)
    with pytest.raises(Refused, match="ends before it begins"):
        filed(world, from_=20 * DAY)
    with pytest.raises(Refused, match="over already"):
        filed(world, from_=-2 * DAY, until=-DAY)
    with pytest.raises(Refused, match="no evidence"):
        filed(world, proof=bytes(32))
    with pytest.raises(Refused, match="no mandate"):
        revoke_mandate(world.writer("authority"), world.context.deployment, account(world))
    filed(world, from_=-1)
    with pytest.raises(Refused, match="may not act"):
        filed(world)
    with pytest.raises(Refused, match="may not act"):
        revoke_mandate(world.writer("buyer"), world.context.deployment, account(world))


def test_mandates_at_the_command_line(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, made = world.json(capsys, "agent", "show", account(world))
    assert (status, made["error"]["kind"]) == (1, "NotFound")
    agreement = tmp_path / "agreement.pdf"
    agreement.write_bytes(b"%PDF agreement")
    words = ["agent", "file", account(world), world.account(AGENT), "--as", f"dev:{owner(world)}"]
    proof = ["--evidence", str(agreement)]
    status, told = world.json(capsys, *words, "--until", "2040-02-30", *proof)
    assert (status, told["error"]["field"]) == (2, "until")
    status, filed_ = world.json(capsys, *words, "--until", "2040-06-30", *proof)
    assert (status, filed_["until"]) == (0, 2_224_684_800)
    status, shown = world.json(capsys, "agent", "show", account(world))
    assert (status, shown["in_force"], shown["agent"]) == (0, True, world.account(AGENT))
    (kept,) = world.json(capsys, "evidence", "list")[1]
    assert kept["readers"] == sorted([account(world), world.account(AGENT)])
    assert world.run("agent", "revoke", account(world), "--as", "dev:agent") == 0


def test_an_agent_of_roles_json_is_found_by_its_name(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    code = "91110000600037341L"
    words = ["accounts", "open", "--code", code, "--kind", "agent", "--name", "Agent B", "--key", "dev:agent-b"]
    status, opened = world.json(capsys, *words)
    assert status == 0
    world.reopen()
    proof = "0x" + "77" * 32
    words = ["agent", "file", account(world), "Agent B", "--as", f"dev:{owner(world)}", "--until", "2040-01-01"]
    status, told = world.json(capsys, *words, "--evidence", proof)
    assert (status, told["error"]["field"]) == (2, "evidence")
    assert world.context.roles.accounts["Agent B"] == opened["account"]
