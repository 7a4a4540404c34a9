"""`python -m bench load [--full]`: the API's latency and throughput beside an empty FastAPI route, at any size.

By default a registry of a hundred thousand ranges, on SQLite and, where it is installed, PostgreSQL. `--full` has 10^9
certificates in 10^7 ranges, on PostgreSQL, and takes some 20 GB of disk; that, or `--save`, writes
bench/results/load.json and load.md. `--keep FOLDER` keeps the filled databases there and uses them again. Exit status 1
if any answer failed.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.load.engines import database, kinds
from bench.load.filling import Filled, fill
from bench.load.measuring import Measured, measure
from bench.load.report import Report, described, save, shown
from bench.load.story import MONTHS, RANGES_OF_BATCH, World
from gecchain.store import open_engine

SMALL, FULL = 100_000, 10_000_000
OF_PLANT = len(MONTHS) * RANGES_OF_BATCH


def main() -> int:
    """Fill, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m bench load", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--full", action="store_true", help="10^9 certificates in 10^7 ranges, on PostgreSQL")
    parser.add_argument("--ranges", type=int, default=0, help="how many ranges instead")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="", help="on which engine")
    parser.add_argument("--seconds", type=float, default=0, help="how long each line is measured")
    parser.add_argument("--keep", type=Path, help="folder that keeps the databases for the next run")
    parser.add_argument("--save", action="store_true", help="write bench/results/load.json and load.md")
    options = parser.parse_args()
    ranges = options.ranges or (FULL if options.full else SMALL)
    chosen = options.database or ("postgresql" if options.full else "both")
    seconds = options.seconds or (10 if options.full else 1)
    with tempfile.TemporaryDirectory(prefix="gec-load-") as throw_away:
        parts = []
        for kind in kinds(chosen):
            folder = (options.keep or Path(throw_away)) / f"{kind}-{-(-ranges // OF_PLANT)}"
            Path(throw_away).chmod(0o755)
            parts.append(one(kind, folder, -(-ranges // OF_PLANT), seconds))
    report = Report(datetime.now(UTC).date().isoformat(), described(), parts)
    print(shown(report))
    if options.full or options.save:
        save(report, Path(__file__).parents[1] / "results")
    return 1 if any(line.failures for _kind, _filled, lines in parts for line in lines) else 0


def one(kind: str, folder: Path, plants: int, seconds: float) -> tuple[str, Filled, list[Measured]]:
    """One database, filled if it is not there yet, and measured."""
    world = World(plants)
    with database(kind, folder) as url:
        known = folder / "filled.json"
        if not known.exists():
            engine = open_engine(url)
            filled = fill(engine, world, lambda words: print(f"{kind}: {words}", file=sys.stderr, flush=True))
            engine.dispose()
            known.write_bytes(orjson.dumps(dataclasses.asdict(filled)))
        lines = []
        for line in measure(url, folder, world, seconds):
            print(f"{kind}: {line}", file=sys.stderr, flush=True)
            lines.append(line)
        return kind, Filled(**orjson.loads(known.read_bytes())), lines


if __name__ == "__main__":
    sys.exit(main())
