"""ponder (npm, MIT) on the same chain: its project is in bench/indexing/ponder, its packages are pinned there.

It is asked for by --ponder and comes with --full, since it wants 200 packages. Its seconds are those that it tells
itself, from the beginning of its backfill to the end; processor seconds are taken at the same two moments. Its cache of
what the node said is off, and the node is named 25 times, for it asks a provider only 20 times a second at first. On
SQLite's side it has pglite, its own embedded database.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from bench.gas.packages import install, node, versions
from bench.indexing.comparing import Range
from bench.indexing.history import History, contracts_of
from bench.indexing.lines import Line
from bench.national.running import free_port, peak_mb_of, processor_of
from gecchain.chain import artifacts
from gecchain.errors import BrokenProof, Unavailable

__all__ = ["PROJECT", "followed"]

PROJECT: Final = Path(__file__).parent / "ponder"
_BEGUN: Final = "Started backfill indexing"
_PART: Final = "Indexed block range"
_ENDED: Final = "Completed backfill indexing across all chains"
_LONGEST_SECONDS: Final = 3_600.0
_GRACE_SECONDS: Final = 20.0


def followed(folder: Path, rpc: str, history: History, database: str) -> tuple[Line, list[Range]]:
    """Let ponder index the history, into PostgreSQL at `database` or, if empty, pglite in a folder; what it ended with.

    Unavailable when it ends by itself, or does not within an hour; BrokenProof when it missed events.
    """
    install(PROJECT)
    name = f"ponder {versions(PROJECT / 'package-lock.json')['ponder']}"
    port = free_port()
    began = time.perf_counter()
    with _running(port, _environment(folder, rpc, history, database), folder / "ponder.log") as process:
        start, first, events, last = 0.0, 0.0, 0, "nothing"
        for told in _lines(process):
            if told["msg"] == _BEGUN:
                start, first = time.perf_counter() - began, processor_of(process.pid)
            elif told["msg"] == _PART:
                events += told["event_count"]
            elif told["msg"] == _ENDED:
                break
            last = json.dumps(told.get("error", told["msg"]))
        else:
            raise Unavailable(f"{name} did not end its backfill; the last that it said: {last[:2000]}")
        processor, peak = processor_of(process.pid) - first, peak_mb_of(process.pid)
        if events != history.events:
            raise BrokenProof(f"{name} indexed {events} events of {history.events}")
        held = _held(port)
    return Line(name, events, round(told["duration"] / 1000, 2), round(start, 2), round(processor, 2), peak), held


def _environment(folder: Path, rpc: str, history: History, database: str) -> dict[str, str]:
    (at,) = artifacts.__path__
    wanted = {
        "BENCH_ARTIFACTS": at,
        "BENCH_CHAIN": str(history.deployment.chain_id),
        "BENCH_CONTRACTS": json.dumps(contracts_of(history.deployment)),
        "BENCH_DATABASE": database,
        "BENCH_FOLDER": str(folder / "pglite"),
        "BENCH_RPC": rpc,
        "PONDER_TELEMETRY_DISABLED": "true",
    }
    return os.environ | wanted


@contextmanager
def _running(port: int, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[str]]:
    program = PROJECT / "node_modules" / "ponder" / "dist" / "esm" / "bin" / "ponder.js"
    words = [node(), str(program), "start", "--port", str(port), "--schema", "bench", "--log-format", "json"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            words, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
        late = threading.Timer(_LONGEST_SECONDS, process.kill)
        late.start()
        try:
            yield process
        finally:
            late.cancel()
            process.terminate()
            try:
                process.communicate(timeout=_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def _lines(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """What it tells, until it ends."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            yield json.loads(line)


def _held(port: int) -> list[Range]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=600) as client:
        rows = client.get("/held").raise_for_status().json()
    return sorted((int(batch), start, end, owner) for batch, ranges in rows for start, end, owner in ranges)
