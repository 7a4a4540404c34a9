"""The crash test at length: `python -m bench crash [--rounds N] [--full]` repeats tests/crash on new chains.

Twenty kills of `gec issue` and twenty of `gec index --follow` a round, and faults of the node between; it ends with the
first round that does harm. One round by default, five with --full; --save or --full notes them in
bench/results/crash.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
SMALL, FULL = 1, 5


def main() -> int:
    """Repeat the tests; the exit status is that of the last round."""
    parser = argparse.ArgumentParser(prog="python -m bench crash", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=0, help="how many (1)")
    parser.add_argument("--full", action="store_true", help="five rounds, and keep the results")
    parser.add_argument("--save", action="store_true", help="write bench/results/crash.json")
    options = parser.parse_args()
    rounds = options.rounds or (FULL if options.full else SMALL)
    ended: list[dict[str, float]] = []
    for number in range(1, rounds + 1):
        began = time.monotonic()
        status = subprocess.call([sys.executable, "-m", "pytest", "-q", "tests/crash"], cwd=ROOT)
        ended.append({"exit status": status, "seconds": round(time.monotonic() - began)})
        print(f"round {number} of {rounds}: exit status {status}, {ended[-1]['seconds']} s", flush=True)
        if status:
            break
    if options.full or options.save:
        told = {"day": datetime.now(UTC).date().isoformat(), "rounds": ended}
        (ROOT / "bench" / "results" / "crash.json").write_text(json.dumps(told, indent=1) + "\n")
    return int(ended[-1]["exit status"])


if __name__ == "__main__":
    sys.exit(main())
