"""Fixtures that start real services: a throw-away PostgreSQL cluster and an anvil node.

Both listen on the loopback interface only, on ports the system hands out, and end with the tests.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent
STARTUP_SECONDS = 30
sys.path.insert(0, str(ROOT))  # `bench` belongs to the working tree, not to the installed package


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path:
    """The folder of `initdb` and `pg_ctl`: the newest of Debian's, or that of the search path."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    found = versions[-1] if versions else shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL is missing: run `make setup`")
    return Path(found).parent


def as_ordinary_user(folder: Path) -> list[str]:
    """The words that run a command as an ordinary user who owns `folder`: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of an empty database in a cluster of its own, gone after the session.

    A test that needs an empty database creates one: `CREATE DATABASE` is allowed.
    """
    programs = postgres_programs()
    with tempfile.TemporaryDirectory(prefix="gec-pg-") as name:
        folder, port = Path(name), free_port()
        user = as_ordinary_user(folder)
        cluster, log = str(folder / "data"), str(folder / "log")
        initdb = ["--no-sync", "--auth=trust", "--username=gec", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*user, str(programs / "initdb"), "-D", cluster, *initdb], check=True, capture_output=True, cwd=folder
        )
        options = f"-c listen_addresses=127.0.0.1 -p {port} -c fsync=off -c unix_socket_directories="
        control = [*user, str(programs / "pg_ctl"), "-D", cluster, "-w"]
        subprocess.run([*control, "-l", log, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
        try:
            yield f"postgresql+psycopg://gec@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd=folder)


def anvil_program() -> Path:
    """The node itself, not npm's wrapper script: a signal then reaches the right process."""
    found = sorted((ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    if not found:
        raise RuntimeError("anvil is missing: run `make setup`")
    return found[0]


def wait_for_node(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return once the node answers; RuntimeError if it ended or took too long."""
    question = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    deadline = time.monotonic() + STARTUP_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.post(url, json=question, timeout=2).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"anvil did not start (exit status {process.poll()})")


@pytest.fixture
def anvil_url() -> Iterator[str]:
    """JSON-RPC address of a fresh node: free gas, blocks of three billion gas, one block a transaction."""
    port = free_port()
    words = ["--silent", "--port", str(port), "--base-fee", "0", "--gas-price", "0", "--gas-limit", "3000000000"]
    process = subprocess.Popen([anvil_program(), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for_node(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(STARTUP_SECONDS)
