"""A national month from files to verifiable certificates: seconds and peak memory of each stage, each a process.

Usage: python -m bench national [--projects N…] [--seed S] [--full] [--home FOLDER] [--database URL]. Small by default
(2,080 and 8,320 projects: 0.25 and 1 % of January 2026); --full runs 1, 10 and 100 %. A country is written, filed and
indexed first, which is no part of the month; then ingest, issue, index, fsck and verify are measured. Results go to
bench/results/national.json and .md, with the machine described.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gecchain.chain.node import start_node, stop_node
from gecchain.chain.rpc import Rpc
from gecchain.cli.context import Context
from gecchain.cli.demo.parties import open_everybody
from gecchain.cli.network import ensure_deployed, grant_roles
from gecchain.cli.roles import Roles, save_roles
from gecchain.cli.screen import Screen
from gecchain.config import load_settings
from gecchain.national.country import PROVINCE_SHARES
from gecchain.national.files import provider_of
from gecchain.rules import PROVINCES

RESULTS = Path(__file__).parent / "results"
WHOLE = 832_000
MONTH = "2026-01"
BLOCK_SECONDS = 1.0
SMALL, FULL = (2_080, 8_320), (8_320, 83_200, 832_000)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took: seconds on the clock, of its own processor, of the node's, and its peak in MB."""

    name: str
    seconds: float
    processor: float
    node: float
    peak_mb: int


def main() -> int:
    """Run each size in a home of its own, print a table, keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, nargs="+", default=())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    sizes = options.projects or (FULL if options.full else SMALL)
    runs = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="gec-national-", dir=options.home) as name:
            runs.append(_run(Path(name), size, options.seed, options.database))
            _show(runs[-1])
    _keep(runs)
    return 0


def _run(folder: Path, projects: int, seed: int, database: str) -> dict[str, Any]:
    home, files = folder / "home", folder / "files"
    environment = {"GEC_DATABASE_URL": database} if database else {}
    url = f"http://127.0.0.1:{_free_port()}"
    node = start_node(url, home / "chain", remembers=False)
    sealer = _Sealer(url)
    sealer.start()
    try:
        _prepare(home, url)
        gec = _Gec(home, url, node.pid, environment)
        before = [
            gec.stage("write files", ["bench", "national-month", files, "--projects", projects, "--seed", seed])[0],
            gec.stage("file", ["filing", "import", *sorted(files.glob("filings-*"))])[0],
            gec.stage("index filings", ["index"])[0],
        ]
        expected = json.loads((files / "expected.json").read_text())
        names = [files / name for part in expected["readings"].values() for name in part]
        ingest, taken = gec.stage("ingest", ["ingest", *names])
        issue, issued = gec.stage("issue", ["issue", "--month", MONTH])
        index, _ = gec.stage("index", ["index"])
        fsck, _ = gec.stage("fsck", ["fsck"])
        verify, _ = gec.stage("verify one", ["verify", issued["first_batches"][-1]["first_number"]])
        month = [ingest, issue, index, fsck, verify]
        gas = _gas(url, issued["transactions"])
    finally:
        sealer.stop()
        stop_node(node)
    _require(expected, taken["refused"], issued)
    minted = issued["minted"]
    return {
        "projects": projects,
        "seed": seed,
        "database": "PostgreSQL" if database else "SQLite",
        "certificates": minted,
        "batches": issued["batches"],
        "transactions": len(issued["transactions"]),
        "gas": gas,
        "refused": taken["refused"],
        "before": [asdict(stage) for stage in before],
        "month": [asdict(stage) for stage in month],
    }


def _require(expected: Mapping[str, Any], refused: Mapping[str, int], issued: Mapping[str, Any]) -> None:
    """What was refused and minted is what the files hold; anything else is no measurement."""
    if refused != expected["refused"]:
        sys.exit(f"refused {refused} instead of {expected['refused']}")
    if issued["minted"] != issued["asked"] or issued["refused"]:
        sys.exit(f"minted {issued['minted']} of {issued['asked']}, refused {issued['refused'][:5]}")


class _Sealer(threading.Thread):
    """Makes a block of what has come every second, and none when nothing has, as a network of validators would.

    anvil by itself makes one of each few transactions, and works out the root of all storage for each.
    """

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._rpc = Rpc(url, timeout=600)
        self._ended = threading.Event()
        self._rpc.request("evm_setAutomine", False)

    def run(self) -> None:
        while not self._ended.wait(BLOCK_SECONDS):
            if int(self._rpc.request("txpool_status")["pending"], 16):
                self._rpc.request("evm_mine")

    def stop(self) -> None:
        self._ended.set()
        self.join()
        self._rpc.close()


class _Gec:
    """Runs `gec` as processes on one home and measures them."""

    def __init__(self, home: Path, url: str, node: int, environment: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "gecchain.cli", "--home", str(home), "--rpc", url, "--json"]
        self._node = node
        self._environment = os.environ | dict(environment) | {"GEC_PASSWORD_FILE": str(home / "keys" / "password")}

    def stage(self, name: str, words: Sequence[object]) -> tuple[Stage, Any]:
        """One command: what it took, and its document."""
        began, node = time.perf_counter(), _processor_of(self._node)
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen([*self._command, *map(str, words)], stdout=output, env=self._environment)
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            document = json.load(output)
        if process.returncode:
            sys.exit(f"gec {' '.join(map(str, words))} failed: {document.get('error')}")
        seconds = time.perf_counter() - began
        own = used.ru_utime + used.ru_stime
        stage = Stage(name, round(seconds, 1), round(own, 1), round(_processor_of(self._node) - node, 1), _mb(used))
        print(
            f"  {name}: {stage.seconds} s, own {stage.processor} s, node {stage.node} s, {stage.peak_mb} MB", flush=True
        )
        return stage, document


def _mb(used: resource.struct_rusage) -> int:
    return used.ru_maxrss // 1024


def _processor_of(pid: int) -> float:
    """Seconds of processor of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _prepare(home: Path, url: str) -> None:
    """Keys, roles, contracts and institutions of a registry with a provider for each province."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "keys").mkdir(exist_ok=True)
    (home / "keys" / "password").write_text("development")
    roles = Roles(
        governance="dev:governance",
        authority="dev:authority",
        information_centre="dev:information-centre",
        registrar="dev:registrar",
        ccer_registry="dev:ccer-registry",
        guardian="dev:guardian",
        relay="dev:relay",
        provinces={str(code): f"dev:province-{code}" for code in PROVINCES},
        providers={provider_of(code): f"dev:provider-{code}" for code in PROVINCE_SHARES},
        development=True,
    )
    save_roles(home / "roles.json", roles)
    context = Context(load_settings(home, url), Screen(json=True))
    ensure_deployed(context)
    grant_roles(context)
    open_everybody(context)
    context.close()


def _gas(url: str, transactions: Sequence[str]) -> int:
    with Rpc(url) as rpc:
        return sum(int(rpc.request("eth_getTransactionReceipt", one)["gasUsed"], 16) for one in transactions)


def _free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _show(run: Mapping[str, Any]) -> None:
    print("\n".join(_table([run])), flush=True)


def _table(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for run in runs:
        share = 100 * run["projects"] / WHOLE
        yield (
            f"{run['projects']:,} projects ({share:.2g} % of January 2026), {run['certificates']:,} certificates in "
            f"{run['batches']:,} batches and {run['transactions']:,} transactions, {run['database']}"
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
        whole = sum(stage["seconds"] for stage in run["month"])
        yield f"| the month | {whole:.1f} | | | | {1e6 * whole / run['projects']:,.0f} |"
        yield ""


def _keep(runs: Sequence[Mapping[str, Any]]) -> None:
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "national.json").write_text(json.dumps({"machine": machine, "runs": runs}, indent=1) + "\n")
    where = f"{machine['cores']} cores, {machine['machine']}, CPython {machine['python']}"
    head = ["# A national month", "", f"Written by `python -m bench national`. {where}.", ""]
    (RESULTS / "national.md").write_text("\n".join([*head, *_table(runs)]))


if __name__ == "__main__":
    sys.exit(main())
