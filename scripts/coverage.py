"""Which statements and branches of contracts/ the Solidity tests reach; exit status 1 below every branch.

Hardhat's `--coverage` counts statements only, so the sources are marked by `coverage_points.cjs`: every statement, and
each outcome of every atomic condition (what decides an `if`, a loop or a `?:`, and each operand of `&&` and `||`). Both
outcomes of each imply both branches of every decision. What is measured: the Solidity tests but the gas snapshots, on
our compiler settings. What is not: the Python tests, modifiers and code of OpenZeppelin, and the implicit reverts
(checked arithmetic, ABI decoding).
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
POINTS = ROOT / "build" / "coverage" / "points"
HITS = ROOT / "coverage" / "data" / "solidity"


@dataclass(frozen=True, slots=True)
class Branch:
    """One outcome of a condition; `text` is the condition on one line."""

    line: int
    function: str
    text: str
    outcome: str
    reached: bool


@dataclass(frozen=True, slots=True)
class File:
    """Lines that have statements, with whether all of them were reached, and branches, both in order."""

    name: str
    lines: Mapping[int, bool]
    branches: tuple[Branch, ...]

    def share(self) -> str:
        """A row of the table."""
        reached, taken = sum(self.lines.values()), sum(branch.reached for branch in self.branches)
        return f"{self.name:<44}{_share(reached, len(self.lines)):>20}{_share(taken, len(self.branches)):>20}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {100 * part / whole:6.2f} %" if whole else "-"


def measured(name: str, points: Iterable[Mapping[str, Any]], hits: frozenset[str]) -> File:
    """What was reached of a file's points; `hits` are the tags that came up."""
    lines: dict[int, bool] = {}
    branches = []
    for point in points:
        if point["kind"] == "statement":
            lines[point["line"]] = lines.get(point["line"], True) and point["tags"][0] in hits
            continue
        text = " ".join(point["text"].split())
        for outcome, tag in zip(("true", "false"), point["tags"], strict=True):
            branches.append(Branch(point["line"], point["function"], text, outcome, tag in hits))
    return File(name, dict(sorted(lines.items())), tuple(sorted(branches, key=lambda one: one.line)))


def missing(file: File) -> list[str]:
    """Lines and branches that were not reached, as sentences with their place."""
    lines = [f"{file.name}:{line}: not reached" for line, reached in file.lines.items() if not reached]
    left = [branch for branch in file.branches if not branch.reached]
    return lines + [f"{file.name}:{one.line}: {one.function}: never {one.outcome}: {one.text}" for one in left]


def collected() -> list[File]:
    """Files with anything to reach, from what the last run left."""
    found = [json.loads(path.read_text()) for path in sorted(HITS.glob("*.json"))]
    hits = frozenset(tag for tags in found for tag in tags)
    marked = [json.loads(path.read_text()) for path in sorted(POINTS.glob("*.json"))]
    return [measured(one["name"], one["points"], hits) for one in marked if one["points"]]


def run() -> int:
    """The Solidity tests on marked contracts; their exit status."""
    for folder in (POINTS, HITS):
        shutil.rmtree(folder, ignore_errors=True)
    folder = ROOT / "tests" / "contracts"
    # The invariants' handler is deployed from its artifact, so it is compiled beside the tests.
    tests = [path for path in sorted(folder.rglob("*.t.sol")) if path.parent.name != "gas"]
    tests.append(folder / "invariant" / "Handler.sol")
    command = ["hardhat", "--config", "scripts/coverage.config.js", "--coverage", "test", "solidity", *map(str, tests)]
    path = f"{ROOT / 'node_modules/.bin'}:{os.environ['PATH']}"
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": path}, check=False).returncode


def main() -> int:
    """Exit status 0 when the tests pass and every branch is reached; `--last` reports the last run again."""
    if "--last" not in sys.argv and (status := run()):
        return status
    files = collected()
    if not files:
        sys.exit("nothing was measured: no marked contract was compiled")
    print(f"{'':<44}{'lines':>20}{'branches':>20}")
    for file in files:
        print(file.share())
    lines = dict(enumerate(reached for file in files for reached in file.lines.values()))
    print(File("all", lines, tuple(branch for file in files for branch in file.branches)).share())
    for complaint in (sentence for file in files for sentence in missing(file)):
        print(complaint)
    return 0 if all(branch.reached for file in files for branch in file.branches) else 1


if __name__ == "__main__":
    sys.exit(main())
