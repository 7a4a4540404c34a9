"""Free moves on the real contract: by the authority on proof, by a province after its plan, and nothing twice."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gecchain.chain.holdings import Piece
from gecchain.chain.views import View
from gecchain.errors import Refused
from gecchain.moving import Allotted, Status, distribute, move, plan_distribution
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.plans import PlanRow, read_plan
from gecchain.oracle.reading import Refusal
from gecchain.oracle.source import survey
from gecchain.proofs import keccak256
from gecchain.rules import BatchKey, Electricity, MoveKind, Range, Technology, number_of, token_id
from tests.world import BUYER, World, draft, last_months, on_grid
from tests.writing.conftest import PLANTS

EARLIER, MONTH = last_months(2)
DAM = draft(600, Technology.HYDRO)
ROOF = PLANTS[0]
RECEIVER = "0x" + "ab" * 20


def account_of(code: str) -> str:
    return f"account of {code}"


def stock(month: Any = MONTH) -> int:
    """The dam's batch of a month: held by the province, not tradable."""
    return BatchKey(DAM.key.id, month, Electricity.ON_GRID, tradable=False).id


@pytest.fixture
def issued(world: World) -> World:
    """Stock hydro of two months, fifty each, at the province; twenty self-used certificates at a roof's owner."""
    world.file([DAM])
    world.take_in(EARLIER, [on_grid(DAM, 50_000_000)])
    world.take_in(MONTH, [on_grid(DAM, 50_000_000), on_grid(ROOF, 20_000_000, Electricity.SELF_USE)])
    for month in (EARLIER, MONTH):
        assert world.run("issue", "--month", str(month)) == 0
    assert world.context.reader.balance_of(province_of(world)) == 100
    return world


def province_of(world: World) -> str:
    account: str = world.context.reader.view(View("registry", "provincialAccount", (15,)))[0]
    return account.lower()


def plan_file(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("project", "month", "number", "quantity", "receiver"))
        writer.writerows(rows)
    return path


def read(path: Path) -> list[Any]:
    return [one for batch in read_plan(survey(path), account_of) for one in batch]


def run(world: World, path: Path) -> list[Allotted]:
    rows = read(path)
    assert all(isinstance(one, PlanRow) for one in rows), rows
    plan = keccak256(path.read_bytes())
    return distribute(world.writer("province"), world.context.reader, province_of(world), rows, plan)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (("", "", "", 5, RECEIVER), "MISSING_FIELD", "project"),
        (("x", "", "", 5, RECEIVER), "PROJECT_CODE", "project"),
        ((DAM.code, "13", "", 5, RECEIVER), "MONTH_FORMAT", "month"),
        ((DAM.code, "", "123", 5, RECEIVER), "CERTIFICATE_NUMBER", "number"),
        ((ROOF.code, "", number_of(token_id(stock(), 0)), 5, RECEIVER), "CERTIFICATE_NUMBER", "number"),
        ((DAM.code, "", "", 0, RECEIVER), "QUANTITY", "quantity"),
        ((DAM.code, "", "", "1.5", RECEIVER), "QUANTITY", "quantity"),
        ((DAM.code, "", "", 10**9, RECEIVER), "QUANTITY", "quantity"),
        ((DAM.code, "", "", "", RECEIVER), "MISSING_FIELD", "quantity"),
        ((DAM.code, "", "", 5, "nobody"), "ACCOUNT", "receiver"),
    ],
)
def test_a_bad_row_is_kept_and_the_others_go_on(tmp_path: Path, row: tuple[object, ...], code: str, field: str) -> None:
    refusal, good = read(plan_file(tmp_path / "plan.csv", [row, (DAM.code, "", "", 5, made_up_uscc(BUYER))]))
    assert isinstance(refusal, Refusal)
    assert (refusal.code.name, refusal.row, refusal.field) == (code, 2, field)
    assert isinstance(good, PlanRow)
    assert good.receiver == f"account of {made_up_uscc(BUYER)}"


@pytest.mark.parametrize("kind", [MoveKind.HYDRO_TO_USER, MoveKind.SUCCESSION])
def test_the_authority_moves_on_proof_and_once(issued: World, kind: MoveKind) -> None:
    reader, buyer = issued.context.reader, issued.account(BUYER)

    def act(key: str, piece: Piece, name: str) -> Any:
        return move(issued.writer(key), reader, piece, buyer, kind, b"\7" * 32, key=name)

    done = act("authority", Piece(stock(), Range(10, 20)), "m")
    assert act("authority", Piece(stock(), Range(10, 20)), "m") == done
    assert (done.event.kind, done.event.basis, done.event.to.lower()) == (int(kind), "0x" + "07" * 32, buyer)
    assert reader.balance_of(buyer) == 10
    with pytest.raises(Refused, match="role"):
        act("province", Piece(stock(), Range(0, 1)), "a")
    with pytest.raises(Refused, match="within one segment"):
        act("authority", Piece(stock(), Range(0, 20)), "b")
    with pytest.raises(Refused, match="no such batch"):
        act("authority", Piece(stock() + 1, Range(0, 1)), "c")
    with pytest.raises(Refused, match="no such account"):
        move(issued.writer("authority"), reader, Piece(stock(), Range(0, 1)), RECEIVER, kind, b"\7" * 32, key="d")


def test_each_kind_of_move_is_for_its_own(issued: World) -> None:
    reader, buyer, authority = issued.context.reader, issued.account(BUYER), issued.writer("authority")
    roof = Piece(BatchKey(ROOF.key.id, MONTH, Electricity.SELF_USE, tradable=False).id, Range(0, 5))
    dam = Piece(stock(), Range(0, 5))
    for piece, kind in ((roof, MoveKind.HYDRO_TO_USER), (dam, MoveKind.SELF_USE_TO_USER), (dam, MoveKind.DISTRIBUTION)):
        with pytest.raises(Refused, match="not moved that way"):
            move(authority, reader, piece, buyer, kind, b"\7" * 32, key=f"{kind}{piece.batch}")
    move(authority, reader, roof, buyer, MoveKind.SELF_USE_TO_USER, b"\7" * 32, key="good")
    with pytest.raises(Refused, match="not moved that way"):
        move(authority, reader, roof, province_of(issued), MoveKind.SELF_USE_TO_USER, b"\7" * 32, key="again")


def test_a_plan_is_carried_out_once(issued: World, tmp_path: Path) -> None:
    reader, buyer = issued.context.reader, issued.account(BUYER)
    path = plan_file(
        tmp_path / "plan.csv",
        [
            (DAM.code, "", "", 60, buyer),
            (DAM.code, MONTH, "", 5, buyer),
            ("", "", number_of(token_id(stock(EARLIER), 3)), 4, buyer),
        ],
    )
    done = run(issued, path)
    assert [(one.status, one.moved, one.before) for one in done] == [
        (Status.MOVED, 60, 0),
        (Status.MOVED, 5, 0),
        (Status.MOVED, 4, 0),
    ]
    assert (reader.balance_of(buyer), reader.balance_of(province_of(issued))) == (69, 31)
    head = reader.head()
    again = run(issued, path)
    assert [(one.status, one.moved, one.before) for one in again] == [
        (Status.BEFORE, 0, 60),
        (Status.BEFORE, 0, 5),
        (Status.BEFORE, 0, 4),
    ]
    assert reader.head() == head
    other = plan_file(tmp_path / "other.csv", [(DAM.code, "", "", 1, buyer)])
    assert run(issued, other)[0].status is Status.MOVED
    assert reader.balance_of(buyer) == 70


def test_each_refusal_is_told_and_stops_no_other(issued: World, tmp_path: Path) -> None:
    buyer = issued.account(BUYER)
    roof = number_of(token_id(BatchKey(ROOF.key.id, MONTH, Electricity.SELF_USE, tradable=False).id, 0))
    path = plan_file(
        tmp_path / "plan.csv",
        [
            (DAM.code, MONTH, "", 51, buyer),
            (DAM.code, MONTH, "", 10, RECEIVER),
            ("", "", roof, 1, buyer),
            (ROOF.code, "", "", 1, buyer),
            (DAM.code, MONTH, "", 40, buyer),
            (DAM.code, MONTH, "", 1, buyer),
        ],
    )
    done = run(issued, path)
    assert [(one.status, one.reason) for one in done] == [
        (Status.REFUSED, "QuantityNotMet"),
        (Status.REFUSED, "AccountUnknown"),
        (Status.REFUSED, "QuantityNotMet"),
        (Status.REFUSED, "QuantityNotMet"),
        (Status.MOVED, ""),
        (Status.MOVED, ""),
    ]
    assert "holds 50" in done[0].why
    assert "no such account" in done[1].why
    again = run(issued, path)
    assert [one.status for one in again] == [Status.REFUSED] * 4 + [Status.BEFORE] * 2
    assert issued.context.reader.balance_of(buyer) == 41


def test_a_plan_that_was_cut_off_goes_on(issued: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction for each range, and the process ends after two of them."""
    monkeypatch.setattr("gecchain.moving._ITEMS_A_CALL", 1)
    buyer = issued.account(BUYER)
    for start in (5, 15, 25):
        issued.call("authority", "Certificates", "freeze", stock(EARLIER), start, start + 1, b"\1" * 32)
    path = plan_file(tmp_path / "plan.csv", [(DAM.code, EARLIER, "", 40, buyer)])
    province = issued.writer("province")
    rows, plan = read(path), keccak256(path.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        distribute(province, issued.context.reader, province_of(issued), rows, plan, ends_after(2))
    assert issued.context.reader.balance_of(buyer) == 14
    (done,) = run(issued, path)
    assert (done.status, done.before, done.moved) == (Status.MOVED, 14, 26)
    assert issued.context.reader.balance_of(buyer) == 40


def ends_after(count: int) -> Callable[[int], None]:
    calls = iter(range(count - 1))

    def advance(_more: int) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    return advance


def test_only_the_provinces_own_key_distributes(issued: World, tmp_path: Path) -> None:
    path = plan_file(tmp_path / "plan.csv", [(DAM.code, MONTH, "", 1, issued.account(BUYER))])
    rows, plan = read(path), keccak256(path.read_bytes())
    reader = issued.context.reader
    (done,) = distribute(issued.writer("stranger"), reader, province_of(issued), rows, plan)
    assert (done.status, done.reason, done.moved) == (Status.REFUSED, "MayNotAct", 0)
    items, (said,) = plan_distribution(reader, province_of(issued), rows, plan)
    assert (len(items), said.status, said.moved) == (1, Status.PLANNED, 0)
