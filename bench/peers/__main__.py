"""`python -m bench peers [--seconds S] [--full] [--save]`: issuing a month, ours beside the peers, on one chain.

Small by default: five seconds on the clock for each line. `--full` gives each a minute; that, or `--save`, writes
bench/results/peers.json and peers.md. Exit status 1 when a contract does not hold what was asked for.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench.gas.chain import forgetful
from bench.gas.machine import described
from bench.gas.packages import install
from bench.peers.report import Report, save, shown
from bench.peers.running import BLOCK_GAS, Measured, measure
from bench.peers.subjects import subjects
from gecchain.errors import GecError

SMALL, FULL = 5.0, 60.0
PROJECTS_A_SECOND = 205
"""Projects filed for each second, so that their months last: 13 years of them are there to issue."""
BARE_SHARE = 0.2


def main() -> int:
    """Measure, print the tables, keep them if asked to."""
    parser = argparse.ArgumentParser(prog="python -m bench peers", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=0.0, help="on the clock, for each line (5)")
    parser.add_argument("--full", action="store_true", help="a minute for each line, and keep the results")
    parser.add_argument("--save", action="store_true", help="write bench/results/peers.json and peers.md")
    options = parser.parse_args()
    try:
        install()
        report = measured(options.seconds or (FULL if options.full else SMALL))
    except (GecError, RuntimeError) as error:
        print(f"peers: {error}", file=sys.stderr)
        return 1
    print(shown(report))
    if options.full or options.save:
        save(report, Path(__file__).parents[1] / "results")
    return 0


def measured(seconds: float, block_gas: int = BLOCK_GAS) -> Report:
    """Each line on the same state of one new chain, with the loop over new slots just before it."""
    with forgetful() as (chain, node):
        bare, compared = subjects(chain, max(1, round(seconds * PROJECTS_A_SECOND / 256)) * 256)
        said = [_said(measure(chain, node, loop, seconds * BARE_SHARE, block_gas=block_gas)) for loop in bare]
        lines = []
        for subject in compared:
            beside = measure(chain, node, bare[-1], seconds * BARE_SHARE, block_gas=block_gas)
            lines.append(_said(measure(chain, node, subject, seconds, beside.speed, block_gas)))
        ran = described(chain.rpc)
    return Report(datetime.now(UTC).date().isoformat(), ran, seconds, said, lines)


def _said(line: Measured) -> Measured:
    said = f"peers: {line.name}: {line.units:,} {line.unit} in {line.seconds:.1f} s"
    print(said, file=sys.stderr, flush=True)
    return line


if __name__ == "__main__":
    sys.exit(main())
