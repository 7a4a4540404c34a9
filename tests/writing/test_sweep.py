"""What has to be retired is found, withdrawn, retired once, and told (Q79, Q80, Q96)."""

from __future__ import annotations

import pytest

from gecchain.chain.views import View
from gecchain.errors import Refused
from gecchain.filing import close_account
from gecchain.retirement import Due, retire_due, sweep, warn, withdraw_stale
from gecchain.rules import Range, RetirementReason, Technology, expires_at, expiring_within
from tests.world import BUYER, PLATFORM, World, draft, last_months, on_grid

MONTH = last_months(1)[0]
OVER, ENDING = MONTH - 25, MONTH - 23
PLANT, THERMAL = draft(700), draft(701, Technology.SOLAR_THERMAL)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stocked(world: World) -> World:
    """Certificates that are over, that end soon, of CCER, and of a buyer who is to go."""
    world.file([PLANT, THERMAL])
    for month in (OVER, ENDING, MONTH):
        world.take_in(month, [on_grid(PLANT, 10_000_000), on_grid(THERMAL, 20_000_000)])
        assert world.run("issue", "--month", str(month)) == 0
    return world


def owner(one: object) -> str:
    return f"owner-{getattr(one, 'owner_code', '')}"


def lot(world: World, key: str, batch: int, start: int, end: int) -> int:
    return int(world.call(key, "Market", "list", batch, start, end, 450, 1).logs[-1]["topics"][1], 16)


def buy(world: World, batch: int, start: int, end: int) -> None:
    number = lot(world, owner(PLANT), batch, start, end)
    world.call("platform", "Market", "take", number, end - start, world.account(BUYER), world.account(PLATFORM))


def test_the_months_are_what_they_are_called() -> None:
    now = MONTH.ends_at
    assert expires_at(OVER) <= now
    assert expiring_within(ENDING, now)
    assert not expiring_within(MONTH, now)


def test_everything_due_is_retired_and_told_once(stocked: World, capsys: Capture) -> None:
    world = stocked
    buy(world, world.batch(PLANT, MONTH), 0, 4)
    lot(world, owner(THERMAL), world.batch(THERMAL, MONTH), 0, 5)
    world.call(owner(THERMAL), "Registry", "chooseCcer", THERMAL.key.id, True)
    world.call("ccer-registry", "Registry", "registerCcer", THERMAL.key.id, MONTH.index, MONTH.index + 1, "CCER-1")
    close_account(world.writer("authority"), world.context.reader, world.account(BUYER), "dissolved")
    status, planned = world.json(capsys, "sweep", "--dry-run")
    assert (status, sum(one["end"] - one["start"] for one in planned["due"])) == (0, 30 + 15 + 4)
    status, done = world.json(capsys, "sweep")
    assert (status, done["refused"], done["withdrawn"]) == (0, [], 1)
    assert done["retired"] == {"expired": 30, "ccer": 20, "account_closed": 4}
    assert str(ENDING) in done["warned"]
    assert done["expiring"] == {str(ENDING): 30}
    status, again = world.json(capsys, "sweep")
    assert status == 0
    assert (again["withdrawn"], again["retired"], again["warned"], again["refused"]) == (0, {}, [], [])
    assert world.context.reader.segment_at(world.batch(THERMAL, MONTH), 0).state == 4
    assert world.context.reader.balance_of(world.account(BUYER)) == 0


def test_what_is_not_due_is_refused_and_the_rest_goes_on(stocked: World) -> None:
    world, deployment = stocked, stocked.context.deployment
    over, valid = world.batch(PLANT, OVER), world.batch(PLANT, MONTH)
    number = lot(world, owner(PLANT), valid, 5, 7)
    due = [Due(valid, Range(0, 3)), Due(over, Range(0, 4)), Due(over, Range(0, 4)), Due(over, Range(4, 10))]
    told: list[int] = []
    done = sweep(world.writer("anybody"), deployment, iter(due), progress=told.append)
    assert dict(done.retired) == {RetirementReason.EXPIRED: 10}
    assert [(one, why) for one, why in done.refused if "neither expired" in why] == [(due[0], done.refused[0][1])]
    assert "retired" in done.refused[1][1]
    assert sum(told) == len(due)
    withdrawn, kept = withdraw_stale(world.writer("anybody"), deployment, [number])
    assert (withdrawn, [one for one, _why in kept]) == (0, [number])
    with pytest.raises(Refused, match="neither expired"):
        retire_due(world.writer("anybody"), deployment, valid, Range(0, 1))


def test_many_ranges_go_in_many_transactions(stocked: World) -> None:
    world, over = stocked, stocked.batch(THERMAL, OVER)
    due = [Due(over, Range(at, at + 1)) for at in range(20)] * 4
    done = sweep(world.writer("anybody"), world.context.deployment, due)
    assert dict(done.retired) == {RetirementReason.EXPIRED: 20}
    assert len(done.refused) == 60


def test_a_warning_is_given_once_and_in_time(stocked: World) -> None:
    world = stocked
    warn(world.writer("anybody"), world.context.deployment, ENDING)
    with pytest.raises(Refused, match="given already"):
        warn(world.writer("anybody"), world.context.deployment, ENDING)
    with pytest.raises(Refused, match="do not end within three months"):
        warn(world.writer("anybody"), world.context.deployment, MONTH)


def test_accounts_are_frozen_freed_handed_over_and_closed(stocked: World, capsys: Capture) -> None:
    world, account = stocked, stocked.account(BUYER)
    actor = lambda: world.context.reader.view(View("registry", "actorOf", (account,)))[0]  # noqa: E731
    before = actor()
    assert world.run("accounts", "freeze", account, "--reason", "a doubt") == 0
    assert int(actor(), 16) == 0
    assert world.run("accounts", "unfreeze", account, "--reason", "cleared") == 0
    assert actor() == before
    assert world.run("accounts", "operator", account, "dev:other") == 0
    assert actor() == world.context.signer("dev:other").address.lower()
    assert world.run("accounts", "close", account, "--reason", "dissolved") == 0
    status, told = world.json(capsys, "accounts", "close", account, "--reason", "again")
    assert (status, told["error"]["reason"]) == (1, "AccountIsClosed")
    status, told = world.json(capsys, "accounts", "close", "Nobody", "--reason", "x")
    assert (status, told["error"]["field"]) == (2, "account")
