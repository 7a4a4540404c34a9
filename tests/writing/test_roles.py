"""Governance: roles with delays, and the brake that anybody can see."""

from __future__ import annotations

from typing import Any

import pytest

from gecchain.chain.deploying import Role
from gecchain.errors import NotFound, Refused
from gecchain.governing import (
    closed_contracts,
    granted,
    members_of,
    pause,
    reopened,
    revoked,
    scheduled_for,
    waiting_time,
)
from gecchain.signer import development_signer
from tests.world import World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
DAY = 86_400
NEW = development_signer("new").address.lower()
Capture = pytest.CaptureFixture[str]


def good(world: World, capsys: Capture, *words: str) -> Any:
    status, document = world.json(capsys, *words)
    assert status == 0, document
    return document


def bad(world: World, capsys: Capture, *words: str) -> Any:
    status, document = world.json(capsys, *words)
    assert status == (2 if document["error"]["kind"] == "BadInput" else 1)
    return document["error"]


def later(world: World, seconds: int) -> None:
    world.context.rpc.request("evm_increaseTime", seconds)
    world.context.rpc.request("evm_mine")


def has(world: World, role: Role, address: str) -> bool:
    return any(
        (one.role, one.address) == (role, address) for one in members_of(world.context.rpc, world.context.deployment)
    )


def test_roles_are_listed_given_and_taken(world: World, capsys: Capture) -> None:
    members = good(world, capsys, "roles", "list")["members"]
    authority = development_signer("authority").address.lower()
    assert [one["address"] for one in members if one["role"] == "authority"] == [authority]
    good(world, capsys, "roles", "grant", "authority", "dev:new")
    assert has(world, Role.AUTHORITY, NEW)
    world.take_in(MONTH, [on_grid(PLANTS[0], 1_000_000)])
    good(world, capsys, "roles", "revoke", "authority", "dev:authority")
    assert bad(world, capsys, "issue", "--month", str(MONTH))["reason"] == "AccessManagedUnauthorized"
    assert bad(world, capsys, "roles", "grant", "king", "dev:new")["field"] == "role"
    assert bad(world, capsys, "roles", "schedule", "grant", "authority", NEW)["message"].startswith(
        "nothing has to wait"
    )


def test_with_a_delay_a_change_is_scheduled_waits_and_is_executed(world: World, capsys: Capture) -> None:
    context = world.context
    governance = context.signer(context.roles.governance).address
    good(world, capsys, "roles", "delay", "--days", "2")
    assert waiting_time(context.rpc, context.deployment, governance) == 2 * DAY
    assert bad(world, capsys, "roles", "grant", "authority", NEW)["reason"] == "AccessManagerNotScheduled"
    words = ["grant", "authority", NEW]
    announced = good(world, capsys, "roles", "schedule", *words)
    assert announced["ready"] == scheduled_for(
        context.rpc, context.deployment, governance, granted(Role.AUTHORITY, NEW)
    )
    assert bad(world, capsys, "roles", "schedule", *words)["reason"] == "AccessManagerAlreadyScheduled"
    assert bad(world, capsys, "roles", "execute", *words)["reason"] == "AccessManagerNotReady"
    later(world, 2 * DAY)
    assert not has(world, Role.AUTHORITY, NEW)
    good(world, capsys, "roles", "execute", *words)
    assert has(world, Role.AUTHORITY, NEW)
    assert bad(world, capsys, "roles", "execute", *words)["reason"] == "AccessManagerNotScheduled"
    good(world, capsys, "roles", "schedule", "revoke", "authority", NEW)
    later(world, 9 * DAY + 1)
    assert scheduled_for(context.rpc, context.deployment, governance, revoked(Role.AUTHORITY, NEW)) == 0
    assert bad(world, capsys, "roles", "execute", "revoke", "authority", NEW)["reason"] == "AccessManagerExpired"


def test_a_role_may_take_effect_only_later(world: World, capsys: Capture) -> None:
    good(world, capsys, "roles", "delay", "--days", "3", "--role", "guardian")
    later(world, 5 * DAY + 1)
    good(world, capsys, "roles", "grant", "guardian", NEW)
    deployment = world.context.deployment
    with pytest.raises(Refused, match="no guardian"):
        pause(world.writer("new"), deployment, "too early")
    later(world, 3 * DAY)
    pause(world.writer("new"), deployment, "now")


def test_the_brake_stops_everything_at_once_and_governance_releases_it(world: World, capsys: Capture) -> None:
    context = world.context
    world.take_in(MONTH, [on_grid(PLANTS[0], 3_000_000)])
    with pytest.raises(Refused, match="no guardian"):
        pause(world.writer("governance"), context.deployment, "not mine")
    with pytest.raises(NotFound, match="no contract is closed"):
        reopened(context.rpc, context.deployment)
    good(world, capsys, "roles", "delay", "--days", "2")
    closed = good(world, capsys, "pause", "a key was stolen")["closed"]
    assert tuple(closed) == closed_contracts(context.rpc, context.deployment)
    assert len(closed) == 6
    assert "contract is closed" in bad(world, capsys, "issue", "--month", str(MONTH))["message"]
    assert good(world, capsys, "roles", "list")["closed"] == closed
    assert bad(world, capsys, "resume")["reason"] == "AccessManagerNotScheduled"
    good(world, capsys, "roles", "schedule", "resume")
    later(world, 2 * DAY)
    good(world, capsys, "resume")
    assert good(world, capsys, "issue", "--month", str(MONTH))["minted"] == 3
    assert bad(world, capsys, "resume")["kind"] == "NotFound"
