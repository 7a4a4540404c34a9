"""Two of three officers: what they have not approved is committed and not issued, and nobody can leave that out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from gecchain import fsck
from gecchain.chain.deploying import Role
from gecchain.chain.views import View
from gecchain.errors import Refused
from gecchain.governing import asking, scheduled_for
from gecchain.indexer import catch_up
from gecchain.issuance import approvable, plan_month
from gecchain.requests import parse_request
from gecchain.signer import development_signer
from gecchain.store import connected, open_engine, queries
from gecchain.store.indexing import Projection
from gecchain.store.intake.tables import commitments, readings
from tests.world import World, last_months, on_grid
from tests.writing.conftest import PLANTS
from tests.writing.test_declaring import KEY as OWNER
from tests.writing.test_declaring import MINE, row, table
from tests.writing.test_requests import platform, send
from tests.writing.test_roles import DAY, bad, good, later

MONTH = last_months(1)[0]
OFFICERS = ("dev:officer-1", "dev:officer-2", "dev:officer-3")
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def council(world: World, capsys: Capture) -> World:
    """Three officers, two of whom must approve; a month of two providers has been taken in."""
    for key in OFFICERS:
        good(world, capsys, "roles", "grant", "officer", key)
    good(world, capsys, "roles", "quorum", "2")
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS[:5]])
    world.take_in(MONTH, [on_grid(one, 3_500_000) for one in PLANTS[5:]], "Grid B")
    return world


def approve(world: World, capsys: Capture, key: str, *words: str) -> Any:
    return good(world, capsys, "approve", "--month", str(MONTH), "--as", key, *words)


def issue(world: World, capsys: Capture, *words: str) -> tuple[int, Any]:
    return world.json(capsys, "issue", "--month", str(MONTH), *words)


def committed(world: World) -> tuple[int, int]:
    """The latest commitments of the two providers, who commit at the same time: numbered as it happens."""
    made = [world.context.readings.commitments(MONTH, provider)[-1].number for provider in ("Grid A", "Grid B")]
    return made[0] or 0, made[1] or 0


def told(world: World, capsys: Capture) -> str:
    """What `gec issue` says on a terminal, where a part waits."""
    capsys.readouterr()
    assert world.run("issue", "--month", str(MONTH)) == 1
    said = capsys.readouterr()
    return said.out + said.err


def minted(world: World) -> int:
    return int(world.context.reader.view(View("certificates", "issuedTotal"))[0])


def test_what_two_officers_approve_is_issued(council: World, capsys: Capture) -> None:
    """The whole way: committed, told to wait, approved one by one, issued in parts, once, and proven."""
    world = council
    (first, second) = good(world, capsys, "issue", "--month", str(MONTH), "--dry-run")["waiting"]
    assert (first["commitment"], first["provider"], first["readings"], first["approvals"]) == (None, "Grid A", 5, 0)
    assert second["certificates"] == 21
    said = told(world, capsys)
    assert "31 certificates wait for officers to approve commitments 1, 2" in said
    assert f"gec approve --month {MONTH}" in said
    assert minted(world) == 0
    one, other = committed(world)

    assert len(approve(world, capsys, OFFICERS[0])["transactions"]) == 2
    again = approve(world, capsys, OFFICERS[0])
    assert (again["transactions"], [one["approved_before"] for one in again["commitments"]]) == ([], [True, True])
    assert minted(world) == 0 if issue(world, capsys)[0] else "it was issued"
    (shown,) = approve(world, capsys, OFFICERS[2], "--commitment", str(other))["commitments"]
    expected = {"name": "Grid B", "readings": 7, "wh": 24_500_000, "approvals": 1, "rebuilt": True}
    assert {name: shown[name] for name in expected} == expected
    assert shown["root"] == "0x" + world.context.reader.commitment(other)[0].hex()
    assert shown["evidence"] == "0x" + world.context.reader.commitment(other)[1].hex()

    status, document = issue(world, capsys)
    assert (status, document["error"]["reason"]) == (1, "ApprovalsMissing")
    assert minted(world) == 21
    assert [lot.number for lot in plan_month(world.context.readings, world.context.reader, MONTH).waiting] == [one]
    approve(world, capsys, OFFICERS[1], "--commitment", str(one))
    status, document = issue(world, capsys)
    assert (status, document["minted"], document["waiting"], document["issued_before"]) == (0, 10, [], 7)
    assert minted(world) == 31
    assert issue(world, capsys)[1]["transactions"] == []
    assert proven(world) == {one: {0, 1}, other: {0, 2}}


def proven(world: World) -> dict[int, set[int]]:
    """Numbers of the officers who approved, by commitment, as the index has it; fsck finds the same."""
    projection = Projection(world.context.projection)
    catch_up(world.context.reader, projection)
    report = fsck.check(world.context.reader, projection)
    assert report.passed, report.first_difference
    keys = [development_signer(key.removeprefix("dev:")).address.lower() for key in OFFICERS]
    found: dict[int, set[int]] = {}
    for one in projection.values("approvals"):
        found.setdefault(one.commitment, set()).add(keys.index(one.officer))
    with connected(world.context.projection) as db:
        token = world.batch(PLANTS[0], MONTH) << 32
        assert {officer for officer, _place in queries.certificate(db, token).commitment.approvals} == set(keys[:2])
        steps = [step.name for step in queries.trace(db, token)]
    assert steps[-4:] == ["readings_committed", "commitment_approved", "commitment_approved", "issued"]
    return found


def test_declared_readings_are_approved_too(council: World, capsys: Capture, tmp_path: Path) -> None:
    world = council
    world.file(MINE)
    good(world, capsys, "declare", str(table(tmp_path, [row(MINE[0], "2500.5")])), "--as", OWNER)
    good(world, capsys, "declarations", "check", "--month", str(MONTH))
    good(world, capsys, "declarations", "recheck", "--month", str(MONTH))
    for key in OFFICERS[:2]:
        (one,) = approve(world, capsys, key, "--commitment", "1")["commitments"]
        assert (one["declared"], one["readings"], one["rebuilt"]) == (True, 1, True)
    status, document = issue(world, capsys)
    assert (status, minted(world)) == (1, 2)
    assert "commitments 2, 3" in document["error"]["message"]


def test_a_revision_begins_without_approvals(council: World, capsys: Capture) -> None:
    world = council
    assert issue(world, capsys)[0] == 1
    old, other = committed(world)
    for key in OFFICERS[:2]:
        approve(world, capsys, key, "--commitment", str(old))
    world.take_in(MONTH, [on_grid(PLANTS[0], 9_000_000)], mark="revised")
    assert issue(world, capsys)[0] == 1
    assert minted(world) == 0
    officer = development_signer("officer-1").address
    found = {one.number: one for one in approvable(world.context.reader, MONTH, officer)}
    assert sorted(found) == sorted((other, 3))
    assert (found[3].approvals, found[3].approved) == (0, False)
    for key in OFFICERS[:2]:
        approve(world, capsys, key)
    assert issue(world, capsys)[0] == 0
    assert minted(world) == 31 - 2 + 9


def test_what_does_not_come_to_the_root_is_not_approved(council: World, capsys: Capture) -> None:
    world = council
    assert issue(world, capsys)[0] == 1
    engine = open_engine(world.context.settings.working_url)
    with connected(engine, writes=True) as db:
        db.execute(update(readings).where(readings.c.project == PLANTS[0].key.id).values(wh=9_500_000))
    one, other = committed(world)
    error = bad(world, capsys, "approve", "--month", str(MONTH), "--as", OFFICERS[0])
    assert f"do not lead to the root of commitment {one}." in error["message"]
    error = bad(world, capsys, "approve", "--month", str(MONTH), "--as", OFFICERS[0], "--dry-run")
    assert error["kind"] == "BrokenProof"
    assert world.context.reader.commitment(1)[7] == world.context.reader.commitment(2)[7] == 0
    approve(world, capsys, OFFICERS[0], "--commitment", str(other))
    with connected(engine, writes=True) as db:
        db.execute(update(commitments).values(number=None))
        db.execute(update(readings).values(wh=2_500_000))
    engine.dispose()
    found = approve(world, capsys, OFFICERS[0], "--commitment", str(one))["commitments"]
    assert found[0]["rebuilt"], "from the plan"


def test_a_sum_that_is_not_its_readings_is_not_approved(council: World, capsys: Capture) -> None:
    """A provider that commits the right root under another total."""
    world = council
    plan = plan_month(world.context.readings, world.context.reader, MONTH)
    assert issue(world, capsys)[0] == 1
    one = committed(world)[0]
    made = world.context.reader.commitment(one)
    assert plan.lots[0].wh == made[8] == 12_500_000
    world.call("Grid A", "Readings", "commit", MONTH.index, made[0], 5, 99_000_000, made[1], one)
    error = bad(world, capsys, "approve", "--month", str(MONTH), "--as", OFFICERS[0])
    assert "of 5 readings and 99000000 Wh" in error["message"]


def test_a_home_of_ones_own_has_no_readings_or_the_same(council: World, capsys: Capture, tmp_path: Path) -> None:
    """An officer elsewhere approves what is not at hand knowingly, and what is at hand only if it leads there."""
    world = council
    assert issue(world, capsys)[0] == 1
    shutil.copytree(world.home, tmp_path / "own", ignore=shutil.ignore_patterns("*.db*", "locks"))
    own = World.of(world.url, tmp_path / "own")
    one, other = committed(world)
    unseen = approve(own, capsys, OFFICERS[0], "--commitment", str(one))
    assert [found["rebuilt"] for found in unseen["commitments"]] == [False]
    own.take_in(MONTH, [on_grid(one, 3_500_000) for one in PLANTS[5:]], "Grid B", "mine")
    assert approve(own, capsys, OFFICERS[0], "--commitment", str(other))["commitments"][0]["rebuilt"]
    assert bad(own, capsys, "approve", "--month", str(MONTH), "--as", OFFICERS[1])["kind"] == "BrokenProof"
    own.close()


def test_signed_approvals_are_sent_by_anybody(council: World, capsys: Capture, tmp_path: Path) -> None:
    world = council
    assert issue(world, capsys)[0] == 1
    wishes = []
    for number, key in enumerate(OFFICERS[:2]):
        file = tmp_path / f"{number}.json"
        document = approve(world, capsys, key, "--signed", str(file))
        assert len(document["signed"]) == 2
        wishes += [parse_request(one) for one in json.loads(file.read_bytes())["requests"]]
    assert world.context.reader.commitment(1)[7] == 0, "nothing was sent"
    with platform(world) as client:
        taken = client.hand_in(wishes, key="approvals")
        assert [one.state for one in taken] == ["accepted"] * 4
        send(world)
        ended = [client.wait(one.id) for one in taken]
        assert {(one.state, one.call) for one in ended} == {("done", "readings.approve")}
        assert issue(world, capsys)[0] == 0
        certificate = client.certificate(world.number(PLANTS[0], MONTH), min_block=world.context.reader.head())
        officers = [development_signer(key.removeprefix("dev:")).address.lower() for key in OFFICERS[:2]]
        assert [one.officer for one in certificate.reading.approvals] == officers
    assert minted(world) == 31


def test_refusals_say_what_is_wrong(council: World, capsys: Capture) -> None:
    world = council
    month = ("--month", str(MONTH))
    assert bad(world, capsys, "approve", *month, "--as", OFFICERS[0])["kind"] == "NotFound"
    assert issue(world, capsys)[0] == 1
    assert bad(world, capsys, "approve", *month, "--as", "dev:authority")["reason"] == "AccessManagedUnauthorized"
    error = bad(world, capsys, "approve", *month, "--as", OFFICERS[0], "--commitment", "7")
    assert (error["field"], error["value"]) == ("commitment", "7")
    root = world.context.reader.commitment(1)[0]
    for args, reason in (((9, root), "no such commitment"), ((1, b"\1" * 32), "another root than what was approved")):
        with pytest.raises(Refused, match=reason):
            world.call("officer-1", "Readings", "approve", *args)
    world.call("officer-1", "Readings", "approve", 1, root)
    with pytest.raises(Refused, match="approved the commitment already"):
        world.call("officer-1", "Readings", "approve", 1, root)


def test_governance_sets_how_many_and_waits_with_its_delay(council: World, capsys: Capture) -> None:
    world, context = council, council.context
    listed = good(world, capsys, "roles", "list")
    assert (listed["quorum"], sum(one["role"] == "officer" for one in listed["members"])) == (2, 3)
    error = bad(world, capsys, "roles", "quorum", "4")
    assert (error["field"], error["value"]) == ("officers", "4")
    good(world, capsys, "roles", "delay", "--days", "2")
    assert bad(world, capsys, "roles", "quorum", "0")["reason"] == "AccessManagerNotScheduled"
    announced = good(world, capsys, "roles", "schedule", "quorum", "0")
    governance = context.signer(context.roles.governance).address
    assert announced["ready"] == scheduled_for(context.rpc, context.deployment, governance, asking(0)) > 0
    assert bad(world, capsys, "roles", "execute", "quorum", "0")["reason"] == "AccessManagerNotReady"
    assert issue(world, capsys)[0] == 1
    later(world, 2 * DAY)
    good(world, capsys, "roles", "execute", "quorum", "0")
    assert good(world, capsys, "roles", "list")["quorum"] == 0
    assert bad(world, capsys, "roles", "schedule", "quorum", "many")["field"] == "officers"
    assert (issue(world, capsys)[0], minted(world)) == (0, 31)


def test_an_officer_of_two_sides_is_shown(council: World, capsys: Capture) -> None:
    world = council
    good(world, capsys, "roles", "grant", "officer", "dev:authority")
    capsys.readouterr()
    assert world.run("roles", "list") == 0
    said = capsys.readouterr().out
    assert f"{development_signer('authority').address.lower()} approves what it also provides or issues" in said
    assert "Officers who must approve a commitment before it is issued: 2" in said
    assert Role.OFFICER == 14
