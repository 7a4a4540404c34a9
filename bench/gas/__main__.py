"""`python -m bench gas [--strict] [--only WORD] [--full] [--save]`: measure and print the tables.

With `--save` or `--full`, which is the same here, bench/results/gas.json and gas.md are written.

Exit status 1 when a call of ours failed or, with --strict, when an entry point of our ABIs has no line in the table.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import Progress

from bench.gas.chain import throw_away
from bench.gas.coverage import not_measured, unknown
from bench.gas.entries import ENTRIES
from bench.gas.entry import Entry
from bench.gas.machine import described
from bench.gas.packages import BENCH, install
from bench.gas.peers import peers
from bench.gas.registry import Registry
from bench.gas.report import LEGEND, Report, on_screen, save
from bench.gas.table import rows
from gecchain.errors import GecError

_LEAST_WIDTH = 150


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench gas", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--strict", action="store_true", help="fail when an entry point is not in the table")
    parser.add_argument("--only", default="", metavar="WORD", help="lines that contain it; writes no results")
    parser.add_argument("--save", action="store_true", help="write bench/results/gas.json and gas.md")
    parser.add_argument("--full", action="store_true", help="the same: every line is always measured")
    options = parser.parse_args()
    gone = set(unknown())
    chosen = [entry for entry in ENTRIES if options.only.lower() in entry.name.lower()]
    if not chosen:
        parser.error(f"no line contains {options.only!r}")
    try:
        report = measured([entry for entry in chosen if gone.isdisjoint(entry.functions)])
    except (GecError, RuntimeError) as error:
        print(f"gas: {error}", file=sys.stderr)
        return 1
    if (options.save or options.full) and not options.only:
        save(report, BENCH / "results")
    return told(report, strict=options.strict)


def measured(chosen: list[Entry]) -> Report:
    """The chosen lines on a new chain."""
    install()
    console = Console(stderr=True)
    with throw_away() as chain, Progress(console=console, transient=True) as progress:
        task = progress.add_task("deploying ours and the peers", total=len(chosen) + 1)
        ours, others = Registry(chain), peers(chain)
        made = rows(chain, ours, others, chosen, lambda name: progress.update(task, advance=1, description=name))
        ran = described(chain.rpc)
    packages = {peer.name: peer.package for peer in others}
    return Report(datetime.now(UTC).date().isoformat(), ran, packages, made, not_measured())


def told(report: Report, *, strict: bool) -> int:
    """Print the report; the exit status."""
    screen = Console()
    screen = screen if screen.is_terminal else Console(width=max(screen.width, _LEAST_WIDTH))
    for table in on_screen(report):
        screen.print(table)
    screen.print(LEGEND)
    failures = [f"{row.name} ({row.certificates:,}): {row.failure}" for row in report.rows if row.failure]
    failures += [f"{name} is in bench/gas/entries.py and in no contract" for name in unknown()]
    for line in failures:
        screen.print(f"failed: {line}", markup=False)
    for name in report.missing:
        screen.print(f"not measured: {name}")
    return 1 if failures or (strict and report.missing) else 0


if __name__ == "__main__":
    sys.exit(main())
