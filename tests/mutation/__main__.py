"""`python tests/mutation --help`. An installed package is called `tests` too, so ours is named first."""

import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
if "tests" not in sys.modules:
    ours = ModuleType("tests")
    ours.__path__ = [str(ROOT / "tests")]
    sys.modules["tests"] = ours
    sys.path.insert(0, str(ROOT))

if __name__ == "__main__":
    from tests.mutation.campaign import main

    sys.exit(main())
