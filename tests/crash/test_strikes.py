"""A whole registry that is struck while it works: the short run of `python -m bench faults`."""

import subprocess
import sys
from pathlib import Path

STRIKES = 4
LONGEST_SECONDS = 600


def test_whatever_is_struck_everything_is_there_afterwards() -> None:
    command = [sys.executable, "-m", "bench.faults", "--strikes", str(STRIKES)]
    run = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=LONGEST_SECONDS
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("everything is there") == STRIKES, run.stdout
