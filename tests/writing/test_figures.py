"""What a command did, as figures: gas by role, rows and refusals by code, left behind for a collector of files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.world import World, last_months, on_grid
from tests.writing.conftest import PLANTS

MONTH = last_months(1)[0]


def left(folder: Path, command: str) -> dict[str, float]:
    lines = (folder / f"gec_{command}.prom").read_text().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_commands_leave_their_figures(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "figures"
    monkeypatch.setenv("GEC_METRICS_FOLDER", str(folder))
    rows = [f"{one.code},{MONTH},on_grid,2500,{one.source_id}" for one in PLANTS[:2]]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["project,month,class,kwh,sheet", *rows, f"nonsense,{MONTH},on_grid,1,S9"]) + "\n")
    assert world.run("ingest", str(table), "--provider", "Grid A") == 0
    taken = left(folder, "ingest")
    assert taken['gec_run_rows{command="ingest",outcome="accepted"}'] == 2
    assert taken['gec_run_rows{command="ingest",outcome="refused"}'] == 1
    assert taken['gec_run_failed{command="ingest"}'] == 0
    (code,) = (name for name in taken if name.startswith("gec_rows_open"))
    assert re.search(r'code="[A-Z_]+"', code)
    assert taken[code] == 1
    assert world.run("issue", "--month", str(MONTH)) == 0
    issued = left(folder, "issue")
    assert issued['gec_run_gas{command="issue",role="authority"}'] > 100_000
    assert issued['gec_run_gas{command="issue",role="provider"}'] > 50_000
    assert issued['gec_run_ended_seconds{command="issue"}'] > 1_700_000_000
    assert world.run("roles", "revoke", "provider", "dev:Grid A") == 0
    world.take_in(MONTH, [on_grid(PLANTS[3], 2_500_000)])
    assert world.run("issue", "--month", str(MONTH)) == 1
    assert left(folder, "issue")['gec_run_failed{command="issue"}'] == 1
    assert 'gec_run_gas{command="roles",role="governance"}' in left(folder, "roles")
