"""`gec evidence` as a user runs it: hand in, list, take out, check; and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.cli.app import run
from gecchain.proofs import keccak256
from tests.world import BUYER, PLATFORM, World

Capture = pytest.CaptureFixture[str]
SHEET = b"project,month,class,kwh\n" * 100
HASH = "0x" + keccak256(SHEET).hex()


@pytest.fixture(autouse=True)
def own_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Each test has a room of its own beside the shared registry."""
    monkeypatch.setenv("GEC_EVIDENCE_URL", str(tmp_path / "room"))
    return tmp_path / "room"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "结算单.csv"
    path.write_bytes(SHEET)
    return path


def outcome(capsys: Capture, status: int, *words: str) -> Any:
    capsys.readouterr()
    assert run(["--json", *words]) == status
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def gec_here(registry: World, capsys: Capture) -> Callable[..., Any]:
    """Runs `gec evidence …` on the shared registry; the status it must have, then the words."""

    def act(status: int, *words: str) -> Any:
        return outcome(capsys, status, *registry.words, "evidence", *words)

    return act


def test_a_file_goes_in_and_comes_out(
    registry: World, gec_here: Callable[..., Any], sheet: Path, tmp_path: Path
) -> None:
    words = ["put", str(sheet), "--account", registry.account(BUYER), "--reader", registry.account(PLATFORM)]
    label = gec_here(0, *words)
    assert (label["digest"], label["size"], label["name"], label["media_type"]) == (
        HASH,
        len(SHEET),
        "结算单.csv",
        "text/csv",
    )
    assert label["handed_in_by"] == registry.account(BUYER)
    assert set(label["readers"]) == {registry.account(BUYER), registry.account(PLATFORM)}
    assert gec_here(0, *words) == label
    assert gec_here(0, "list") == [label]
    out = tmp_path / "out.csv"
    assert gec_here(0, "get", HASH.upper().replace("X", "x"), "-o", str(out))["file"] == str(out)
    assert out.read_bytes() == SHEET
    assert gec_here(0, "check") == {"checked": 1, "whole": 1, "faults": []}


def test_damage_is_reported_and_not_copied(
    registry: World, gec_here: Callable[..., Any], sheet: Path, own_room: Path, tmp_path: Path
) -> None:
    gec_here(0, "put", str(sheet), "--account", registry.account(BUYER))
    (kept,) = own_room.glob(f"??/??/{HASH[2:]}")
    kept.write_bytes(SHEET.replace(b"kwh", b"mwh", 1))
    out = tmp_path / "out.csv"
    out.write_text("before")
    error = gec_here(1, "get", HASH, "-o", str(out))["error"]
    assert (error["kind"], error["where"]) == ("EvidenceDamaged", HASH)
    assert out.read_text() == "before"
    found = gec_here(1, "check")
    assert found["faults"] == [{"hash": HASH, "condition": "damaged"}]
    assert (found["whole"], found["error"]["kind"]) == (0, "BrokenProof")
    kept.unlink()
    assert gec_here(1, "check")["faults"] == [{"hash": HASH, "condition": "missing"}]
    gec_here(0, "put", str(sheet), "--account", registry.account(BUYER))
    assert gec_here(0, "check")["whole"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "room", "结算单.csv"]


def test_a_check_needs_neither_node_nor_room(capsys: Capture, tmp_path: Path) -> None:
    words = ["--home", str(tmp_path / "home"), "--rpc", "http://127.0.0.1:9", "evidence"]
    assert outcome(capsys, 0, *words, "check") == {"checked": 0, "whole": 0, "faults": []}
    assert outcome(capsys, 0, *words, "list") == []
    assert outcome(capsys, 1, *words, "get", HASH, "-o", str(tmp_path / "x"))["error"]["kind"] == "NotFound"
    assert not (tmp_path / "home").exists()


def test_what_cannot_be_handed_in_is_refused(
    registry: World, gec_here: Callable[..., Any], sheet: Path, own_room: Path, tmp_path: Path
) -> None:
    account = registry.account(BUYER)
    unknown = gec_here(2, "put", str(sheet), "--account", "0x" + "12" * 20)["error"]
    assert (unknown["field"], "no such account" in unknown["message"]) == ("account", True)
    assert gec_here(2, "put", str(sheet), "--account", account, "--reader", "x")["error"]["field"] == "reader"
    assert gec_here(1, "put", str(tmp_path / "none"), "--account", account)["error"]["remedy"]
    large = tmp_path / "large"
    large.write_bytes(b"x" * ((1 << 20) + 1))
    assert "1,048,576" in gec_here(2, "put", str(large), "--account", account, "--limit", "1")["error"]["message"]
    assert gec_here(0, "check")["checked"] == 0
    assert [file.name for file in own_room.rglob("*") if file.is_file()] == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(word=st.text(max_size=80))
def test_get_takes_anything(capsys: Capture, tmp_path: Path, word: str) -> None:
    error = outcome(capsys, 2, "evidence", "get", "-o", str(tmp_path / "x"), "--", word)["error"]
    assert (error["field"], error.get("value", "")) == ("hash", word)


def test_a_room_that_nothing_speaks_is_refused(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEC_EVIDENCE_URL", "nope://bucket")
    error = outcome(capsys, 2, "evidence", "list")["error"]
    assert (error["field"], bool(error["remedy"])) == ("evidence_url", True)


def test_the_room_is_in_the_home_folder_unless_told(
    registry: World, capsys: Capture, monkeypatch: pytest.MonkeyPatch, sheet: Path
) -> None:
    """With what people read."""
    monkeypatch.delenv("GEC_EVIDENCE_URL")
    assert registry.run("evidence", "put", str(sheet), "--account", registry.account(BUYER)) == 0
    assert HASH in capsys.readouterr().out
    assert list((registry.home / "evidence").glob(f"??/??/{HASH[2:]}"))
    assert registry.run("evidence", "list") == registry.run("evidence", "check") == 0
    shown = capsys.readouterr().out
    assert "text/csv" in shown
    assert re.search(r"\b([1-9][0-9]*) checked, \1 whole", shown)
