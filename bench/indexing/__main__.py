"""`python -m bench indexing [--batches N] [--database KIND] [--ponder] [--full] [--save]`: events a second into SQL.

Small by default: 512 batches, 6,428 events, on SQLite and, where it is installed, PostgreSQL. `--ponder` puts ponder
beside, whose packages npm fetches. `--full` has 8,192 batches and ponder; that, or `--save`, writes
bench/results/indexing.json and indexing.md. Exit status 1 when two indexers end differently.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench.gas.chain import forgetful
from bench.gas.machine import described
from bench.indexing.history import lived
from bench.indexing.measuring import measure
from bench.indexing.report import Report, save, shown
from bench.load.engines import kinds
from gecchain.errors import GecError

SMALL, FULL = 512, 8_192


def main() -> int:
    """Make the history, measure, print the tables, keep them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench indexing", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--batches", type=int, default=0, help="how many (512), rounded up to whole chunks of 256")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both", help="on which engine")
    parser.add_argument("--ponder", action="store_true", help="ponder beside, from npm")
    parser.add_argument("--full", action="store_true", help="8,192 batches, with ponder, and keep the results")
    parser.add_argument("--save", action="store_true", help="write bench/results/indexing.json and indexing.md")
    options = parser.parse_args()
    if options.batches < 0:
        parser.error(f"--batches {options.batches}: at least 1")
    try:
        report = measured(
            options.batches or (FULL if options.full else SMALL),
            kinds(options.database),
            ponder=options.ponder or options.full,
        )
    except (GecError, RuntimeError) as error:
        print(f"indexing: {error}", file=sys.stderr)
        return 1
    print(shown(report))
    if options.full or options.save:
        save(report, Path(__file__).parents[1] / "results")
    return 0


def measured(batches: int, engines: tuple[str, ...], *, ponder: bool) -> Report:
    """One chain, and each engine after the other."""
    with forgetful() as (chain, _node), tempfile.TemporaryDirectory(prefix="gec-indexing-") as name:
        Path(name).chmod(0o755)  # PostgreSQL runs as another user
        history = lived(chain, batches)
        print(f"indexing: {history.events:,} events are on the chain", file=sys.stderr, flush=True)
        parts = [measure(kind, Path(name), chain.rpc, history, ponder=ponder) for kind in engines]
        ran = described(chain.rpc)
    day = datetime.now(UTC).date().isoformat()
    return Report(day, ran, history.batches, history.events, history.head, parts)


if __name__ == "__main__":
    sys.exit(main())
