"""The page that a stranger runs a registry by is true: its `bash` blocks run, in order, on a real node and home."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.commands import understood
from tests.world import node

PAGE = ROOT / "docs" / "operations.md"
BLOCK = re.compile(r"^```(bash|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(gec [a-z][^`]*)`")


def commands() -> list[str]:
    """Every command line of `gec` in the page's blocks."""
    lines = [line for _kind, block in BLOCK.findall(PAGE.read_text()) for line in block.splitlines()]
    return [match for line in lines for match in re.findall(r"(?:^|[ (]|/bin/)(gec [a-z-][^|;)]*)", line)]


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_of_a_block_exists(line: str) -> None:
    assert understood(shlex.split(line.split(" > ")[0])[1:]) == ""


@pytest.mark.parametrize("line", sorted(set(INLINE.findall(PAGE.read_text()))))
def test_every_command_in_the_text_exists(line: str) -> None:
    """It may stand there without its arguments."""
    said = understood(shlex.split(line)[1:])
    assert said == "" or said.startswith("MissingParameter"), said


def test_the_page_runs(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(ROOT / "data")
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "gec"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gecchain.cli "$@"\n')
    program.chmod(0o755)
    (tmp_path / "password").write_text("correct-horse-battery")
    blocks = [block for kind, block in BLOCK.findall(PAGE.read_text()) if kind == "bash"]
    assert len(blocks) >= 8
    script = tmp_path / "page.sh"
    script.write_text("set -euxo pipefail\n" + "\n".join(blocks))
    with node(tmp_path) as url:
        variables = {
            **os.environ,
            "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GEC_HOME": str(tmp_path / "home"),
            "GEC_RPC_URL": url,
            "GEC_PASSWORD_FILE": str(tmp_path / "password"),
        }
        done = subprocess.run(
            ["bash", str(script)],
            env=variables,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert "minted 3,702 certificates" in done.stdout
    assert "asked for 0, minted 0 certificates" in done.stdout, "issued again after the restore"
    assert "correct-horse-battery" not in done.stdout + done.stderr
