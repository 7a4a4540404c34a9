"""A registry of a made-up country that runs for measurement: a chain, a home, and `gec` as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
from gecchain.store.indexing import Projection

__all__ = [
    "PLATFORM",
    "Country",
    "Ran",
    "Stage",
    "country",
    "free_port",
    "peak_mb_of",
    "prepare",
    "processor_of",
    "ran",
]

BLOCK_SECONDS = 1.0
GRACE_SECONDS = 60
_LOOK_SECONDS = 0.01
PLATFORM = "示例交易平台 Example Platform"


@dataclass(frozen=True, slots=True)
class Stage:
    """What one stage took: seconds on the clock, of its own processor, of the node's, and its peak in MB."""

    name: str
    seconds: float
    processor: float
    node: float
    peak_mb: int


@contextmanager
def country(folder: Path, database: str) -> Iterator[Country]:
    """A registry with a provider for each province, on a chain that makes a block of what has come every second."""
    home, url = folder / "home", f"http://127.0.0.1:{free_port()}"
    empty = f"http://127.0.0.1:{free_port()}"
    beneath = start_node(empty, home / "chain" / "beneath")
    node = start_node(url, home / "chain", remembers=False, upon=empty)
    sealer = _Sealer(url)
    sealer.start()
    try:
        prepare(home, url)
        yield Country(home, url, node.pid, {"GEC_DATABASE_URL": database} if database else {})
    finally:
        sealer.stop()
        stop_node(node)
        stop_node(beneath)


class Country:
    """Runs `gec` as processes on one home and measures them."""

    def __init__(self, home: Path, url: str, node: int, environment: Mapping[str, str]) -> None:
        self.home = home
        self.url = url
        self.node = node
        self._command = [sys.executable, "-m", "gecchain.cli", "--home", str(home), "--rpc", url, "--json"]
        self._environment = os.environ | dict(environment) | {"GEC_PASSWORD_FILE": str(home / "keys" / "password")}
        # Every caller is the same address here.
        self._environment |= {"GEC_RATE_PUBLIC": "", "GEC_RATE_KNOWN": "", "GEC_RATE_WRITES": ""}

    def stage(self, name: str, words: Sequence[object]) -> tuple[Stage, Any]:
        """One command: what it took, and its document."""
        node = processor_of(self.node)
        done = ran([*self._command, *map(str, words)], self._environment)
        document = json.loads(done.output)
        if done.status:
            sys.exit(f"gec {' '.join(map(str, words))} failed: {document.get('error')}")
        node = processor_of(self.node) - node
        stage = Stage(name, round(done.seconds, 1), round(done.processor, 1), round(node, 1), done.peak_mb)
        print(
            f"  {name}: {stage.seconds} s, own {stage.processor} s, node {stage.node} s, {stage.peak_mb} MB", flush=True
        )
        return stage, document

    @contextmanager
    def staying(self, words: Sequence[object]) -> Iterator[int]:
        """A command that runs until stopped; its process number. SystemExit if it ended by itself, or not well."""
        with (self.home / f"{words[0]}.log").open("w") as log:
            process = subprocess.Popen(
                [*self._command, *map(str, words)], stdout=log, stderr=log, env=self._environment
            )
            try:
                yield process.pid
                if process.poll() is not None:
                    sys.exit(f"gec {words[0]} ended by itself: {Path(log.name).read_text()[-2000:]}")
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(GRACE_SECONDS)

    def caught_up(self, name: str, pid: int) -> Stage:
        """Wait until an indexer that runs beside has the newest block: the seconds that takes from now, and all of its
        own processor and memory since it began.
        """
        began, node = time.perf_counter(), processor_of(self.node)
        context = self.opened()
        projection = Projection(context.projection)
        while (at := projection.cursor()) is None or at.block < context.reader.head():
            time.sleep(0.1)
        context.close()
        seconds = time.perf_counter() - began
        own, peak = processor_of(pid), peak_mb_of(pid)
        print(f"  {name}: {seconds:.1f} s more, own {own} s, {peak} MB", flush=True)
        return Stage(name, round(seconds, 1), round(own, 1), round(processor_of(self.node) - node, 1), peak)

    def opened(self) -> Context:
        """What a command of this home works with."""
        return Context(load_settings(self.home, self.url), Screen(json=True))


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that ended: its exit status, what it wrote, its seconds on clock and processor, its peak in MB."""

    status: int
    output: str
    seconds: float
    processor: float
    peak_mb: int


def ran(command: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run a command to its end."""
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, env=environment)
        # Not by ru_maxrss: that begins with the memory of the process that started this one.
        peak = 0
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, peak_mb_of(process.pid))
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - began
        process.returncode, used = os.waitstatus_to_exitcode(ended[1]), ended[2]
        output.seek(0)
        said = output.read()
    return Ran(process.returncode, said, seconds, used.ru_utime + used.ru_stime, peak)


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


def processor_of(pid: int) -> float:
    """Seconds of processor of a running process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb_of(pid: int) -> int:
    """The most memory that a running process had so far, in MB; 0 of one that has just ended."""
    lines = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) // 1024 if lines else 0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def prepare(home: Path, url: str) -> None:
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
        platforms={PLATFORM: "dev:platform"},
        development=True,
    )
    save_roles(home / "roles.json", roles)
    context = Context(load_settings(home, url), Screen(json=True))
    ensure_deployed(context)
    grant_roles(context)
    open_everybody(context)
    context.close()
