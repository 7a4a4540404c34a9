"""One mutant's way: sifted with others behind switches, then alone against all quick tests, then the slow ones."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.mutation.batching import Batch, fitted, touched
from tests.mutation.compiling import ROOT, Broken, Compiler
from tests.mutation.killing import Tapes, differential
from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.solidity import Project
from tests.mutation.switching import BY_ENVIRONMENT

__all__ = ["BUILT", "Bench"]

BUILT: Final = ROOT / "build" / "mutation"


@dataclass(slots=True)
class Bench:
    """What one worker has: a compiler, the contracts as they are, folders of its own."""

    number: int
    baseline: dict[str, dict[str, Any]]
    tapes: Tapes
    compiler: Compiler = field(default_factory=Compiler, init=False)
    _sieve: Tapes = field(init=False)
    _deployed: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)
    _project: Project | None = field(default=None, init=False)
    _numbers: dict[Mutant, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._sieve = self.tapes.sieve()

    @property
    def folder(self) -> Path:
        """Where the artefacts of the mutant at hand are."""
        return BUILT / str(self.number) / "artifacts"

    def sift(self, batch: Batch, number: int) -> Verdict:
        """Killed by the sieve, or suspected."""
        began = time.monotonic()
        by = differential(batch.active(number), self.folder, self._sieve)
        return _verdict(batch.mutants[number], "killed" if by else "suspected", by, began)

    def replay(self, batch: Batch, number: int) -> Verdict:
        """Killed by all that is on the tapes, or doubted."""
        began = time.monotonic()
        by = differential(batch.active(number), self.folder, self.tapes)
        return _verdict(batch.mutants[number], "killed" if by else "doubted", by, began)

    def lets_through(self, batch: Batch) -> bool:
        """Whether the sieve finds nothing in a batch of which no mutant is active."""
        return not differential(batch.active(0), self.folder, self._sieve)

    def replay_alone(self, mutant: Mutant) -> Verdict:
        """The same for a mutant that fits behind no switch, and whether it makes a difference to the compiler."""
        began = time.monotonic()
        return _verdict(mutant, *self._alone(mutant), began)

    def show(self, mutant: Mutant, doubted: Sequence[Mutant]) -> Verdict:
        """What the Solidity tests say. `doubted` are all that are shown in this run."""
        began = time.monotonic()
        names = sorted(touched(mutant.file))
        if self._is_deployed_alike(mutant, mutant.applied((ROOT / mutant.file).read_text()), names):
            return _verdict(mutant, "equivalent", "the same bytecode", began)
        by = self._notices(mutant, doubted)
        return _verdict(mutant, "killed" if by else "survived", by, began)

    def _alone(self, mutant: Mutant) -> tuple[str, str]:
        text = mutant.applied((ROOT / mutant.file).read_text())
        names = sorted(touched(mutant.file))
        try:
            made = self.baseline | self.compiler.compile({mutant.file: text}, names, quick=True)
        except Broken as error:
            return "broken", str(error).splitlines()[0]
        if made == self.baseline:
            return "equivalent", "the same bytecode"
        by = differential(made, self.folder, self.tapes)
        return ("killed", by) if by else ("doubted", "")

    def _is_deployed_alike(self, mutant: Mutant, text: str, names: list[str]) -> bool:
        """Whether the optimizer makes of the mutant what is deployed; small contracts are asked first."""
        for name in sorted(names, key=lambda name: len(self.baseline[name]["bytecode"])):
            if name not in self._deployed:
                self._deployed |= self.compiler.compile({}, [name])
            if self.compiler.compile({mutant.file: text}, [name])[name] != self._deployed[name]:
                return False
        return True

    def _notices(self, mutant: Mutant, doubted: Sequence[Mutant]) -> str:
        if self._project is None:
            sources, numbered = fitted(self.compiler, doubted, BY_ENVIRONMENT)
            self._numbers = {one: number for number, one in numbered.items()}
            self._project = Project(BUILT / str(self.number) / "project", sources)
        return self._project.notices(mutant, self._numbers.get(mutant))


def _verdict(mutant: Mutant, outcome: str, by: str, began: float) -> Verdict:
    lines = mutant.lines((ROOT / mutant.file).read_text())
    return Verdict(mutant, outcome, by, round(time.monotonic() - began, 1), lines)
