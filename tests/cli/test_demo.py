"""The demonstration as a user runs it, twice in one home: all of it happens once, the second run changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from gecchain.chain.node import embedded_node
from gecchain.cli.demo.life import ADDED, LONGEST
from gecchain.cli.demo.parties import EXCHANGE, GRID, METER, OFFICE, PLATFORMS
from gecchain.cli.roles import Roles, save_roles
from gecchain.rules import PROVINCES
from tests.conftest import ROOT, free_port

STORY = ["frozen", "unfrozen", "listed", "traded", "trade_undone", "listed", "traded", "retired"]


def gec(home: Path, url: str, *words: str) -> Any:
    command = [sys.executable, "-m", "gecchain.cli", "--home", str(home), "--rpc", url, "--json", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def without_keystores(home: Path) -> None:
    """Roles with development keys, since opening keystores takes most of the time of a small demonstration."""
    save_roles(
        home / "roles.json",
        Roles(
            governance="dev:governance",
            authority="dev:authority",
            information_centre="dev:information-centre",
            registrar="dev:registrar",
            ccer_registry="dev:ccer-registry",
            guardian="dev:guardian",
            relay="dev:relay",
            provinces={str(code): f"dev:province-{code}" for code in PROVINCES},
            providers={GRID: "dev:provider-grid", METER: "dev:provider-meter"},
            platforms=dict(zip(PLATFORMS, ("dev:platform-a", "dev:platform-b"), strict=True)),
            exchanges={EXCHANGE: "dev:exchange"},
            offices={OFFICE: "dev:regional-office"},
            development=True,
        ),
    )


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """Every transaction makes a block, so the same head says that none was sent. Each run ends with fsck."""
    home, url = tmp_path / "home", f"http://127.0.0.1:{free_port()}"
    without_keystores(home)
    first = gec(home, url, "demo", "--exit", "--plants", "8")
    second = gec(home, url, "demo", "--exit", "--plants", "8")
    assert second == first

    traced = [one["name"] for one in gec(home, url, "trace", first["examples"][LONGEST])]
    assert [name for name in traced if name in STORY] == STORY
    assert (traced.count("case_opened"), traced.count("case_closed")) == (2, 2)
    added = [one["name"] for one in gec(home, url, "trace", first["examples"][ADDED])]
    assert "added" in added
    assert "issued" not in added

    (table,) = (home / "demo").glob("by-hand-*.csv")
    month = table.stem.removeprefix("by-hand-")
    with embedded_node(url, home / "chain"):
        taken = gec(home, url, "ingest", str(table))
        issued = gec(home, url, "issue", "--month", month)
        gec(home, url, "index")
        gec(home, url, "fsck")
    assert (taken["rows"] - taken["accepted"], taken["refused"]) == (2, 2)
    assert issued["minted"] > 0
