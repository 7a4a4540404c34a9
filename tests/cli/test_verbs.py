"""Every verb as a user runs it: outcome, exit status, one JSON document."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import MONTH, PLANTS
from tests.world import BUYER, PLATFORM, World

Capture = pytest.CaptureFixture[str]
OWNER = f"dev:owner-{PLANTS[0].owner_code}"


def good(registry: World, capsys: Capture, *words: str) -> Any:
    status, document = registry.json(capsys, *words)
    assert status == 0, document
    return document


def bad(registry: World, capsys: Capture, *words: str) -> Any:
    """The error of a command that is refused; status 2 for what the caller must change."""
    status, document = registry.json(capsys, *words)
    assert status == (2 if document["error"]["kind"] == "BadInput" else 1)
    return document["error"]


def test_the_life_of_a_certificate(registry: World, capsys: Capture, tmp_path: Path) -> None:
    """Issued, verified, listed, sold, withdrawn, retired, traced, checked."""
    planned = good(registry, capsys, "issue", "--month", str(MONTH), "--dry-run")
    assert (planned["certificates"], planned["to_issue"], planned["refused"]) == (2000, 4, [])
    report = tmp_path / "report.csv"
    issued = good(registry, capsys, "issue", "--month", str(MONTH), "--report", str(report))
    assert (issued["asked"], issued["minted"]) == (2000, 2000)
    assert len(list(csv.DictReader(report.read_text(encoding="utf-8-sig").splitlines()))) == 4
    again = good(registry, capsys, "issue", "--month", str(MONTH))
    assert (again["minted"], again["issued_before"], again["transactions"]) == (0, 4, [])

    number = registry.number(PLANTS[0], MONTH, 0)
    held = good(registry, capsys, "verify", number)
    assert (held["verdict"], held["status"]) == ("valid", "held")
    assert good(registry, capsys, "verify", held["hash"])["number"] == number
    assert good(registry, capsys, "verify", held["hash"], "--rpc", registry.url)["number"] == number
    forged = held["hash"][:-1] + ("0" if held["hash"][-1] != "0" else "1")
    assert bad(registry, capsys, "verify", forged)["kind"] == "Refused"

    options = ["--as", OWNER, "--price", "4.50", "--quantity", "20", "--request", "first lot"]
    listed = good(registry, capsys, "market", "list", number, *options)
    assert good(registry, capsys, "market", "list", number, *options) == listed
    lot = str(listed["event"]["listing"])
    good(registry, capsys, "index")
    (offer,) = good(registry, capsys, "market", "listings")["items"]
    assert offer["listing"]["price"] == 450
    buyer = ["--buyer", registry.account(BUYER), "--platform", PLATFORM]
    assert good(registry, capsys, "market", "take", lot, *buyer, "--quantity", "5")["event"]["end"] == 5
    assert "fewer" in bad(registry, capsys, "market", "take", lot, *buyer, "--quantity", "16")["message"]
    assert good(registry, capsys, "market", "withdraw", lot, "--as", OWNER)["event"]["start"] == 5
    assert "no such lot" in bad(registry, capsys, "market", "withdraw", lot, "--as", OWNER)["message"]

    claim = [
        "--as",
        "dev:buyer",
        "--beneficiary",
        "某公司",
        "--purpose",
        "office",
        "--from",
        str(MONTH),
        "--until",
        str(MONTH),
    ]
    assert good(registry, capsys, "retire", number, *claim, "--quantity", "2")["retired"] == 2
    assert "retired" in bad(registry, capsys, "retire", number, *claim)["message"]
    assert good(registry, capsys, "verify", number)["status"] == "retired"

    before = good(registry, capsys, "index", "--dump", str(tmp_path / "before.ndjson"))
    after = good(registry, capsys, "index", "--rebuild", "--dump", str(tmp_path / "after.ndjson"))
    assert (before["rows"], before["sha256"]) == (after["rows"], after["sha256"])
    assert (tmp_path / "before.ndjson").read_bytes() == (tmp_path / "after.ndjson").read_bytes()
    assert "--follow" in bad(registry, capsys, "index", "--follow", "--dump", "x")["remedy"]
    steps = [step["name"] for step in good(registry, capsys, "trace", number)]
    assert steps[-3:] == ["listed", "traded", "retired"]
    assert good(registry, capsys, "fsck")["passed"]


def test_readings_are_taken_in_and_refusals_come_back(registry: World, capsys: Capture, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    month = str(MONTH - 1)
    rows = f"{PLANTS[0].code},{month},on_grid,1234.567,S1\nnonsense,{month},on_grid,1,S2\n"
    table.write_text("project,month,class,kwh,sheet\n" + rows, encoding="utf-8")
    taken = good(registry, capsys, "ingest", str(table), "--provider", "Grid A")
    assert (taken["accepted"], taken["refused"]) == (1, 1)
    assert good(registry, capsys, "ingest", str(table), "--provider", "Grid A")["known"]
    (refusal,) = good(registry, capsys, "refusals", "list")
    assert (refusal["row"], refusal["value"]) == (3, "nonsense")
    exported = tmp_path / "again.csv"
    assert good(registry, capsys, "refusals", "export", str(exported))["rows"] == 1
    corrected = exported.read_text(encoding="utf-8-sig").replace("nonsense", PLANTS[1].code)
    exported.write_text(corrected, encoding="utf-8")
    assert good(registry, capsys, "ingest", str(exported), "--provider", "Grid A")["resolved"] == 1
    assert good(registry, capsys, "refusals", "list") == []


def test_accounts_keys_and_filings(
    registry: World, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    monkeypatch.setenv("GEC_PASSWORD_FILE", str(password))
    made = good(registry, capsys, "keys", "create", "a-key")
    assert made in good(registry, capsys, "keys", "list")
    assert "exists already" in bad(registry, capsys, "keys", "create", "a-key")["message"]
    words = ["accounts", "open", "--code", "91110000600037341L", "--name", "某公司", "--key", "a-key"]
    opened = good(registry, capsys, *words)
    assert opened["account"].startswith("0x")
    assert "account already" in bad(registry, capsys, *words)["message"]
    password.write_text("other")
    words = ["retire", registry.number(PLANTS[0], MONTH), "--beneficiary", "x", "--purpose", "office"]
    refused = bad(registry, capsys, *words, "--from", "2026-01", "--until", "2026-01", "--as", "a-key")
    assert "password does not open" in refused["message"]
    lines = Path("data/plants_cn.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    plants = tmp_path / "plants.csv"
    plants.write_text("".join([lines[0], *[line for line in lines[1:] if ",Inner Mongolia" in line][:3], "nonsense\n"]))
    filed = good(registry, capsys, "filing", "import", str(plants), "--submit-only")
    assert filed["new"] == len(filed["filed"])
    assert filed["refused"]
    assert good(registry, capsys, "filing", "import", str(plants), "--submit-only")["new"] == 0


def test_deploy_changes_nothing_the_second_time(registry: World, capsys: Capture) -> None:
    before = registry.context.settings.deployment_file.read_bytes()
    head = registry.context.reader.head()
    good(registry, capsys, "deploy")
    assert (registry.context.settings.deployment_file.read_bytes(), registry.context.reader.head()) == (before, head)
    assert "answers at this address already" in bad(registry, capsys, "chain")["message"]


def test_two_issuers_of_one_home_are_kept_apart(registry: World, capsys: Capture) -> None:
    with registry.context.alone("dev:authority"):
        error = bad(registry, capsys, "issue", "--month", str(MONTH))
    assert (error["kind"], "another process is signing" in error["message"]) == ("Unavailable", True)


def test_json_may_stand_anywhere_but_behind_two_dashes(registry: World, capsys: Capture) -> None:
    for words in (["--json", "keys", "list"], ["keys", "list", "--json"], ["keys", "--json", "list"]):
        capsys.readouterr()
        assert registry.run(*words) == 0
        json.loads(capsys.readouterr().out)
    assert registry.run("verify", "--", "--json") == 1
    assert "NOT GENUINE" in capsys.readouterr().out
