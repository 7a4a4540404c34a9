"""A run over all mutants or a sample of them, in as many workers as there are cores.

They are compiled by hundreds and sifted; what comes through meets all that is on the tapes, then the Solidity tests.
"""

# ruff: noqa: T201

import argparse
import gc
import multiprocessing
import os
import pickle
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any, Final

from tests.mutation.batching import Batch, batched, compiled
from tests.mutation.compiling import CONTRACTS, ROOT, Compiler
from tests.mutation.judging import BUILT, Bench
from tests.mutation.killing import Tapes, recorded
from tests.mutation.mutants import Mutant, Verdict
from tests.mutation.operators import mutants_of
from tests.mutation.reporting import (
    Explanation,
    Key,
    as_json,
    explanations,
    from_json,
    markdown,
    settled,
    summary,
    unexplained,
)

__all__ = ["main"]

_SOURCES: Final = (
    "contracts/Certificates.sol",
    "contracts/RangeLedger.sol",
    "contracts/libraries/*.sol",
    "contracts/types/*.sol",
)
_EXPLAINED: Final = Path(__file__).with_name("explained.toml")
_PAGE: Final = ROOT / "docs" / "mutants.md"
_TAPING: Final = ("tests/mutation/killing.py", "tests/mutation/taping.py")
Wanted = Callable[[Mutant], bool]
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


@dataclass(frozen=True, slots=True)
class Ground:
    """What every worker starts from: the contracts as they are, and what the tests say to them."""

    baseline: dict[str, dict[str, Any]]
    tapes: Tapes


def ground() -> Ground:
    """Made once for the same contracts and tests, and kept; exits when the tests fail without any fault."""
    kept, key = BUILT / "ground.pickle", _fingerprint("contracts", "gecchain", "tests/differential", *_TAPING)
    if kept.exists() and kept.with_suffix(".key").read_text() == key:
        found: Ground = pickle.loads(kept.read_bytes())
        return found
    compiler = Compiler()
    baseline = compiler.compile({}, list(CONTRACTS), quick=True)
    compiler.close()
    folder = BUILT / "0" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = Ground(baseline, recorded(baseline, folder))
    except RuntimeError as error:
        sys.exit(str(error))
    kept.write_bytes(pickle.dumps(made))
    kept.with_suffix(".key").write_text(key)
    return made


def _begin(start: Ground) -> None:
    global _bench
    # Pool workers are numbered from 1; a folder that stays keeps Hardhat's cache for the next run.
    number = int(multiprocessing.current_process().name.rpartition("-")[2])
    _bench = Bench(number, start.baseline, start.tapes)
    # The tapes are large: what a child does not write to is not copied.
    gc.freeze()


def _compile(mutants: list[Mutant]) -> tuple[Batch, list[Mutant]]:
    """A batch that is sound, and what is left to be tried alone."""
    assert _bench is not None
    batch, left = compiled(_bench.compiler, mutants, _bench.baseline)
    return (batch, left) if _bench.lets_through(batch) else (Batch({}, {}), mutants)


def _sift(task: tuple[Batch, int]) -> Verdict:
    assert _bench is not None
    return _bench.sift(*task)


def _replay(task: tuple[Batch, int]) -> Verdict:
    assert _bench is not None
    return _bench.replay(*task)


def _replay_alone(mutant: Mutant) -> Verdict:
    assert _bench is not None
    return _bench.replay_alone(mutant)


def _show(task: tuple[Mutant, list[Mutant]]) -> Verdict:
    assert _bench is not None
    return _bench.show(*task)


def earlier(mutants: Sequence[Mutant]) -> list[Verdict]:
    """What a run that was cut short found of these mutants; exits if the contracts are others since."""
    if not (BUILT / "verdicts.json").exists():
        return []
    if (BUILT / "sources").read_text() != _fingerprint("contracts"):
        sys.exit("the contracts have changed since: run it without --resume")
    known = {verdict.mutant.id: verdict for verdict in from_json((BUILT / "verdicts.json").read_text())}
    return [known[mutant.id] for mutant in mutants if mutant.id in known]


def _fingerprint(*names: str) -> str:
    """Of sources by their names or folders."""
    paths = [ROOT / name for name in names]
    files = [path for path in paths if path.is_file()]
    files += sorted(file for path in paths for kind in ("*.sol", "*.py") for file in path.rglob(kind))
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def judged(
    mutants: Sequence[Mutant], suspects: Sequence[Mutant], doubted: Sequence[Mutant], jobs: int, shows: Wanted
) -> Iterator[Verdict]:
    """Verdicts as they come, the last one of a mutant counts. `suspects` came through the sieve before, `doubted`
    through the tapes; those of which `shows` is true are shown to the Solidity tests then.
    """
    with multiprocessing.get_context("fork").Pool(jobs, _begin, (ground(),)) as pool:
        left, alone, shown = list(suspects), list[Mutant](), list(doubted)
        for verdict in _in_batches(pool, mutants, _sift, alone):
            left += [verdict.mutant] if verdict.outcome == "suspected" else []
            yield verdict
        for verdict in _in_batches(pool, left, _replay, alone):
            shown += [verdict.mutant] if verdict.outcome == "doubted" else []
            yield verdict
        for verdict in pool.imap_unordered(_replay_alone, alone):
            shown += [verdict.mutant] if verdict.outcome == "doubted" else []
            yield verdict
        shown = [mutant for mutant in shown if shows(mutant)]
        yield from pool.imap_unordered(_show, [(mutant, shown) for mutant in shown])


def _in_batches(
    pool: Pool, mutants: Sequence[Mutant], tried: Callable[[tuple[Batch, int]], Verdict], alone: list[Mutant]
) -> Iterator[Verdict]:
    """One batch is compiled while the one before it is tried; `alone` gets what fits into none."""
    waiting = batched(mutants)
    coming = pool.map_async(_compile, waiting[:1])
    for at in range(len(waiting)):
        [(batch, misfits)] = coming.get()
        trying = pool.imap_unordered(tried, [(batch, number) for number in batch.mutants])
        # It comes after those to be tried, so that a worker without any begins with it.
        coming = pool.map_async(_compile, waiting[at + 1 : at + 2])
        alone += misfits
        yield from trying


def _shown(mutant: Mutant) -> str:
    change = f"{mutant.original!r} -> {mutant.replacement!r}"
    return f"{mutant.id} {mutant.file} {mutant.function} {mutant.operator} {change}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="so many mutants drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--only", default="", help="one mutant's id, or the mutants of one file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers")
    parser.add_argument("--quick", action="store_true", help="without the optimizer and the Solidity tests")
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
    verdicts = {verdict.mutant.id: verdict for verdict in (earlier(mutants) if options.resume else [])}
    BUILT.mkdir(parents=True, exist_ok=True)
    (BUILT / "sources").write_text(_fingerprint("contracts"))
    new = [mutant for mutant in mutants if mutant.id not in verdicts]
    suspects = [verdict.mutant for verdict in verdicts.values() if verdict.outcome == "suspected"]
    doubted = [verdict.mutant for verdict in verdicts.values() if verdict.outcome == "doubted"]
    # What is explained needs no hours to survive.
    shows: Wanted = lambda mutant: not options.quick and mutant.key not in known  # noqa: E731
    for verdict in judged(new, suspects, doubted, options.jobs, shows):
        verdicts[verdict.mutant.id] = verdict
        took = f"{verdict.outcome} {verdict.by}".strip() + f" in {verdict.seconds} s"
        print(f"{len(verdicts)}/{len(mutants)} {took}: {_shown(verdict.mutant)}", flush=True)
        # Written every time: a run of hours that is cut short leaves what it found.
        (BUILT / "verdicts.json").write_text(as_json([*verdicts.values()]))
    return _reported(settled(verdicts.values(), known), known, options, len(mutants))


def _reported(
    verdicts: list[Verdict], known: Mapping[Key, Explanation], options: argparse.Namespace, count: int
) -> int:
    how = f"sample of {count}, seed {options.seed}" if options.sample else f"all {count}"
    page = markdown(verdicts, known, how)
    (BUILT / "mutants.md").write_text(page)
    if not options.sample and not options.only:
        _PAGE.write_text(page)
    print(summary(verdicts))
    left = unexplained(verdicts, known)
    for verdict in left:
        print(f"not explained: {_shown(verdict.mutant)}\n  - {verdict.lines[0]}\n  + {verdict.lines[1]}")
    return 1 if left else 0
