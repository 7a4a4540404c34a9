"""Mutated bytecode -> what notices it: the quickest tests first, in a process of their own for every mutant.

The differential tests run the bytecode within Python against the ledger's model: sequences of fixed seeds, then the
tests of facts and of the vectors. What they say and heard of the contracts without fault is on tapes. A fork takes
milliseconds where a new process takes seconds to import, and a mutant that loops for ever or takes the process down
harms nothing. A sieve of what is on the tapes kills most of the mutants in a second.
"""

import json
import os
import pickle
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

import pytest

from gecchain.chain import contracts
from gecchain.chain.deploying import Role
from tests.differential import chain
from tests.differential.choosing import choose
from tests.differential.operations import Call
from tests.differential.people import STAFF
from tests.differential.session import Session
from tests.mutation.compiling import ROOT
from tests.mutation.taping import Difference, Replay, Tape, recording, thinned

__all__ = ["SEEDS", "Tapes", "differential", "recorded"]

SEEDS: Final = (1, 2, 3, 4)
_OPERATIONS: Final = 5_000
_COMPARE_EVERY: Final = 1_000
_AFTER_PAUSE: Final = 150
_PAUSE: Final = Call(STAFF[Role.GUARDIAN][0], "Guardian", "pause", ("what happened",))
_CODE_BYTES: Final = 1 << 18
"""Of a quickly compiled contract with hundreds of switches: more than a chain would take."""
_SIEVES: Final = 2
"""Sequences in a sieve: few mutants come through two of them that four would kill."""
_SECONDS: Final = 180
"""Of the processor, not of the clock, so that a busy machine kills no mutant. The tests take up to 40."""
_FILES: Final = tuple(f"tests/differential/test_{name}.py" for name in ("edges", "facts", "vectors"))

Made = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Tapes:
    """Of the contracts as they are; `facts` is of the tests in files."""

    sequences: tuple[Tape, ...]
    facts: Tape

    def sieve(self) -> "Tapes":
        """Less of everything, in a tenth of the time."""
        return Tapes(tuple(map(thinned, self.sequences[:_SIEVES])), thinned(self.facts))


def recorded(made: Made, folder: Path) -> Tapes:
    """Runs the tests themselves; RuntimeError when they fail, because then they would kill every mutant."""
    _put(made, folder)
    kept = folder / "tapes.pickle"
    if _forked(lambda: _record(folder, kept), folder / "output.txt", 10 * _SECONDS):
        raise RuntimeError(f"tests fail for the contracts as they are: see {folder / 'output.txt'}")
    tapes: Tapes = pickle.loads(kept.read_bytes())
    kept.unlink()
    return tapes


def differential(made: Made, folder: Path, tapes: Tapes) -> str:
    """What noticed that these are the contracts: `sequences`, `facts`, `time` (no end), or empty for nothing."""
    _put(made, folder)
    for name, tests in (("sequences", _sequences), ("facts", _facts)):
        code = _forked(lambda tests=tests: tests(folder, tapes), folder / "output.txt", _SECONDS)  # type: ignore[misc]
        if code == -signal.SIGPROF:
            return "time"
        if code:
            return name
    return ""


def _put(made: Made, folder: Path) -> None:
    for name, contract in made.items():
        (folder / f"{name}.json").write_text(json.dumps(contract))


def _forked(work: Callable[[], bool], output: Path, seconds: int) -> int:
    """0 if the work came out true in a child; its signal, negative, if one ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    with suppress(BaseException):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        with output.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            code = 0 if _told(work) else 1
            sys.stdout.flush()
    os._exit(code)


def _told(work: Callable[[], bool]) -> bool:
    """What went wrong is told in the output."""
    try:
        return work()
    except Exception as error:
        print(f"{type(error).__name__}: {error}"[:4_000])  # noqa: T201
        raise


def _use(folder: Path) -> None:
    """The contracts' artefacts come from the folder; nothing was read or deployed before in this process."""
    package = SimpleNamespace(files=lambda _package: folder.parent)
    assert folder.name == "artifacts"
    assert contracts.artifact.cache_info().currsize == 0
    contracts.resources = package  # type: ignore[assignment, attr-defined]
    chain.CODE_BYTES = _CODE_BYTES


def _record(folder: Path, kept: Path) -> bool:
    _use(folder)
    sequences = tuple(_sequence(seed) for seed in SEEDS)
    facts: Tape = []
    with recording(facts):
        passed = _passes_facts()
    kept.write_bytes(pickle.dumps(Tapes(sequences, facts)))
    return passed


def _sequence(seed: int) -> Tape:
    """Of a sequence in which contracts and model agree, paused towards its end; what goes wrong is raised."""
    tape: Tape = []
    with recording(tape):
        random, session = Random(seed), Session()
        for count in range(_OPERATIONS):
            pauses = count == _OPERATIONS - _AFTER_PAUSE
            session.perform(_PAUSE if pauses else choose(random, session.known))
            if count % _COMPARE_EVERY == _COMPARE_EVERY - 1:
                session.compare()
    return tape


def _sequences(folder: Path, tapes: Tapes) -> bool:
    _use(folder)
    for tape in tapes.sequences:
        Replay().run(tape)
    return True


def _facts(folder: Path, tapes: Tapes) -> bool:
    """Where a test reads an answer in a way of its own, it runs again."""
    _use(folder)
    try:
        Replay().run(tapes.facts)
    except Difference as difference:
        return difference.is_of_facts and _passes_facts()
    return True


def _passes_facts() -> bool:
    os.chdir(ROOT)
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *_FILES]) == 0
