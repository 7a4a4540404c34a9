"""`make bench`: run every measurement in this folder one after the other, or those that are named.

Each is a script of its own that prints one JSON line a run; sizes are small by default (see each script's head).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run the named measurements, or all; the exit status is that of the first that fails."""
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"no measurement called {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    for name in wanted:
        print(f"# {name}", flush=True)
        status = subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
