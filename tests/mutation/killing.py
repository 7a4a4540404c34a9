"""Mutated bytecode -> what notices it: the quickest tests first, in a process of their own for every mutant.

The differential tests run the bytecode within Python against the ledger's model: first sequences of fixed seeds, then
the tests of facts and of the vectors. A fork takes milliseconds where a new process takes seconds to import, and a
mutant that loops for ever or takes the process down harms nothing.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

import pytest

from gecchain.chain import contracts
from tests.differential import chain
from tests.differential.choosing import choose
from tests.differential.session import Session
from tests.mutation.compiling import ROOT

__all__ = ["SEEDS", "differential"]

SEEDS: Final = (1, 2, 3, 4)
_OPERATIONS: Final = 5_000
_COMPARE_EVERY: Final = 1_000
_CODE_BYTES: Final = 1 << 17
"""Of a quickly compiled contract: more than a chain would take."""
_SECONDS: Final = 60
"""Of the processor, not of the clock, so that a busy machine kills no mutant. The tests take about 15."""
_FILES: Final = ("tests/differential/test_facts.py", "tests/differential/test_vectors.py")


def differential(made: Mapping[str, Mapping[str, Any]], folder: Path) -> str:
    """What noticed that these are the contracts: `sequences`, `facts`, `time` (no end), or empty for nothing."""
    for name, contract in made.items():
        (folder / f"{name}.json").write_text(json.dumps(contract))
    for name, tests in (("sequences", _sequences), ("facts", _facts)):
        code = _forked(lambda tests=tests: tests(folder), folder / "output.txt")  # type: ignore[misc]
        if code == -signal.SIGPROF:
            return "time"
        if code:
            return name
    return ""


def _forked(work: Callable[[], bool], output: Path) -> int:
    """0 if the work came out true in a child; its signal, negative, if one ended it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    with suppress(BaseException):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, _SECONDS)
        with output.open("w") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            code = 0 if work() else 1
            sys.stdout.flush()
    os._exit(code)


def _use(folder: Path) -> None:
    """The contracts' artefacts come from the folder; nothing was read or deployed before in this process."""
    package = SimpleNamespace(files=lambda _package: folder.parent)
    assert folder.name == "artifacts"
    assert contracts.artifact.cache_info().currsize == 0
    contracts.resources = package  # type: ignore[assignment, attr-defined]
    chain.CODE_BYTES = _CODE_BYTES


def _sequences(folder: Path) -> bool:
    """Whether contracts and model agree in every sequence; what goes wrong is raised."""
    _use(folder)
    for seed in SEEDS:
        random, session = Random(seed), Session()
        for count in range(_OPERATIONS):
            session.perform(choose(random, session.known))
            if count % _COMPARE_EVERY == _COMPARE_EVERY - 1:
                session.compare()
    return True


def _facts(folder: Path) -> bool:
    _use(folder)
    os.chdir(ROOT)
    return pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *_FILES]) == 0
