"""One mutant's way: compiled, compared, run against the quick tests and, if they notice nothing, the slow ones."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.mutation.compiling import CONTRACTS, ROOT, Broken, Compiler, closure
from tests.mutation.killing import differential
from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.solidity import Project

__all__ = ["BUILT", "Bench"]

BUILT: Final = ROOT / "build" / "mutation"


@dataclass(slots=True)
class Bench:
    """What one worker has: a compiler, the contracts as they are, folders of its own."""

    number: int
    slow: bool
    compiler: Compiler = field(default_factory=Compiler, init=False)
    baseline: dict[str, dict[str, Any]] = field(init=False)
    _deployed: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)
    _project: Project | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.baseline = self.compiler.compile({}, list(CONTRACTS), quick=True)

    @property
    def folder(self) -> Path:
        """Where the artefacts of the mutant at hand are."""
        return BUILT / str(self.number) / "artifacts"

    def judge(self, mutant: Mutant) -> Verdict:
        """Does everything to a mutant that may be needed."""
        began = time.monotonic()
        outcome, by = self._outcome(mutant)
        lines = mutant.lines((ROOT / mutant.file).read_text())
        return Verdict(mutant, outcome, by, round(time.monotonic() - began, 1), lines)

    def _outcome(self, mutant: Mutant) -> tuple[str, str]:
        text = mutant.applied((ROOT / mutant.file).read_text())
        touched = [name for name, file in CONTRACTS.items() if file.startswith("c") and mutant.file in closure(file)]
        try:
            made = self.baseline | self.compiler.compile({mutant.file: text}, touched, quick=True)
        except Broken as error:
            return "broken", str(error).splitlines()[0]
        if made != self.baseline and (by := differential(made, self.folder)):
            return "killed", by
        if self._is_deployed_alike(mutant, text, touched):
            return "equivalent", "the same bytecode"
        by = self._slow(mutant, text) if self.slow else ""
        return ("killed", by) if by else ("survived", "")

    def _is_deployed_alike(self, mutant: Mutant, text: str, touched: list[str]) -> bool:
        """Whether the optimizer makes of the mutant what is deployed."""
        missing = [name for name in touched if name not in self._deployed]
        self._deployed |= self.compiler.compile({}, missing) if missing else {}
        made = self.compiler.compile({mutant.file: text}, touched)
        return all(made[name] == self._deployed[name] for name in touched)

    def _slow(self, mutant: Mutant, text: str) -> str:
        if self._project is None:
            self._project = Project(BUILT / str(self.number) / "project")
        return self._project.notices(mutant.file, text)
