"""`gec market`, `settle`, `move`, `distribute` as a user runs them, on a registry of its own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.oracle.owners import made_up_uscc
from gecchain.proofs import keccak256
from gecchain.rules import BatchKey, Electricity, Technology, number_of, token_id
from tests.world import BUYER, EXCHANGE, PLATFORM, World, draft, last_months, node, on_grid

Capture = pytest.CaptureFixture[str]
MONTH = last_months(1)[0]
PLANTS = [draft(0), draft(10), draft(1)]
DAM = draft(700, Technology.HYDRO)
OWNER = f"dev:owner-{PLANTS[0].owner_code}"
USCC = made_up_uscc(BUYER)
ODD = st.one_of(st.text(max_size=30), st.sampled_from(["", "0x", "-1", "1e9", "\ud800", "²", "0x" + "1" * 40]))
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two plants of one owner, one of another, a dam: five hundred certificates each."""
    folder = tmp_path_factory.mktemp("trading")
    with node(folder) as url:
        world = World(url, folder / "home")
        world.file([*PLANTS, DAM])
        rows = [on_grid(one, 500_000_000) for one in [*PLANTS, DAM]]
        world.take_in(MONTH, [*rows, on_grid(PLANTS[0], 20_000_000, Electricity.SELF_USE)])
        assert world.run("issue", "--month", str(MONTH)) == 0
        yield world
        world.close()


@pytest.fixture
def registry(made: World) -> Iterator[World]:
    rpc = made.context.rpc
    snapshot = rpc.request("evm_snapshot")
    yield made
    rpc.request("evm_revert", snapshot)
    for name in ("registry.db", "intake.db"):
        made.context.close()
        (made.home / name).unlink(missing_ok=True)
        made.reopen()


@pytest.fixture
def gec(registry: World, capsys: Capture) -> Callable[..., Any]:
    """Runs `gec …` with the status it must have, then the words; the JSON document, or the error in it."""

    def act(status: int, *words: object) -> Any:
        found, document = registry.json(capsys, *map(str, words))
        assert found == status, document
        return document["error"] if status else document

    return act


def offered(registry: World, gec: Callable[..., Any], file: Path, *words: object) -> Any:
    options = ["--seller", PLANTS[0].owner_code, "--buyer", USCC, "--platform", PLATFORM, "--price", "4.50"]
    return gec(0, "market", "offer", file, "--as", OWNER, *options, "--until", "2027-12-31", *words)


def test_an_order_goes_from_hand_to_hand(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    number = registry.number(PLANTS[0], MONTH, 7)
    made = offered(registry, gec, file, "--number", number, "--quantity", 5)
    assert (made["signed"], made["deal"]["start"], made["deal"]["end"]) == (["seller"], 7, 12)
    assert "exists already" in gec(2, "market", "offer", file, "--as", OWNER, *_offer_words())["message"]
    assert gec(2, "market", "fill", file, "--platform", PLATFORM)["field"] == "buyer_signature"
    assert "neither side" in gec(1, "market", "sign", file, "--as", "dev:stranger")["message"]
    assert gec(0, "market", "sign", file, "--as", "dev:buyer")["signed"] == ["seller", "buyer"]
    done = gec(0, "market", "fill", file, "--platform", PLATFORM)
    assert gec(0, "market", "fill", file, "--platform", PLATFORM)["event"] == done["event"]
    assert "no longer open" in gec(1, "market", "cancel", file, "--as", "dev:buyer")["message"]
    assert registry.context.reader.balance_of(registry.account(BUYER)) == 5


def _offer_words() -> Sequence[str]:
    return [
        *("--seller", PLANTS[0].owner_code, "--buyer", USCC, "--platform", PLATFORM, "--price", "1"),
        *("--until", "2027-12-31", "--project", PLANTS[0].code),
    ]


def test_an_order_is_cancelled_and_then_dead(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    offered(registry, gec, file, "--project", PLANTS[0].code, "--month", MONTH, "--quantity", 500, "--paid-outside")
    gec(0, "market", "sign", file, "--as", "dev:buyer")
    gec(0, "market", "cancel", file, "--as", "dev:buyer")
    assert "no longer open" in gec(1, "market", "fill", file, "--platform", PLATFORM)["message"]


def test_a_changed_order_is_not_filled(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    offered(registry, gec, file, "--project", PLANTS[0].code, "--quantity", 3)
    gec(0, "market", "sign", file, "--as", "dev:buyer")
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({**whole, "order": {**whole["order"], "price": 1}}))
    assert gec(1, "market", "fill", file, "--platform", PLATFORM)["reason"] == "SignatureInvalid"
    file.write_text(json.dumps({**whole, "order": {**whole["order"], "platform": "0x" + "1" * 40}}))
    assert gec(2, "market", "fill", file, "--platform", PLATFORM)["field"] == "platform"
    file.write_text(json.dumps({**whole, "chain_id": 1}))
    assert gec(2, "market", "sign", file, "--as", OWNER)["field"] == "market"


@QUICK
@given(words=st.lists(ODD, min_size=8, max_size=8), content=st.one_of(st.binary(max_size=80), ODD.map(str)))
def test_orders_take_anything(
    made: World, capsys: Capture, tmp_path_factory: pytest.TempPathFactory, words: list[str], content: bytes | str
) -> None:
    folder = tmp_path_factory.mktemp("odd")
    names = ("as", "seller", "buyer", "platform", "price", "until", "number", "project")
    options = [f"--{name}={word}" for name, word in zip(names, words, strict=True)]
    for verb in (["offer", str(folder / "new.json"), *options], ["sign", "--as=dev:buyer"], ["cancel", "--as=dev:x"]):
        file = folder / "odd.json"
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
        status, document = made.json(capsys, "market", *verb, *([] if verb[0] == "offer" else [str(file)]))
        assert status in (1, 2)
        assert document["error"]["message"]


def test_the_cheapest_lots_are_taken_first(registry: World, gec: Callable[..., Any]) -> None:
    lots = []
    for plant, start, price in ((0, 0, "3"), (0, 10, "1.5"), (1, 0, "2"), (2, 0, "1")):
        owner = f"dev:owner-{PLANTS[plant].owner_code}"
        words = ["--as", owner, "--price", price, "--quantity", 10]
        listed = gec(0, "market", "list", registry.number(PLANTS[plant], MONTH, start), *words)
        lots.append(listed["event"]["listing"])
    gec(0, "index")
    words = ["market", "take-across", "--buyer", USCC, "--platform", PLATFORM]
    both = gec(0, *words, "--seller", PLANTS[0].owner_code, "--quantity", 15, "--request", "r")
    assert [one["event"]["listing"] for one in both["trades"]] == [lots[1], lots[2]]
    assert [one["event"]["price"] for one in both["trades"]] == [150, 200]
    gec(0, "index")
    assert "only 10 of 11" in gec(1, *words, "--project", PLANTS[0].code, "--quantity", 11)["message"]
    assert gec(1, *words, "--seller", PLANTS[0].owner_code, "--quantity", 6, "--at-most", "2.99")["reason"]
    one = gec(0, *words, "--project", PLANTS[0].code, "--quantity", 4)
    assert [trade["event"]["listing"] for trade in one["trades"]] == [lots[0]]
    assert gec(2, *words, "--quantity", 1)["field"] == "seller"
    assert gec(2, *words, "--quantity", 0, "--project", PLANTS[0].code)["field"] == "quantity"
    many = gec(1, "market", "withdraw", lots[0], lots[1], lots[2], "--as", OWNER)
    assert "no such lot" in many["message"]
    assert registry.context.reader.listing(lots[0])[3] == registry.context.reader.listing(lots[2])[3] == 0
    assert "no such lot" in gec(1, "market", "withdraw", lots[3] + 1, "--as", OWNER)["message"]


def table(path: Path, columns: str, *rows: Sequence[object]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns.split())
        writer.writerows(rows)
    return path


def test_an_exchange_settles_its_table(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    columns = "contract project month buyer contract_kwh fed_in_kwh consumed_kwh attribute_price_fen energy_price_fen"
    good = ("C1", PLANTS[0].code, MONTH, USCC, 12_000, "11500.5", 20_000, 300, 30_000)
    bad = ("C2", PLANTS[0].code, MONTH, USCC, "12 MWh", 1, 1, 300, 30_000)
    file = table(tmp_path / "table.csv", columns, good, bad)
    assert gec(1, "settle", file, "--dry-run")["reason"] == "UNIT"
    refused = tmp_path / "refused.csv"
    error = gec(1, "settle", file, "--exchange", EXCHANGE, "--refused", refused)
    assert "1 rows were not settled" in error["message"]
    assert registry.context.reader.balance_of(registry.account(BUYER)) == 11
    (row,) = csv.DictReader(refused.read_text(encoding="utf-8-sig").splitlines())
    assert (row["contract"], row["refusal_code"], row["refusal_value"]) == ("C2", "UNIT", "12 MWh")
    refused.write_text(refused.read_text(encoding="utf-8-sig").replace("12 MWh", "12000", 1), encoding="utf-8")
    last = gec(0, "settle", refused)
    assert [one["status"] for one in last["rows"]] == ["less than one certificate"]
    again = gec(0, "settle", table(file, columns, good))
    assert ([one["status"] for one in again["rows"]], again["certificates"]) == (["settled before"], 0)
    assert gec(2, "settle", file, "--exchange", "nobody")["field"] == "exchange"
    assert gec(1, "settle", tmp_path / "none.csv")["remedy"]


def test_the_authority_moves_on_proof(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    proof = tmp_path / "contract.pdf"
    proof.write_bytes(b"%PDF proof")
    dam = BatchKey(DAM.key.id, MONTH, Electricity.ON_GRID, tradable=False).id
    roof = BatchKey(PLANTS[0].key.id, MONTH, Electricity.SELF_USE, tradable=False).id
    for verb, batch in (("hydro", dam), ("self-use", roof), ("succession", registry.batch(PLANTS[0], MONTH))):
        words = ["move", verb, number_of(token_id(batch, 3)), "--quantity", 4, "--to", USCC]
        moved = gec(0, *words, "--proof", proof, "--request", verb)
        assert gec(0, *words, "--proof", proof, "--request", verb) == moved
        assert moved["event"]["basis"] == "0x" + keccak256(proof.read_bytes()).hex()
        assert gec(0, "evidence", "get", moved["event"]["basis"], "-o", tmp_path / "out")["name"] == "contract.pdf"
        assert gec(2, *words, "--proof", tmp_path / "none")["field"] == "evidence"
    assert registry.context.reader.balance_of(registry.account(BUYER)) == 12
    words = ["move", "self-use", number_of(token_id(dam, 30)), "--proof", proof]
    assert gec(1, *words, "--to", USCC)["reason"] == "MoveNotAllowed"
    assert gec(2, *words, "--to", "nobody")["field"] == "to"
    unissued = ["move", "hydro", number_of(token_id(dam, 500)), "--proof", proof, "--to", USCC]
    assert "ever issued" in gec(1, *unissued)["message"]
    assert gec(2, *words, "--to", USCC, "--quantity", 0)["field"] == "quantity"


def test_a_province_distributes_its_plan(registry: World, gec: Callable[..., Any], tmp_path: Path) -> None:
    buyer = registry.account(BUYER)
    columns = "project quantity receiver"
    file = table(tmp_path / "plan.csv", columns, (DAM.code, 30, buyer), (DAM.code, "x", buyer), (DAM.code, 471, buyer))
    assert gec(1, "distribute", file, "--province", "15", "--dry-run")["reason"] == "QuantityNotMet"
    assert registry.context.reader.balance_of(buyer) == 0
    error = gec(1, "distribute", file, "--province", "内蒙古")
    assert "2 rows were not carried out" in error["message"]
    assert registry.context.reader.balance_of(buyer) == 30
    good = table(tmp_path / "good.csv", columns, (DAM.code, 470, USCC))
    first = gec(0, "distribute", good, "--province", "15")
    again = gec(0, "distribute", good, "--province", "15")
    assert (first["moved"], again["moved"], again["rows"][0]["before"]) == (470, 0, 470)
    plan = "0x" + keccak256(good.read_bytes()).hex()
    assert gec(0, "evidence", "get", plan, "-o", tmp_path / "out")["name"] == "good.csv"
    assert gec(2, "distribute", good, "--province", "11")["field"] == "province"
    assert gec(2, "distribute", good, "--province", "Nowhere")["field"] == "province"


@QUICK
@given(content=st.one_of(st.binary(max_size=120), st.text(max_size=80)), word=ODD)
def test_tables_take_anything(
    made: World, capsys: Capture, tmp_path_factory: pytest.TempPathFactory, content: bytes | str, word: str
) -> None:
    file = tmp_path_factory.mktemp("odd") / "table"
    file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    for words in (["settle", str(file)], ["distribute", str(file), "--province=15"], ["settle", f"--exchange={word}"]):
        status, document = made.json(capsys, *words)
        assert status in (1, 2) or document.get("rows") == []
    status, document = made.json(capsys, "move", "hydro", f"--to={word}", f"--proof={word}", "--", word)
    assert status in (1, 2)
    assert document["error"]["message"]


def test_people_read_what_became_of_it(registry: World, capsys: Capture, tmp_path: Path) -> None:
    """Without --json."""
    file = tmp_path / "order.json"
    words = ["market", "offer", str(file), "--as", OWNER, *_offer_words()]
    assert registry.run(*words) == registry.run("market", "sign", str(file), "--as", "dev:buyer") == 0
    assert registry.run("market", "fill", str(file), "--platform", PLATFORM) == 0
    shown = capsys.readouterr().out
    assert ("signed by seller and buyer" in shown, "1 certificate at 1.00 yuan each" in shown) == (True, True)
    plan = table(tmp_path / "plan.csv", "project quantity receiver", (DAM.code, 30, USCC), (DAM.code, 0, USCC))
    assert registry.run("distribute", str(plan), "--province", "15") == 1
    shown = capsys.readouterr()
    assert ("30 certificates moved" in shown.out, "QUANTITY" in shown.out, "error: " in shown.err) == (True, True, True)
