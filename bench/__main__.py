"""`make bench`: run every measurement in this folder one after the other, or those that are named.

Each is a script or a package of its own that prints what it measured. Sizes are small by default and nothing is kept;
all take `--full` (the sizes of the results that are kept, hours for all of them) and `--save` (keep what was found in
bench/results). Options after the names, such as `python -m bench gas --strict`, go to every measurement that is named.
docs/benchmarks.md says what each measures.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the named measurements, or all; the exit status is that of the first that fails."""
    known = _measurements()
    options = list(itertools.dropwhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    wanted = sys.argv[1 : len(sys.argv) - len(options)] or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no measurement called {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"# {name}", flush=True)
        began = time.monotonic()
        status = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", *options], cwd=HERE.parent, check=False
        ).returncode
        print(f"# {name}: exit status {status} after {time.monotonic() - began:.0f} s\n", flush=True)
        if status:
            return status
    return 0


def _measurements() -> list[str]:
    scripts = [path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")]
    return sorted([*scripts, *(path.parent.name for path in HERE.glob("*/__main__.py"))])


if __name__ == "__main__":
    sys.exit(main())
