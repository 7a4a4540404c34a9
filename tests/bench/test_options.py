"""What all measurements have in common: small by default, nothing kept unless asked for, and a place in the docs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import _measurements

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bench", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", _measurements())
def test_every_measurement_can_be_asked_for_results_and_is_documented(name: str) -> None:
    told = bench(name, "--help")
    assert told.returncode == 0, told.stderr
    assert "--full" in told.stdout
    assert "--save" in told.stdout
    assert f"`python -m bench {name}" in (ROOT / "docs" / "benchmarks.md").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("intake", "--rows", "50"),
        ("indexing", "--batches", "2", "--database", "sqlite"),
    ],
)
def test_a_small_run_prints_its_table_and_keeps_nothing(words: tuple[str, ...]) -> None:
    before = {file: file.read_bytes() for file in RESULTS.iterdir()}
    told = bench(*words)
    assert told.returncode == 0, told.stderr
    assert "| ---" in told.stdout
    assert {file: file.read_bytes() for file in RESULTS.iterdir()} == before


def test_an_unknown_measurement_is_told_with_those_there_are() -> None:
    told = bench("speed")
    assert told.returncode == 2
    assert "no measurement called speed; there are crash, faults, gas," in told.stderr
