"""The API as it is served, and an empty FastAPI route beside it: the same server, the same options."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.load.engines import free_port
from gecchain.chain.deployment import Deployment, save_deployment

__all__ = ["DEPLOYMENT", "api", "empty"]

DEPLOYMENT = Deployment(20_300, 0, *("0x" + f"a{number}" * 20 for number in range(1, 10)))
ROOT = Path(__file__).parents[2]
EMPTY = "bench.load.emptiness:application"
API = "api.main:application"


@contextmanager
def api(url: str, folder: Path, processes: int = 1) -> Iterator[int]:
    """The API on a database; its port. No node is configured, and nobody is counted against a limit."""
    file = folder / "deployment.json"
    save_deployment(file, DEPLOYMENT)
    settings = {"GEC_DATABASE_URL": url, "GEC_DEPLOYMENT": str(file), "GEC_DESK_URL": "", "GEC_RPC_URL": ""}
    unlimited = {"GEC_RATE_PUBLIC": "", "GEC_RATE_KNOWN": "", "GEC_RATE_WRITES": ""}
    with _served(API, "/v1/health", processes, settings | unlimited) as port:
        yield port


@contextmanager
def empty(processes: int = 1) -> Iterator[int]:
    """The empty route; its port."""
    with _served(EMPTY, "/", processes, {}) as port:
        yield port


@contextmanager
def _served(name: str, path: str, processes: int, settings: dict[str, str]) -> Iterator[int]:
    port = free_port()
    options = ["--port", str(port), "--workers", str(processes), "--log-level", "warning", "--no-access-log"]
    command = [sys.executable, "-m", "uvicorn", "--factory", name, *options]
    process = subprocess.Popen(command, env={**os.environ, **settings, "PYTHONPATH": str(ROOT)}, cwd=ROOT)
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=30, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{url} does not answer")
