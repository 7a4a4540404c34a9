"""One file's SHA-256 leads through what was told: taken in, planned, committed, sent, mined, indexed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.world import World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]


def test_from_a_file_to_its_events(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEC_LOG", "json")
    monkeypatch.setenv("GEC_LOG_LEVEL", "info")
    world.take_in(MONTH, [on_grid(one, 2_500_000) for one in PLANTS[:3]])
    (table,) = world.home.glob("*.csv")
    capsys.readouterr()
    assert world.run("--json", "ingest", str(table), "--provider", "Grid A") == 0
    assert world.run("--json", "issue", "--month", str(MONTH)) == 0
    assert world.run("--json", "index") == 0
    told: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().err.splitlines()]

    def those(event: str, **facts: Any) -> list[dict[str, Any]]:
        return [one for one in told if one["event"] == event and all(one.get(k) == v for k, v in facts.items())]

    sha256 = hashlib.sha256(table.read_bytes()).hexdigest()
    (taken,) = those("file_taken_in", file=sha256)
    assert (taken["rows"], taken["known"], taken["provider"]) == (3, True, "Grid A")
    (planned,) = those("month_planned", month=str(MONTH))
    assert (planned["to_issue"], planned["certificates"]) == (3, 6)
    (committed,) = those("file_committed", file=sha256)
    for event in ("transaction_sent", "transaction_mined"):
        (one,) = those(event, files=[sha256])
        assert (one["transaction"], one["root"]) == (committed["transaction"], committed["root"])
    (issued,) = those("transaction_mined", commitment=committed["commitment"])
    assert (issued["month"], issued["gas"] > 100_000) == (str(MONTH), True)
    (indexed,) = those("commitment_indexed", transaction=committed["transaction"])
    assert (indexed["commitment"], indexed["root"]) == (committed["commitment"], committed["root"])
    (minted,) = those("transaction_indexed", transaction=issued["transaction"])
    assert minted["events"]["ConsecutiveTransfer"] == 3
    assert those("month_issued")[0]["minted"] == 6
    everything = json.dumps(told, ensure_ascii=False)
    assert table.name not in everything
    assert "Owner" not in everything


def test_a_refusal_and_a_failure_are_told(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEC_LOG", "json")
    world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)])
    good = world.run("roles", "revoke", "provider", "dev:Grid A")
    capsys.readouterr()
    assert (good, world.run("--json", "issue", "--month", str(MONTH))) == (0, 1)
    out, err = capsys.readouterr()
    refused, failed = map(json.loads, err.splitlines())
    assert (refused["event"], refused["reason"]) == ("call_refused", "AccessManagedUnauthorized")
    assert (failed["event"], failed["reason"]) == ("failed", "AccessManagedUnauthorized")
    assert json.loads(out)["error"]["reason"] == "AccessManagedUnauthorized"


def test_a_person_is_told_a_refusal_once(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GEC_LOG", raising=False)
    monkeypatch.delenv("GEC_LOG_LEVEL", raising=False)
    world.take_in(MONTH, [on_grid(PLANTS[0], 2_500_000)])
    assert world.run("roles", "revoke", "provider", "dev:Grid A") == 0
    capsys.readouterr()
    assert world.run("issue", "--month", str(MONTH)) == 1
    quiet = capsys.readouterr().err
    assert ("error:" in quiet, "call_refused" in quiet) == (True, False)
    monkeypatch.setenv("GEC_LOG_LEVEL", "warning")
    assert world.run("issue", "--month", str(MONTH)) == 1
    assert "call_refused" in capsys.readouterr().err
