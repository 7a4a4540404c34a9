"""The crash test at length: `python -m bench.crash ROUNDS` (1 if left out) repeats tests/crash on new chains.

Twenty kills of `gec issue` and twenty of `gec index --follow` a round; it ends with the first that does harm.
"""

from __future__ import annotations

import subprocess
import sys
import time


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for number in range(1, rounds + 1):
        began = time.monotonic()
        status = subprocess.call([sys.executable, "-m", "pytest", "-q", "tests/crash"])
        print(f"round {number} of {rounds}: exit status {status}, {time.monotonic() - began:.0f} s", flush=True)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
