"""Mutants -> batches of them, each compiled at once; those that fit into none are told apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.mutation.compiling import CONTRACTS, ROOT, Broken, Compiler, closure
from tests.mutation.mutants import Mutant
from tests.mutation.switching import BY_ADDRESS, LIBRARY, LIBRARY_TEXT, activated, with_switches

__all__ = ["Batch", "batched", "compiled", "fitted", "touched"]

_LARGEST: Final = 500
"""Mutants in a batch: more make the compiler slow and the contracts large."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Mutants by number from 1, and contracts (`abi`, `bytecode`) in which each can be active."""

    mutants: Mapping[int, Mutant]
    contracts: Mapping[str, Mapping[str, Any]]

    def active(self, number: int) -> dict[str, dict[str, Any]]:
        """The contracts with this mutant, or with none for 0."""
        return {
            name: {"abi": made["abi"], "bytecode": activated(made["bytecode"], number)}
            for name, made in self.contracts.items()
        }


def touched(file: str) -> set[str]:
    """Contracts of ours that are made of this source."""
    return {name for name, own in CONTRACTS.items() if own.startswith("contracts/") and file in closure(own)}


def batched(mutants: Sequence[Mutant]) -> list[list[Mutant]]:
    """Sources of few contracts first and together, since a batch compiles every contract that a source of it is in."""
    files = sorted(
        {mutant.file for mutant in mutants}, key=lambda file: (len(touched(file)), sorted(touched(file)), file)
    )
    found: list[list[Mutant]] = [[]]
    for file in files:
        own = [mutant for mutant in mutants if mutant.file == file]
        if len(found[-1]) + len(own) > _LARGEST:
            found.append([])
        found[-1] += own
    return [batch for batch in found if batch]


def compiled(compiler: Compiler, mutants: Sequence[Mutant], baseline: Mapping[str, Any]) -> tuple[Batch, list[Mutant]]:
    """A batch of these mutants, and those that are not in it because their sources did not compile with a switch."""
    sources, numbered = fitted(compiler, mutants)
    names = sorted(set().union(*(touched(file) for file in sources)))
    made = compiler.compile({**sources, LIBRARY: LIBRARY_TEXT}, names, quick=True)
    inside = set(numbered.values())
    return Batch(numbered, {**baseline, **made}), [mutant for mutant in mutants if mutant not in inside]


def fitted(
    compiler: Compiler, mutants: Sequence[Mutant], switch: str = BY_ADDRESS
) -> tuple[dict[str, str], dict[int, Mutant]]:
    """Sources with as many of the mutants behind switches as compile, and these by number."""
    sources, numbered = dict[str, str](), dict[int, Mutant]()
    for file in sorted({mutant.file for mutant in mutants}):
        ast = compiler.analyse(file)
        own = [mutant for mutant in mutants if mutant.file == file]
        more = dict(enumerate(_fitting(compiler, ast, own, switch), len(numbered) + 1))
        sources[file], numbered = _source(ast, more, switch)[0], numbered | more
    return sources, numbered


def _source(ast: Mapping[str, Any], mutants: Mapping[int, Mutant], switch: str) -> tuple[str, list[int]]:
    text = (ROOT / ast["absolutePath"]).read_text()
    return with_switches(text, ast, mutants, switch)


def _fitting(compiler: Compiler, ast: Mapping[str, Any], mutants: list[Mutant], switch: str) -> list[Mutant]:
    """Those that can be compiled behind switches, all at once; found by halves."""
    text, misfits = _source(ast, dict(enumerate(mutants)), switch)
    fitting = [mutant for number, mutant in enumerate(mutants) if number not in misfits]
    try:
        if fitting:
            compiler.analyse(ast["absolutePath"], {ast["absolutePath"]: text, LIBRARY: LIBRARY_TEXT})
    except Broken:
        half = len(fitting) // 2
        halves = (fitting[:half], fitting[half:]) if half else ()
        return [mutant for some in halves for mutant in _fitting(compiler, ast, some, switch)]
    return fitting
