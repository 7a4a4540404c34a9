"""A dispute from opening to what is deducted, over real contracts: who has the turn, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecchain import cases
from gecchain.cases import Remedy
from gecchain.chain.views import View
from gecchain.errors import NotFound, Refused
from gecchain.events import CaseChecked, CaseClosed, CaseDecided, CaseOpened, CaseProposed, Deducted
from gecchain.rules import CaseStage, CertificateState, Outcome, Range
from tests.world import BUYER, PLATFORM, World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
PLANT = PLANTS[0]
PROOF = b"\7" * 32


@pytest.fixture
def batch(world: World) -> int:
    world.take_in(MONTH, [on_grid(PLANT, 100_400_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    return world.batch(PLANT, MONTH)


def owner(world: World) -> str:
    return f"owner-{PLANT.owner_code}"


def opened(world: World, batch: int, *doubtful: Range, name: str = "case") -> int:
    writer, deployment = world.writer(owner(world)), world.context.deployment
    return cases.open_case(writer, deployment, batch, doubtful, PROOF, "the meter was misread", name)[0]


def decided(world: World, case: int, watt_hours: int, outcome: Outcome) -> int:
    deployment = world.context.deployment
    cases.propose(world.writer("exchange"), deployment, case, watt_hours, PROOF, "settled anew")
    cases.check(world.writer("office"), deployment, case, True, PROOF, "seen on the spot")
    return cases.decide(world.writer("authority"), deployment, case, outcome, PROOF, "as proposed")[0]


def trade(world: World, batch: int, serials: Range) -> None:
    deployment = world.context.deployment
    receipt = world.call(owner(world), "Market", "list", batch, serials.start, serials.end, 450, 1)
    lot = int(receipt.logs[-1]["topics"][1], 16)
    buyer, platform = world.account(BUYER), world.account(PLATFORM)
    world.call("platform", "Market", "take", lot, len(serials), buyer, platform)
    assert deployment.market


def retire(world: World, key: str, batch: int, serials: Range) -> None:
    claim = ("某公司", 4, MONTH.index, MONTH.index + 1, "")
    world.call(key, "Certificates", "retire", batch, serials.start, serials.end, claim)


def states(world: World, batch: int) -> list[tuple[int, int, CertificateState, bool]]:
    found = cases.segments_of(world.context.reader, batch)
    return [(one.start, one.end, CertificateState.of_number(one.state), one.traded) for one in found]


def carry_out(world: World, case: int, *serials: Range) -> cases.Plan:
    reader = world.context.reader
    plan = cases.plan_execution(reader, cases.case_of(reader, case), serials)
    cases.execute(world.writer("authority"), world.context.deployment, case, plan)
    return plan


def test_what_is_unsold_is_deducted_first_latest_serials_first(world: World, batch: int) -> None:
    case = opened(world, batch, Range(40, 60))
    assert decided(world, case, -30_000_000, Outcome.DEDUCTED) == -30
    plan = carry_out(world, case)
    assert [(piece.serials, piece.remedies) for piece in plan.pieces] == [(Range(70, 100), (Remedy.DEDUCT,))]
    assert states(world, batch) == [
        (0, 40, CertificateState.HELD, False),
        (40, 60, CertificateState.HELD, False),
        (60, 70, CertificateState.HELD, False),
        (70, 100, CertificateState.DEDUCTED, False),
    ]
    after = cases.case_of(world.context.reader, case)
    assert (after.stage, after.owed, after.due, after.doubtful) == (CaseStage.CLOSED, 0, 0, (Range(40, 60),))


def test_the_carry_pays_before_certificates_do(world: World, batch: int) -> None:
    case = opened(world, batch)
    assert decided(world, case, -400_000, Outcome.DEDUCTED) == 0
    assert cases.case_of(world.context.reader, case).stage is CaseStage.CLOSED


def test_what_was_sold_and_retired_is_undone_and_deducted(world: World, batch: int) -> None:
    """On sale, sold, sold and retired, retired by the owner: each in its turn."""
    trade(world, batch, Range(0, 20))
    retire(world, "buyer", batch, Range(10, 20))
    retire(world, owner(world), batch, Range(90, 100))
    world.call(owner(world), "Market", "list", batch, 30, 40, 450, 1)
    case = opened(world, batch, Range(20, 30))
    assert decided(world, case, -95_000_000, Outcome.DEDUCTED) == -95
    found = cases.case_of(world.context.reader, case)
    plan = cases.plan_execution(world.context.reader, found)
    assert [(lot.listing, lot.serials) for lot in plan.lots] == [(2, Range(30, 40))]
    assert [(piece.serials, piece.remedies) for piece in plan.pieces] == [
        (Range(40, 90), (Remedy.DEDUCT,)),
        (Range(20, 30), (Remedy.DEDUCT,)),
        (Range(30, 40), (Remedy.DEDUCT,)),
        (Range(90, 100), (Remedy.UNDO_RETIREMENT, Remedy.DEDUCT)),
        (Range(10, 20), (Remedy.UNDO_RETIREMENT, Remedy.UNDO_TRADE, Remedy.DEDUCT)),
        (Range(5, 10), (Remedy.UNDO_TRADE, Remedy.DEDUCT)),
    ]
    undone = cases.undone_by(world.context.reader, batch, plan)
    assert [(one.remedy, one.serials, one.trade) for one in undone] == [
        (Remedy.UNDO_RETIREMENT, Range(90, 100), 0),
        (Remedy.UNDO_RETIREMENT, Range(10, 20), 0),
        (Remedy.UNDO_TRADE, Range(10, 20), 1),
        (Remedy.UNDO_TRADE, Range(5, 10), 1),
    ]
    assert {one.party for one in undone[1:]} == {world.account(BUYER)}
    cases.execute(world.writer("authority"), world.context.deployment, case, plan)
    assert cases.case_of(world.context.reader, case).stage is CaseStage.CLOSED
    assert sum(end - start for start, end, state, _traded in states(world, batch) if state == 5) == 95
    assert world.context.reader.balance_of(world.account(BUYER)) == 5


def test_an_addition_is_issued_at_once_and_ends_the_case(world: World, batch: int) -> None:
    case = opened(world, batch)
    assert decided(world, case, 2_600_000, Outcome.ADDED) == 3
    assert cases.case_of(world.context.reader, case).stage is CaseStage.CLOSED
    (added,) = world.context.reader.view(View("certificates", "additionsOf", (batch,)))[0]
    assert added[1:4] == (100, 103, case)


def test_an_undone_trade_gives_the_certificates_back_to_be_sold_again(world: World, batch: int) -> None:
    trade(world, batch, Range(0, 20))
    case = opened(world, batch)
    decided(world, case, 0, Outcome.UNDONE)
    with pytest.raises(NotFound, match="do not all exist"):
        carry_out(world, case)
    with pytest.raises(NotFound, match="do not all exist"):
        carry_out(world, case, Range(15, 101))
    with pytest.raises(Refused, match="neither sold nor retired"):
        carry_out(world, case, Range(15, 30))
    carry_out(world, case, Range(15, 20))
    with pytest.raises(Refused, match="may not act"):
        cases.close(world.writer(owner(world)), world.context.deployment, case)
    cases.close(world.writer("authority"), world.context.deployment, case)
    trade(world, batch, Range(15, 20))


def test_nobody_speaks_out_of_turn(world: World, batch: int) -> None:
    deployment = world.context.deployment
    with pytest.raises(Refused, match="may not act"):
        cases.open_case(world.writer("buyer"), deployment, batch, [], PROOF, "x", "not mine")
    with pytest.raises(Refused, match="no evidence"):
        cases.open_case(world.writer(owner(world)), deployment, batch, [], bytes(32), "x", "no evidence")
    case = opened(world, batch)
    with pytest.raises(Refused, match="open case of this batch already"):
        opened(world, batch, name="again")
    with pytest.raises(Refused, match="another stage"):
        cases.check(world.writer("office"), deployment, case, True, PROOF, "x")
    with pytest.raises(Refused, match="does not have the role"):
        cases.propose(world.writer("office"), deployment, case, 1, PROOF, "x")
    with pytest.raises(Refused, match="there is no reason"):
        cases.propose(world.writer("exchange"), deployment, case, 1, PROOF, "")
    with pytest.raises(NotFound, match="no case 7"):
        cases.case_of(world.context.reader, 7)
    cases.propose(world.writer("exchange"), deployment, case, -1, PROOF, "x")
    cases.check(world.writer("office"), deployment, case, False, PROOF, "not so")
    assert cases.case_of(world.context.reader, case).stage is CaseStage.OPENED
    cases.propose(world.writer("exchange"), deployment, case, -1, PROOF, "again")
    cases.check(world.writer("office"), deployment, case, True, PROOF, "so")
    with pytest.raises(Refused, match="does not fit"):
        cases.decide(world.writer("authority"), deployment, case, Outcome.ADDED, PROOF, "x")
    cases.decide(world.writer("authority"), deployment, case, Outcome.REJECTED, PROOF, "unfounded")
    found = cases.case_of(world.context.reader, case)
    with pytest.raises(Refused, match="not decided"):
        cases.plan_execution(world.context.reader, found)


def test_the_whole_case_is_told_in_order(world: World, batch: int) -> None:
    other = opened(world, batch, name="other")
    cases.close(world.writer(owner(world)), world.context.deployment, other)
    case = opened(world, batch, Range(0, 1))
    decided(world, case, -1_000_000, Outcome.DEDUCTED)
    carry_out(world, case)
    told = [type(one.event) for one in cases.history(world.context.reader, cases.case_of(world.context.reader, case))]
    in_order = [
        kind for kind in told if kind in (CaseOpened, CaseProposed, CaseChecked, CaseDecided, Deducted, CaseClosed)
    ]
    assert in_order == [CaseOpened, CaseProposed, CaseChecked, CaseDecided, Deducted, CaseClosed]
    assert [one.id for one in cases.all_cases(world.context.reader)] == [other, case]


def test_deadlines_are_the_authoritys(world: World, batch: int) -> None:
    cases.set_deadlines(world.writer("authority"), world.context.deployment, 1, 2, 3, 4)
    found = cases.case_of(world.context.reader, opened(world, batch))
    assert found.due - found.since == 86_400


def test_a_case_at_the_command_line(
    world: World, batch: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trade(world, batch, Range(0, 95))
    sheet = tmp_path / "sheet.pdf"
    sheet.write_bytes(b"%PDF sheet")
    words = ["--reason", "misread", "--evidence", str(sheet)]
    number = world.number(PLANT, MONTH)
    status, made = world.json(
        capsys, "case", "open", number, "--serials", "96-99", "--as", f"dev:{owner(world)}", *words
    )
    assert (status, made["stage"], made["doubtful"]) == (0, "opened", [{"start": 96, "end": 100}])
    case = str(made["case"])
    status, told = world.json(capsys, "case", "propose", case, "--exchange", "Nobody", "--kwh", "-1", *words)
    assert (status, told["error"]["field"]) == (2, "exchange")
    status, told = world.json(capsys, "case", "propose", case, "--exchange", "Exchange A", "--kwh", "-1.2345", *words)
    assert (status, told["error"]["value"]) == (2, "-1.2345")
    status, told = world.json(capsys, "case", "propose", case, "--exchange", "Exchange A", "--kwh", "-10000.5", *words)
    assert (status, told["watt_hours"]) == (0, -10_000_500)
    assert world.run("case", "check", case, "--office", "Office A", *words) == 0
    status, told = world.json(
        capsys, "case", "decide", case, "deduct", "--reason", "so", "--evidence", told["evidence"]
    )
    assert (status, told["owed"]) == (0, 10)
    status, told = world.json(
        capsys, "case", "decide", case, "deduct", "--reason", "so", "--evidence", "0x" + "11" * 32
    )
    assert (status, told["error"]["field"]) == (2, "evidence")
    status, planned = world.json(capsys, "case", "execute", case, "--dry-run")
    assert status == 0
    assert [(one["what"], one["start"], one["end"]) for one in planned["undone"]] == [("trade", 90, 95)]
    status, done = world.json(capsys, "case", "execute", case, "--yes")
    assert (status, done["stage"], done["owed"]) == (0, "closed", 0)
    status, shown = world.json(capsys, "case", "show", case)
    assert shown["history"][0]["reason"] == "misread"
    assert world.json(capsys, "case", "list") == (0, [])
    assert [one["case"] for one in world.json(capsys, "case", "list", "--all")[1]] == [1]
    assert world.run("case", "show", case) == 0
    assert "trade undone" in capsys.readouterr().out.lower().replace("tradeundone", "trade undone")
    status, told = world.json(capsys, "evidence", "get", shown["evidence"], "-o", str(tmp_path / "copy.pdf"))
    assert (status, (tmp_path / "copy.pdf").read_bytes()) == (0, b"%PDF sheet")
