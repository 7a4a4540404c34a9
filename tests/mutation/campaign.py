"""A run over all mutants or a sample of them, in as many workers as there are cores."""

# ruff: noqa: T201

import argparse
import multiprocessing
import os
import random
import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.mutation.compiling import ROOT, Compiler
from tests.mutation.judging import BUILT, Bench
from tests.mutation.killing import differential
from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.operators import mutants_of
from tests.mutation.reporting import as_json, explanations, from_json, markdown, summary, unexplained

__all__ = ["main"]

_SOURCES: Final = (
    "contracts/Certificates.sol",
    "contracts/RangeLedger.sol",
    "contracts/libraries/*.sol",
    "contracts/types/*.sol",
)
_EXPLAINED: Final = Path(__file__).with_name("explained.toml")
_PAGE: Final = ROOT / "docs" / "mutants.md"
_bench: Bench | None = None


def all_mutants() -> list[Mutant]:
    """Every mutant of every source, in the order of files and positions."""
    compiler = Compiler()
    files = sorted(path for pattern in _SOURCES for path in ROOT.glob(pattern))
    found = list[Mutant]()
    for path in files:
        name, text = str(path.relative_to(ROOT)), path.read_text()
        found += mutants_of(name, text, compiler.parse(name, text))
    compiler.close()
    return found


def chosen(mutants: Sequence[Mutant], options: argparse.Namespace) -> list[Mutant]:
    """Those asked for, in an order that mixes the sources so that a run that is cut short is a sample too."""
    wanted = [mutant for mutant in mutants if not options.only or options.only in (mutant.id, mutant.file)]
    random.Random(options.seed).shuffle(wanted)
    return wanted[: options.sample] if options.sample else wanted


def _begin(slow: bool) -> None:
    global _bench
    # Pool workers are numbered from 1; a folder that stays keeps Hardhat's cache for the next run.
    _bench = Bench(int(multiprocessing.current_process().name.rpartition("-")[2]), slow)


def _judge(mutant: Mutant) -> Verdict:
    assert _bench is not None
    return _bench.judge(mutant)


def _refuse_a_broken_start() -> None:
    """Tests that fail without any fault would kill every mutant."""
    bench = Bench(0, False)
    by = differential(bench.baseline, bench.folder)
    bench.compiler.close()
    if by:
        sys.exit(f"{by} fails for the contracts as they are: see {bench.folder / 'output.txt'}")


def earlier(mutants: Sequence[Mutant]) -> list[Verdict]:
    """What a run that was cut short found of these mutants; exits if the contracts are others since."""
    if not (BUILT / "verdicts.json").exists():
        return []
    if (BUILT / "sources").read_text() != _sources():
        sys.exit("the contracts have changed since: run it without --resume")
    known = {verdict.mutant.id: verdict for verdict in from_json((BUILT / "verdicts.json").read_text())}
    return [known[mutant.id] for mutant in mutants if mutant.id in known]


def _sources() -> str:
    files = sorted((ROOT / "contracts").rglob("*.sol"))
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def judged(mutants: Sequence[Mutant], jobs: int, slow: bool) -> Iterator[Verdict]:
    """Verdicts as they come; each is printed."""
    with multiprocessing.get_context("fork").Pool(jobs, _begin, (slow,)) as pool:
        for count, verdict in enumerate(pool.imap_unordered(_judge, mutants), 1):
            took = f"{verdict.outcome} {verdict.by}".strip() + f" in {verdict.seconds} s"
            print(f"{count}/{len(mutants)} {took}: {_shown(verdict.mutant)}", flush=True)
            yield verdict


def _shown(mutant: Mutant) -> str:
    change = f"{mutant.original!r} -> {mutant.replacement!r}"
    return f"{mutant.id} {mutant.file} {mutant.function} {mutant.operator} {change}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="so many mutants drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", default="", help="one mutant's id, or the mutants of one file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers")
    parser.add_argument("--quick", action="store_true", help="without the Solidity tests (minutes a survivor)")
    parser.add_argument(
        "--resume", action="store_true", help="go on with a run that was cut short; same contracts only"
    )
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    return parser.parse_args()


def main() -> int:
    """Exit status 0 if every survivor is explained. Writes the page only after a run over all mutants."""
    options = _options()
    mutants = chosen(all_mutants(), options)
    if options.list:
        print("\n".join(map(_shown, mutants)))
        return 0
    known = explanations(_EXPLAINED.read_text())
    _refuse_a_broken_start()
    verdicts = earlier(mutants) if options.resume else []
    (BUILT / "sources").write_text(_sources())
    done = {verdict.mutant.id for verdict in verdicts}
    for verdict in judged([mutant for mutant in mutants if mutant.id not in done], options.jobs, not options.quick):
        verdicts.append(verdict)
        # Written every time: a run of hours that is cut short leaves what it found.
        (BUILT / "verdicts.json").write_text(as_json(verdicts))
    how = f"sample of {len(mutants)}, seed {options.seed}" if options.sample else f"all {len(mutants)}"
    page = markdown(verdicts, known, how)
    (BUILT / "mutants.md").write_text(page)
    if not options.sample and not options.only:
        _PAGE.write_text(page)
    print(summary(verdicts))
    left = unexplained(verdicts, known)
    for verdict in left:
        print(f"not explained: {_shown(verdict.mutant)}\n  - {verdict.lines[0]}\n  + {verdict.lines[1]}")
    return 1 if left else 0
