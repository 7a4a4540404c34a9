"""Mutants -> what the Solidity tests say of them. They compile for minutes, so all mutants are compiled at once.

They run in a project of their own under `build/mutation/`, with its own cache, so the sources are never touched; there
`GEC_MUTANT` is the number of the mutant that is active. Constants cannot ask for it: their mutants are put into the
source one at a time. The test that mirrors the source comes first (libraries/Segments.t.sol of libraries/Segments.sol).
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.mutation.compiling import ROOT
from tests.mutation.mutants import Mutant
from tests.mutation.switching import LIBRARY, LIBRARY_TEXT

__all__ = ["Project", "tests_for"]

_COPIED: Final = ("contracts", "tests/contracts")
_FILES: Final = ("package.json", "hardhat.config.js")
_SECONDS: Final = 1_800
_HEADING: Final = re.compile(r"^ *(?:project/)?(tests/\S+\.t\.sol):\w+", re.MULTILINE)
_FUZZED: Final = "Invariants.t.sol"
_QUICK: Final = {
    "enabled": True,
    "details": {"yul": True, "yulDetails": {"stackAllocation": True, "optimizerSteps": "dhfoDgvulfnTUtnIf:"}},
}


def tests_for(file: str) -> list[list[str]]:
    """Test files in the order in which they are tried: the mirror of the source, then all but the gas snapshots and
    the invariants, which find nothing to call in a project that is compiled like this.
    """
    folder = ROOT / "tests" / "contracts"
    found = [path for path in folder.rglob("*.t.sol") if path.parent.name != "gas" and path.name != _FUZZED]
    every = sorted(str(path.relative_to(ROOT)) for path in found)
    mirror = file.replace("contracts/", "tests/contracts/", 1).replace(".sol", ".t.sol")
    return [[mirror], [name for name in every if name != mirror]] if mirror in every else [every]


class Project:
    """A copy of what Hardhat needs, in `folder`, with these sources instead of ours; one mutant at a time."""

    def __init__(self, folder: Path, sources: Mapping[str, str]) -> None:
        self.folder, self._sound = folder, dict[tuple[str, ...], bool]()
        for name in _COPIED:
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.copytree(ROOT / name, folder / name)
        for name in _FILES:
            shutil.copy(ROOT / name, folder / name)
        if not (folder / "node_modules").is_symlink():
            (folder / "node_modules").symlink_to(ROOT / "node_modules")
        for name, text in {**sources, LIBRARY: LIBRARY_TEXT}.items():
            (folder / name).write_text(text)
        self._compile_quickly()

    def _compile_quickly(self) -> None:
        path = self.folder / "contracts" / "compiler.json"
        chosen = json.loads(path.read_text())
        chosen["settings"]["optimizer"] = _QUICK
        path.write_text(json.dumps(chosen))

    def notices(self, mutant: Mutant, number: int | None = None) -> str:
        """The first test file that fails with this mutant, which is put into its source if it has no number; or empty.

        RuntimeError when a file fails without it: then it would notice anything.
        """
        for tests in tests_for(mutant.file):
            if not self._sound.setdefault(tuple(tests), not self._failing(tests)):
                raise RuntimeError(f"tests fail for the contracts as they are: see {self.folder / 'output.txt'}")
            by = self._failing(tests, number) if number else self._failing_with(mutant, tests)
            if by:
                return by
        return ""

    def _failing_with(self, mutant: Mutant, tests: list[str]) -> str:
        behind_switches = (self.folder / mutant.file).read_text()
        (self.folder / mutant.file).write_text(mutant.applied((ROOT / mutant.file).read_text()))
        try:
            return self._failing(tests)
        finally:
            (self.folder / mutant.file).write_text(behind_switches)

    def _failing(self, tests: list[str], number: int = 0) -> str:
        """The first of these test files that does not pass (one that never ends does not), or empty."""
        path = f"{ROOT / 'node_modules/.bin'}:{os.environ['PATH']}"
        own = {"PATH": path, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true", "GEC_MUTANT": str(number)}
        command = ["hardhat", "test", "solidity", *tests]
        with (self.folder / "output.txt").open("w") as output:
            try:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env=os.environ | own,
                    stdout=output,
                    stderr=output,
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return tests[0]
        return self._first_failing(tests) if done.returncode else ""

    def _first_failing(self, tests: list[str]) -> str:
        """Hardhat prints a file's name above its tests, and a failing test with its number."""
        said = (self.folder / "output.txt").read_text()
        headings = [*_HEADING.finditer(said)]
        ends = [heading.start() for heading in headings[1:]] + [len(said)]
        for heading, end in zip(headings, ends, strict=False):
            if re.search(r"^ +\d+\) ", said[heading.end() : end], re.MULTILINE):
                return heading[1]
        return tests[0]
