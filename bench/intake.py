"""Rows a second and peak memory of taking in a settlement table, file to working store.

Usage: python -m bench intake [--rows N …] [--full] [--save]. Each size runs in a process of its own: 20,000 and 80,000
rows by default, 50,000, 200,000 and 800,000 with --full. That, or --save, writes bench/results/intake.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from bench.gas.machine import memory, processor
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.derived import SettlementRow, write_settlement_table
from gecchain.oracle.intake import take_in
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology
from gecchain.store.engine import open_engine
from gecchain.store.intake import IntakeSink, migrate

MONTH = Month.of(2026, 9)
ROOT = Path(__file__).parents[1]
SMALL, FULL = (20_000, 80_000), (50_000, 200_000, 800_000)


class Register(Mapping[str, ProjectFacts]):
    """Facts made from the code itself, so that the register takes no memory of its own."""

    def __getitem__(self, code: str) -> ProjectFacts:
        key = ProjectKey.parse(code)
        return ProjectFacts(key.code, key.id, key.technology, True, Month.of(2016, 1), 50_000, key.province)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _rows(count: int) -> Iterator[SettlementRow]:
    for i in range(count):
        key = ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, i)
        yield SettlementRow(key.code, Electricity.ON_GRID, 5_000_000_123 + i, "P", f"S{i}")


def run(count: int) -> None:
    """Take in `count` rows and print what it took."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "table.csv"
        write_settlement_table(path, MONTH, _rows(count))
        engine = open_engine(f"sqlite:///{name}/intake.db")
        migrate(engine)
        started = time.perf_counter()
        outcome = take_in(path, IntakeSink(engine), Register(), datetime(2026, 11, 1, tzinfo=UTC))
        seconds = time.perf_counter() - started
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told = {"rows": count, "accepted": outcome.accepted, "file_bytes": size, "seconds": round(seconds, 2)}
    print(json.dumps(told | {"rows_a_second": int(count / seconds), "peak_bytes": peak}), flush=True)


def main() -> int:
    """Each size in turn; a table."""
    parser = argparse.ArgumentParser(prog="python -m bench intake", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--rows", type=int, nargs="+", default=(), help="sizes instead")
    parser.add_argument("--full", action="store_true", help="50,000 to 800,000 rows, and keep the results")
    parser.add_argument("--save", action="store_true", help="write bench/results/intake.json")
    options = parser.parse_args()
    runs = []
    print("| rows | seconds | rows a second | peak MB |\n| ---: | ---: | ---: | ---: |", flush=True)
    for size in options.rows or (FULL if options.full else SMALL):
        words = [sys.executable, "-c", f"from bench.intake import run; run({size})"]
        done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT)
        one = json.loads(done.stdout)
        runs.append(one)
        peak = one["peak_bytes"] >> 20
        print(f"| {one['rows']:,} | {one['seconds']} | {one['rows_a_second']:,} | {peak} |", flush=True)
    if options.full or options.save:
        day = datetime.now(UTC).date().isoformat()
        machine = {"processor": processor(), "cores": os.cpu_count(), "memory_gib": memory()}
        told = {"day": day, "machine": machine, "runs": runs}
        (ROOT / "bench" / "results" / "intake.json").write_text(json.dumps(told, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
