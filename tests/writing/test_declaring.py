"""Declared readings: declared with evidence, checked twice, issued with their month (Q26, Q33)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecchain.chain.declared import commitments_of, declarations_of
from gecchain.chain.views import View
from gecchain.declaring import check_again, check_first
from gecchain.errors import BadInput, Refused
from gecchain.evidence import EvidenceRoom
from gecchain.issuance import DECLARED, lines_of, plan_month
from gecchain.oracle.plants import FilingDraft
from gecchain.proofs import keccak256
from gecchain.rules import DeclarationStage, LeafRefusal, ProjectKey
from tests.world import World, draft, last_months, on_grid

MONTH = last_months(1)[0]
Capture = pytest.CaptureFixture[str]
MINE = [draft(number) for number in (900, 910, 920)]  # one owner
KEY = f"dev:owner-{MINE[0].owner_code}"


@pytest.fixture
def owned(world: World) -> World:
    world.file(MINE)
    return world


def table(folder: Path, rows: list[tuple[str, str, str, str, str]], name: str = "table.csv") -> Path:
    (folder / "sheet.pdf").write_bytes(b"%PDF sheet")
    (folder / "meter.pdf").write_bytes(b"%PDF meter certificate")
    path = folder / name
    lines = ["project,month,class,kwh,evidence", *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def row(
    one: FilingDraft, kwh: str, evidence: str = "sheet.pdf", kind: str = "on_grid"
) -> tuple[str, str, str, str, str]:
    return one.code, str(MONTH), kind, kwh, evidence


def good(world: World, capsys: Capture, *words: str) -> Any:
    status, document = world.json(capsys, *words)
    assert status == 0, document
    return document


def test_declared_checked_twice_and_issued(owned: World, capsys: Capture, tmp_path: Path) -> None:
    world = owned
    rows = [row(MINE[1], "2500.5"), row(MINE[0], "1000.123", "sheet.pdf; meter.pdf"), row(MINE[2], "3000")]
    words = ["declare", str(table(tmp_path, rows)), "--as", KEY]
    assert len(good(world, capsys, *words)["declared"]) == 3
    again = good(world, capsys, *words)
    assert (again["declared"], again["before"]) == ([], 3)
    assert good(world, capsys, "declarations", "check", "--month", str(MONTH))["checked"] == 3
    done = good(world, capsys, "declarations", "recheck", "--month", str(MONTH))
    assert (done["checked"], done["commitments"]) == (3, [1])
    (made,) = commitments_of(world.context.reader, MONTH)
    assert sorted(made.leaves) == list(made.leaves)
    planned = good(world, capsys, "issue", "--month", str(MONTH), "--dry-run")
    assert (planned["certificates"], planned["to_issue"]) == (6, 3)
    issued = good(world, capsys, "issue", "--month", str(MONTH))
    assert (issued["asked"], issued["minted"]) == (6, 6)
    assert good(world, capsys, "issue", "--month", str(MONTH))["issued_before"] == 3
    assert [lane.carry for lane in world.lanes(MINE)] == [123, 500_500, 0]
    listed = good(world, capsys, "declarations", "list", "--month", str(MONTH), "--stage", "accepted")
    assert {one["wh"] for one in listed} == {2_500_500, 1_000_123, 3_000_000}
    good(world, capsys, "index")
    assert good(world, capsys, "fsck")["passed"]


def test_what_another_program_committed_in_another_order_is_issued(
    owned: World, capsys: Capture, tmp_path: Path
) -> None:
    """The contract asks for no order of declared leaves; only ours are sorted."""
    world = owned
    good(world, capsys, "declare", str(table(tmp_path, [row(one, "2000") for one in MINE])), "--as", KEY)
    good(world, capsys, "declarations", "check", "--month", str(MONTH))
    found = sorted(declarations_of(world.context.reader, MONTH), key=lambda one: -one.leaf)
    proofs = [bytes.fromhex(one.evidence[2:]) for one in found]
    leaves = [one.leaf for one in found]
    world.call("authority", "Declarations", "recheck", MONTH.index, leaves, proofs, True, "")
    (made,) = commitments_of(world.context.reader, MONTH)
    assert list(made.leaves) == leaves
    issued = good(world, capsys, "issue", "--month", str(MONTH))
    assert (issued["asked"], issued["minted"], issued["refused"]) == (6, 6, [])


def test_one_hash_leads_to_all_evidence_of_a_reading(owned: World, capsys: Capture, tmp_path: Path) -> None:
    good(owned, capsys, "declare", str(table(tmp_path, [row(MINE[0], "1000", "meter.pdf;sheet.pdf")])), "--as", KEY)
    (found,) = declarations_of(owned.context.reader, MONTH)
    room = EvidenceRoom(owned.context.settings.evidence_location)
    listed = b"".join(room.get(bytes.fromhex(found.evidence[2:])))
    assert listed == b"".join(sorted([keccak256(b"%PDF sheet"), keccak256(b"%PDF meter certificate")]))
    assert room.label(keccak256(b"%PDF sheet")).handed_in_by == found.owner


def test_rows_that_cannot_be_declared_are_told_one_by_one(owned: World, capsys: Capture, tmp_path: Path) -> None:
    world = owned
    world.take_in(MONTH - 1, [on_grid(MINE[1], 1_000_000)])
    assert world.run("issue", "--month", str(MONTH - 1)) == 0
    (tmp_path.parent / "elsewhere.pdf").write_bytes(b"private")
    unknown = ProjectKey(MINE[0].key.type, MINE[0].key.technology, MINE[0].key.approved, 15, 999_999).code
    rows = [
        ("nonsense", str(MONTH), "on_grid", "1", "sheet.pdf"),
        (unknown, str(MONTH), "on_grid", "1", "sheet.pdf"),
        row(MINE[0], "1.2345"),
        row(MINE[0], "1", kind="solar"),
        (MINE[0].code, str(last_months(1)[0] + 1), "on_grid", "1", "sheet.pdf"),
        (MINE[1].code, str(MONTH - 1), "on_grid", "1", "sheet.pdf"),
        row(MINE[0], "1", "missing.pdf"),
        row(MINE[0], "1000", "../elsewhere.pdf"),
        row(MINE[0], "99999999999"),
        row(MINE[2], "1000"),
        row(MINE[2], "2000"),
        row(MINE[2], "2000", ""),
    ]
    path = table(tmp_path, rows)
    world.reopen()
    status, told = world.json(capsys, "declare", str(path), "--as", KEY)
    codes = [(one["row"], one["code"]) for one in told["refused"]]
    assert codes == [
        (2, "PROJECT_CODE"),
        (3, "UNKNOWN_PROJECT"),
        (4, "NUMBER_FORMAT"),
        (5, "UNKNOWN_CLASS"),
        (6, "MONTH_FUTURE"),
        (7, "ALREADY_ISSUED"),
        (8, "EVIDENCE"),
        (9, "EVIDENCE"),
        (10, "ABOVE_CAPACITY"),
        (12, "DUPLICATE"),
        (13, "MISSING_FIELD"),
    ]
    assert (status, len(told["declared"])) == (1, 1)


def test_a_file_elsewhere_is_no_evidence(owned: World, capsys: Capture, tmp_path: Path) -> None:
    (tmp_path.parent / "elsewhere.pdf").write_bytes(b"private")
    status, told = owned.json(
        capsys, "declare", str(table(tmp_path, [row(MINE[0], "1", "../elsewhere.pdf")])), "--as", KEY
    )
    assert (status, [one["code"] for one in told["refused"]]) == (1, ["EVIDENCE"])
    assert not EvidenceRoom(owned.context.settings.evidence_location).has(keccak256(b"private"))


def test_only_who_acts_for_the_owner_declares(owned: World, capsys: Capture, tmp_path: Path) -> None:
    path = table(tmp_path, [row(MINE[0], "1000")])
    status, told = owned.json(capsys, "declare", str(path), "--as", "dev:buyer")
    assert (status, told["error"]["row"], told["error"]["field"]) == (2, 2, "project")


def test_sent_back_with_a_reason_and_declared_again(owned: World, capsys: Capture, tmp_path: Path) -> None:
    world, month = owned, str(MONTH)
    words = ["declare", str(table(tmp_path, [row(MINE[0], "1000"), row(MINE[1], "1000")])), "--as", KEY]
    good(world, capsys, *words)
    chosen = next(one.id for one in declarations_of(world.context.reader, MONTH) if one.key >> 8 == MINE[0].key.id)
    status, told = world.json(capsys, "declarations", "check", "--month", month, chosen[:14], "--send-back")
    assert (status, told["error"]["reason"]) == (1, "ReasonEmpty")
    back = ["--send-back", "--reason", "the sheet is unreadable"]
    assert good(world, capsys, "declarations", "check", "--month", month, chosen[:14], *back)["checked"] == 1
    (listed,) = good(world, capsys, "declarations", "list", "--stage", "sent_back")
    assert (listed["declaration"], listed["reason"]) == (chosen, "the sheet is unreadable")
    assert len(good(world, capsys, *words)["declared"]) == 1
    status, told = world.json(capsys, "declarations", "check", "--month", month, "0xffffffffffffffff")
    assert (status, told["error"]["field"]) == (2, "declaration")
    good(world, capsys, "declarations", "check", "--month", month)
    assert good(world, capsys, "declarations", "recheck", "--month", month, *back)["commitments"] == []
    stages = {one.stage for one in declarations_of(world.context.reader, MONTH)}
    assert stages == {DeclarationStage.SENT_BACK}
    assert world.json(capsys, "declarations", "recheck", "--month", month)[0] == 1


def test_nobody_checks_out_of_turn_or_role(owned: World, capsys: Capture, tmp_path: Path) -> None:
    world, reader = owned, owned.context.reader
    good(world, capsys, "declare", str(table(tmp_path, [row(MINE[0], "1000")])), "--as", KEY)
    found = declarations_of(reader, MONTH)
    with pytest.raises(Refused, match="another stage"):
        check_again(world.writer("authority"), reader, found, True, "")
    with pytest.raises(Refused, match="does not have the role"):
        check_first(world.writer("authority"), reader, found, True, "")
    check_first(world.writer("information-centre"), reader, found, True, "")
    with pytest.raises(Refused, match="does not have the role"):
        check_again(world.writer("information-centre"), reader, found, True, "")
    with pytest.raises(Refused, match="another stage"):
        check_first(world.writer("information-centre"), reader, found, True, "")


def test_two_readings_of_one_project_do_not_both_pass(owned: World, capsys: Capture, tmp_path: Path) -> None:
    for kwh in ("1000", "2000"):
        good(owned, capsys, "declare", str(table(tmp_path, [row(MINE[0], kwh)], f"{kwh}.csv")), "--as", KEY)
    good(owned, capsys, "declarations", "check", "--month", str(MONTH))
    with pytest.raises(BadInput, match="same project and class"):
        check_again(
            owned.writer("authority"), owned.context.reader, declarations_of(owned.context.reader, MONTH), True, ""
        )


def test_what_is_pushed_goes_before_what_is_declared(owned: World, capsys: Capture, tmp_path: Path) -> None:
    world, month = owned, str(MONTH)
    good(world, capsys, "declare", str(table(tmp_path, [row(MINE[0], "5000"), row(MINE[1], "5000")])), "--as", KEY)
    good(world, capsys, "declarations", "check", "--month", month)
    good(world, capsys, "declarations", "recheck", "--month", month)
    world.take_in(MONTH, [on_grid(MINE[0], 3_000_000)])
    plan = plan_month(world.context.readings, world.context.reader, MONTH)
    assert [lot.provider for lot in plan.lots] == ["Grid A", DECLARED]
    lines = lines_of(world.context.readings, world.context.reader, MONTH)
    assert [line.refusal for line in lines] == [None, LeafRefusal.MONTH_ALREADY_ISSUED, None]
    issued = good(world, capsys, "issue", "--month", month)
    assert (issued["asked"], issued["minted"]) == (8, 8)
    counts = [
        world.context.reader.view(View("certificates", "batchOf", (world.batch(one, MONTH),)))[0][1] for one in MINE
    ]
    assert counts == [3, 5, 0]
