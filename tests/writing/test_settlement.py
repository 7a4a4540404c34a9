"""Green-power settlements on the real contract: what moves, what is refused in words, and nothing twice."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from gecchain.chain.holdings import Piece, choose
from gecchain.chain.views import View
from gecchain.errors import Refused
from gecchain.market import list_range
from gecchain.oracle.contract_months import ContractMonth, read_contract_months
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.reading import Refusal
from gecchain.oracle.source import survey
from gecchain.rules import AccountKind, Range, covers
from gecchain.settlement import Outcome, Status, plan_settlement, settle
from tests.world import BUYER, World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]
PLANT, OTHER = PLANTS[:2]
OWNER = f"owner-{PLANT.owner_code}"
USCC = made_up_uscc(BUYER)
ACCOUNT = "0x" + "ab" * 20


def account_of(code: str) -> str:
    return f"account of {code}"


def line(**changes: object) -> dict[str, str]:
    """A row of the table; nine certificates and a bit."""
    row = {
        "contract": "GP-2026-001",
        "project": PLANT.code,
        "month": str(MONTH),
        "buyer": ACCOUNT,
        "contract_kwh": "10000",
        "fed_in_kwh": "9999.999",
        "consumed_kwh": "12000.5",
        "attribute_price_fen": "450",
        "energy_price_fen": "32500",
    }
    return {**row, **{name: str(value) for name, value in changes.items()}}


def written(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path, account: Any = account_of) -> list[Any]:
    return [one for batch in read_contract_months(survey(path), account) for one in batch]


@pytest.fixture
def issued(world: World) -> World:
    """A hundred certificates of one plant's month and ten of another's."""
    world.take_in(MONTH, [on_grid(PLANT, 100_000_000), on_grid(OTHER, 10_000_000)])
    assert world.run("issue", "--month", str(MONTH)) == 0
    return world


def rows_of(world: World, *lines: Mapping[str, str]) -> list[ContractMonth]:
    path = written(world.home / "table.csv", [{**one, "buyer": world.account(BUYER)} for one in lines])
    found = read(path)
    assert all(isinstance(one, ContractMonth) for one in found), found
    return found


def settled(world: World, rows: Sequence[ContractMonth]) -> list[Outcome]:
    return settle(world.writer("exchange"), world.context.reader, rows)


def test_every_format_says_the_same(tmp_path: Path) -> None:
    rows = [line(), line(contract="B", buyer=USCC)]
    text = written(tmp_path / "a.csv", rows)
    book = Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append([float(cell) if name == "fed_in_kwh" else cell for name, cell in row.items()])
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.json").write_text(json.dumps(rows), encoding="utf-8")
    chinese = text.read_text(encoding="utf-8")
    for old, new in (("contract,", "合同编号,"), ("fed_in_kwh", "上网电量（千瓦时）"), ("buyer", "买方")):
        chinese = chinese.replace(old, new, 1)
    (tmp_path / "b.csv").write_bytes(chinese.encode("gb18030"))
    found = read(text)
    assert read(tmp_path / "a.xlsx") == read(tmp_path / "b.csv") == found
    assert [one.row for one in read(tmp_path / "a.json")] == [1, 2]
    assert (found[0].fed_in_wh, found[0].quantity, found[0].buyer) == (9_999_999, 9, ACCOUNT)
    assert found[1].buyer == f"account of {USCC}"


def test_watt_hours_stand_for_kilowatt_hours(tmp_path: Path) -> None:
    one = line()
    del one["fed_in_kwh"]
    (found,) = read(written(tmp_path / "a.csv", [{**one, "fed_in_wh": "9999999"}]))
    assert found.fed_in_wh == 9_999_999


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"contract": ""}, "MISSING_FIELD", "contract"),
        ({"contract": "x" * 121}, "CONTRACT_NUMBER", "contract"),
        ({"contract": "a\x01b"}, "ENCODING", "contract"),
        ({"project": PLANT.code[:-1]}, "PROJECT_CODE", "project"),
        ({"month": "2026-13"}, "MONTH_FORMAT", "month"),
        ({"buyer": "0x12"}, "ACCOUNT", "buyer"),
        ({"buyer": USCC[:-1] + ("0" if USCC[-1] != "0" else "1")}, "ACCOUNT", "buyer"),
        ({"contract_kwh": "1.2345"}, "NUMBER_FORMAT", "contract_kwh"),
        ({"fed_in_kwh": "-1"}, "NEGATIVE", "fed_in_kwh"),
        ({"consumed_kwh": "12 MWh"}, "UNIT", "consumed_kwh"),
        ({"consumed_kwh": ""}, "MISSING_FIELD", "consumed_kwh"),
        ({"fed_in_wh": "5"}, "UNIT", "fed_in_wh"),
        ({"attribute_price_fen": "4.5"}, "PRICE", "attribute_price"),
        ({"energy_price_fen": "-1"}, "PRICE", "energy_price"),
        ({"energy_price_fen": "²"}, "PRICE", "energy_price"),
    ],
)
def test_a_bad_row_is_kept_and_the_others_go_on(tmp_path: Path, changes: dict[str, str], code: str, field: str) -> None:
    bad = line(**{"contract": "bad", **changes})
    found = read(written(tmp_path / "a.csv", [bad, line()]))
    refusal, good = found
    assert isinstance(refusal, Refusal)
    assert (refusal.code.name, refusal.row, refusal.field) == (code, 2, field)
    assert refusal.raw["project"] == bad["project"]
    assert refusal.remedy
    assert isinstance(good, ContractMonth)


def test_a_contract_comes_once(tmp_path: Path) -> None:
    _first, second, third = read(written(tmp_path / "a.csv", [line(), line(fed_in_kwh="1"), line(month=MONTH - 1)]))
    assert (second.code.name, second.value) == ("CONTRACT_TWICE", "GP-2026-001")
    assert isinstance(third, ContractMonth)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "MISSING_FIELD"),
        (b"contract,project\n1,2\n", "MISSING_FIELD"),
        (b"contract,contract_number,project\n", "BROKEN_ROW"),
        (b"%PDF-1.7", "FILE_KIND"),
        ("\ufeffcontract".encode("utf-16"), "ENCODING"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a").write_bytes(content + (b"x,y,z\n" if content.startswith(b"contract,contract") else b""))
    (refusal,) = read(tmp_path / "a")
    assert (refusal.row, refusal.code.name) == (0, code)


@given(content=st.binary(max_size=300))
def test_any_bytes_are_judged(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(content)
    assert not [one for one in read(path) if isinstance(one, ContractMonth)]


@given(lengths=st.lists(st.integers(1, 9), max_size=6), gap=st.integers(1, 3), quantity=st.integers(1, 60))
def test_what_is_chosen_and_what_is_left_are_the_pieces(lengths: list[int], gap: int, quantity: int) -> None:
    pieces, at = [], 0
    for length in lengths:
        pieces.append(Piece(1, Range(at, at + length)))
        at += length + gap
    chosen, rest = choose(pieces, quantity)
    assert sum(len(piece.serials) for piece in chosen) == min(quantity, sum(lengths))
    for piece in pieces:
        parts = [part.serials for part in (*chosen, *rest) if piece.serials.holds(part.serials)]
        assert covers(parts, piece.serials)
    assert [*chosen, *rest] == sorted([*chosen, *rest], key=lambda piece: piece.serials)


def test_certificates_move_once_with_the_electricity(issued: World) -> None:
    reader = issued.context.reader
    rows = rows_of(issued, line(), line(contract="B", contract_kwh=5_000), line(contract="C", consumed_kwh="999.999"))
    done = settled(issued, rows)
    assert [(one.row, one.status, one.certificates) for one in done] == [
        (2, Status.SETTLED, 9),
        (3, Status.SETTLED, 5),
        (4, Status.NOTHING, 0),
    ]
    assert reader.balance_of(issued.account(BUYER)) == 14
    first, second = (reader.segment_at(issued.batch(PLANT, MONTH), serial) for serial in (0, 9))
    assert ((first.start, first.end), (second.start, second.end)) == ((0, 9), (9, 14))
    head = reader.head()
    again = settled(issued, rows)
    assert [one.status for one in again] == [Status.BEFORE, Status.BEFORE, Status.NOTHING]
    assert [one.first_trade for one in again[:2]] == [one.first_trade for one in done[:2]]
    assert (reader.head(), reader.balance_of(issued.account(BUYER))) == (head, 14)


def test_each_refusal_is_told_and_stops_no_other(issued: World) -> None:
    lines = [
        line(contract="too much", contract_kwh=500_000, fed_in_kwh=500_000, consumed_kwh=500_000),
        line(contract="other plant", project=OTHER.code, contract_kwh=4_000),
        line(contract="not filed", project=PLANTS[11].code, month=MONTH - 1),
        line(contract="no such buyer", contract_kwh=95_000, fed_in_kwh=95_000, consumed_kwh=95_000),
        line(contract="good"),
    ]
    path = written(
        issued.home / "table.csv",
        [{**one, "buyer": ACCOUNT if one["contract"] == "no such buyer" else issued.account(BUYER)} for one in lines],
    )
    done = settled(issued, read(path))
    assert [(one.contract, one.status, one.reason) for one in done] == [
        ("too much", Status.REFUSED, "QuantityNotMet"),
        ("other plant", Status.SETTLED, ""),
        ("not filed", Status.REFUSED, "QuantityNotMet"),
        ("no such buyer", Status.REFUSED, "AccountUnknown"),
        ("good", Status.SETTLED, ""),
    ]
    assert "holds 100" in done[0].why
    assert "no such account" in done[3].why
    assert done[3].remedy
    assert issued.context.reader.balance_of(issued.account(BUYER)) == 4 + 9


def test_other_figures_for_what_is_settled_are_refused(issued: World) -> None:
    settled(issued, rows_of(issued, line()))
    (changed,) = settled(issued, rows_of(issued, line(fed_in_kwh=8_000)))
    assert (changed.status, changed.reason, "9999999" in changed.why) == (Status.REFUSED, "SettledAlready", True)


def test_what_is_listed_or_sold_is_not_planned(issued: World) -> None:
    batch = issued.batch(PLANT, MONTH)
    list_range(issued.writer(OWNER), issued.context.deployment, batch, Range(2, 95), 1, 1, key="l")
    planned, outcomes = plan_settlement(
        issued.context.reader, rows_of(issued, line(contract_kwh=7_000), line(contract="B"))
    )
    assert [str(piece.serials) for one in planned for piece in one.pieces] == ["0-1", "95-99"]
    assert [(one.contract, one.reason) for one in outcomes] == [("B", "QuantityNotMet")]
    assert "holds 0" in outcomes[0].why


def test_only_an_exchange_settles(issued: World) -> None:
    with pytest.raises(Refused, match="role"):
        settle(issued.writer("stranger"), issued.context.reader, rows_of(issued, line()))


def test_the_owner_does_not_settle_with_itself(issued: World) -> None:
    """What the contract itself refuses in the middle of a call is told in its words."""
    owner = issued.context.reader.view(View("registry", "project", (PLANT.key.id,)))[0][0]
    rows = read(written(issued.home / "own.csv", [line(buyer=owner), line(contract="B", buyer=issued.account(BUYER))]))
    refused, other = settled(issued, rows)
    assert (refused.reason, "same account" in refused.why) == ("BuyerIsSeller", True)
    assert (other.status, issued.context.reader.balance_of(issued.account(BUYER))) == (Status.SETTLED, 9)


def test_many_rows_of_one_batch_go_in_a_few_transactions(issued: World) -> None:
    """A frozen buyer in the middle: its certificates stay, and nobody else loses any."""
    frozen = issued.opening("Buyer F", AccountKind.BUYER, 0, "buyer-f")
    issued.call("registrar", "Registry", "openBuyers", [frozen.as_struct()])
    issued.call("authority", "Registry", "setFrozen", frozen.account, True, "test")
    names = [f"C{number}" for number in range(100)]
    path = written(
        issued.home / "many.csv",
        [
            line(contract=name, contract_kwh=1_000, buyer=frozen.account if name == "C7" else issued.account(BUYER))
            for name in names
        ],
    )
    done = settled(issued, read(path))
    assert [one.contract for one in done if one.status is Status.REFUSED] == ["C7"]
    assert done[7].reason == "AccountFrozen"
    assert len({one.transaction for one in done if one.transaction}) <= 2
    assert issued.context.reader.balance_of(issued.account(BUYER)) == 99
    assert not issued.context.reader.segment_at(issued.batch(PLANT, MONTH), 99).traded
