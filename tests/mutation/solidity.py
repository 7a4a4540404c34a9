"""A mutated source -> what the Solidity tests say of it. They compile for minutes, so they see only what is left.

They run in a project of their own under `build/mutation/`, with its own cache, so the sources are never touched. The
test that mirrors the source comes first (libraries/Segments.sol has libraries/Segments.t.sol); it compiles in seconds.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.mutation.compiling import ROOT

__all__ = ["Project", "tests_for"]

_COPIED: Final = ("contracts", "tests/contracts")
_FILES: Final = ("package.json", "hardhat.config.js")
_SECONDS: Final = 1_800


def tests_for(file: str) -> list[list[str]]:
    """Test files in the order in which they are tried: the mirror of the source, then all but the gas snapshots."""
    folder = ROOT / "tests" / "contracts"
    every = sorted(str(path.relative_to(ROOT)) for path in folder.rglob("*.t.sol") if path.parent.name != "gas")
    mirror = file.replace("contracts/", "tests/contracts/", 1).replace(".sol", ".t.sol")
    return [[mirror], [name for name in every if name != mirror]] if mirror in every else [every]


class Project:
    """A copy of what Hardhat needs, in `folder`; one mutant at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._sound = folder, set[str]()
        for name in _COPIED:
            shutil.rmtree(folder / name, ignore_errors=True)
            shutil.copytree(ROOT / name, folder / name)
        for name in _FILES:
            shutil.copy(ROOT / name, folder / name)
        if not (folder / "node_modules").is_symlink():
            (folder / "node_modules").symlink_to(ROOT / "node_modules")

    def notices(self, file: str, text: str) -> str:
        """The first group of tests that fails with this text in place of the source, or empty.

        RuntimeError when the group fails without it: then it would notice anything.
        """
        for tests in tests_for(file):
            if tests[0] not in self._sound and not self._passes(tests):
                raise RuntimeError(f"tests fail for the contracts as they are: see {self.folder / 'output.txt'}")
            self._sound.add(tests[0])
            if not self._passes_with(file, text, tests):
                return tests[0]
        return ""

    def _passes_with(self, file: str, text: str, tests: list[str]) -> bool:
        original = (self.folder / file).read_text()
        (self.folder / file).write_text(text)
        try:
            return self._passes(tests)
        finally:
            (self.folder / file).write_text(original)

    def _passes(self, tests: list[str]) -> bool:
        """Whether these test files pass; one that never ends does not."""
        path = f"{ROOT / 'node_modules/.bin'}:{os.environ['PATH']}"
        environment = os.environ | {"PATH": path, "HARDHAT_DISABLE_TELEMETRY_PROMPT": "true"}
        command = ["hardhat", "test", "solidity", *tests]
        with (self.folder / "output.txt").open("w") as output:
            try:
                done = subprocess.run(
                    command,
                    cwd=self.folder,
                    env=environment,
                    stdout=output,
                    stderr=output,
                    timeout=_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                return False
        return done.returncode == 0
