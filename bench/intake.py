"""Rows a second and peak memory of taking in a settlement table, file to working store.

Usage: python bench/intake.py [ROWS]. Each size runs in a process of its own; one JSON line a run.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.derived import SettlementRow, write_settlement_table
from gecchain.oracle.intake import take_in
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology
from gecchain.store.engine import open_engine
from gecchain.store.intake import IntakeSink, migrate

MONTH = Month.of(2026, 9)


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


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(int(sys.argv[1]))
    else:
        for size in (50_000, 200_000, 800_000):
            subprocess.run([sys.executable, __file__, str(size)], check=True)
