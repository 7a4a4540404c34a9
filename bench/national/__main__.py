"""A national month from files to verifiable certificates, then a trading day and a year-end on top of it.

Usage: python -m bench national [--projects N…] [--seed S] [--full] [--home FOLDER] [--database URL] [--no-trading]
                                [--save]

Small by default (832 projects: 0.1 % of January 2026); --full runs 1, 10 and 100 %. A country is
written, filed and indexed first, which is no part of the month; then ingest, issue with an indexer that follows beside
it, fsck and verify are measured, each a process of its own. 500,000 trades and 1,000,000 retirements for the whole
country, their share for a part of it, go as signed requests through the API. With --full or --save results go to
bench/results/national.json and .md, with the machine, size by size; a size that is not run, and trading that is left
out, stay there as they were, each with the revision that it was measured at.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.national.running import Country, country
from bench.national.trading import Figures, trade_and_retire
from gecchain.chain.rpc import Rpc

RESULTS = Path(__file__).parents[1] / "results"
WHOLE = 832_000
TRADES = 500_000
MONTH = "2026-01"
SMALL, FULL = (832,), (8_320, 83_200, 832_000)


def main() -> int:
    """Run each size in a home of its own, print its tables, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, nargs="+", default=())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--database", default="")
    parser.add_argument("--no-trading", action="store_true")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    sizes = options.projects or (FULL if options.full else SMALL)
    keep = options.full or options.save
    runs: list[dict[str, Any]] = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="gec-national-", dir=options.home) as name:
            folder = Path(name)
            with country(folder, options.database) as running:
                runs.append(_month(running, folder / "files", size, options.seed, options.database))
                print("\n".join(_month_table(runs[-1])), flush=True)
                # Kept as they come: a run of hours that is cut short leaves what it found.
                if keep:
                    _keep(runs)
                if not options.no_trading:
                    done = trade_and_retire(running, size, options.seed, max(TRADES * size // WHOLE, 100))
                    runs[-1] |= {"requests": [asdict(figures) for figures in done], "requests_at": _revision()}
                    print("\n".join(_request_table(done, _revision())), flush=True)
                    if keep:
                        _keep(runs)
    return 0


def _month(running: Country, files: Path, projects: int, seed: int, database: str) -> dict[str, Any]:
    before = [
        running.stage("write files", ["bench", "national-month", files, "--projects", projects, "--seed", seed])[0],
        running.stage("file", ["filing", "import", *sorted(files.glob("filings-*"))])[0],
        running.stage("index filings", ["index"])[0],
    ]
    expected = json.loads((files / "expected.json").read_text())
    names = [files / name for part in expected["readings"].values() for name in part]
    ingest, taken = running.stage("ingest", ["ingest", *names])
    with running.staying(["index", "--follow", "--poll", "0.2"]) as indexer:
        issue, issued = running.stage("issue", ["issue", "--month", MONTH])
        index = running.caught_up("index, beside", indexer)
    fsck, _ = running.stage("fsck", ["fsck"])
    verify, _ = running.stage("verify one", ["verify", issued["first_batches"][-1]["first_number"]])
    _require(expected, taken["refused"], issued)
    return {
        "at": _revision(),
        "projects": projects,
        "seed": seed,
        "database": "PostgreSQL" if database else "SQLite",
        "certificates": issued["minted"],
        "batches": issued["batches"],
        "transactions": len(issued["transactions"]),
        "gas": _gas(running.url, issued["transactions"]),
        "refused": taken["refused"],
        "before": [asdict(stage) for stage in before],
        "month": [asdict(stage) for stage in (ingest, issue, index, fsck, verify)],
    }


def _require(expected: Mapping[str, Any], refused: Mapping[str, int], issued: Mapping[str, Any]) -> None:
    """What was refused and minted is what the files hold; anything else is no measurement."""
    if refused != expected["refused"]:
        sys.exit(f"refused {refused} instead of {expected['refused']}")
    if issued["minted"] != issued["asked"] or issued["refused"]:
        sys.exit(f"minted {issued['minted']} of {issued['asked']}, refused {issued['refused'][:5]}")


def _gas(url: str, transactions: Sequence[str]) -> int:
    with Rpc(url) as rpc:
        return sum(int(rpc.request("eth_getTransactionReceipt", one)["gasUsed"], 16) for one in transactions)


def _month_table(run: Mapping[str, Any]) -> Iterator[str]:
    share = 100 * run["projects"] / WHOLE
    yield (
        f"{run['projects']:,} projects ({share:g} % of January 2026), {run['certificates']:,} certificates in "
        f"{run['batches']:,} batches and {run['transactions']:,} transactions, {run['database']}, at {run['at']}"
    )
    yield ""
    yield "| stage | seconds | own processor | node's processor | peak MB | microseconds a project |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for stage in (*run["before"], *run["month"]):
        each = 1e6 * stage["seconds"] / run["projects"]
        yield (
            f"| {stage['name']} | {stage['seconds']} | {stage['processor']} | {stage['node']} | {stage['peak_mb']} "
            f"| {each:,.0f} |"
        )
    whole = sum(stage["seconds"] for stage in run["month"] if stage["name"] != "fsck")
    yield f"| the month, from files to verifiable | {whole:.1f} | | | | {1e6 * whole / run['projects']:,.0f} |"
    yield ""


def _request_table(done: Sequence[Figures], at: str) -> Iterator[str]:
    yield f"Signed requests from the platform's hand to the index, all processes on this machine, at {at}:"
    yield ""
    yield "| what | requests | seconds | a second | processor seconds of each process | reads, p50 and p99 ms |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for one in done:
        used = ", ".join(f"{name} {seconds:.0f}" for name, seconds in one.processor.items())
        yield (
            f"| {one.name} | {one.requests:,} | {one.seconds} | {one.requests / one.seconds:,.0f} | {used} "
            f"| {one.read_p50_ms} and {one.read_p99_ms}, of {one.reads:,} |"
        )
    yield ""


def _revision() -> str:
    """The commit that is measured, or is before what is measured; empty where git does not know."""
    words = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, check=False, capture_output=True, text=True, cwd=Path(__file__).parent).stdout.strip()


def _with_earlier(new: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """With what was kept of other sizes, and of their trading where that was left out now."""
    file = RESULTS / "national.json"
    kept = {run["projects"]: run for run in json.loads(file.read_text())["runs"]} if file.exists() else {}
    for run in new:
        before = kept.get(run["projects"], {})
        traded = {name: before[name] for name in ("requests", "requests_at") if name in before}
        kept[run["projects"]] = traded | run
    return [kept[size] for size in sorted(kept)]


def _keep(new: Sequence[Mapping[str, Any]]) -> None:
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    RESULTS.mkdir(exist_ok=True)
    runs = _with_earlier(new)
    (RESULTS / "national.json").write_text(json.dumps({"machine": machine, "runs": runs}, indent=1) + "\n")
    where = f"{machine['cores']} cores, {machine['machine']}, CPython {machine['python']}"
    about = "docs/benchmarks.md says what is measured, and what the node is spared."
    lines = ["# A national month", "", f"Written by `python -m bench national`. {where}. {about}", ""]
    for run in runs:
        lines += _month_table(run)
        if "requests" in run:
            lines += _request_table([Figures(**one) for one in run["requests"]], run["requests_at"])
    (RESULTS / "national.md").write_text("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
