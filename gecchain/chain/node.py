"""The embedded chain: anvil, started and stopped by `gec`, with its state kept on disk.

For one machine and for trying out. Production points at a network of validators instead (design: engines).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gecchain.chain.rpc import Rpc, RpcError
from gecchain.errors import NotFound, Unavailable

__all__ = ["embedded_node", "find_anvil", "is_up", "nudge", "start_node", "stop_node"]

_START_SECONDS: Final = 60.0
_STATE_INTERVAL_SECONDS: Final = 5
# What it executes within a second; who reads a block has all of it in memory.
_GAS_LIMIT: Final = 600_000_000
_CHAIN_ID: Final = 20_300
_LOG_BYTES: Final = 4_000


def find_anvil() -> Path:
    """Path of the anvil program: `GEC_ANVIL`, the project's node_modules, or the PATH. NotFound without one.

    In node_modules it is the program itself and not npm's wrapper, so that signals reach the right process.
    """
    named = os.environ.get("GEC_ANVIL", "")
    packages = Path(__file__).resolve().parents[2] / "node_modules" / "@foundry-rs"
    here = [str(path) for path in sorted(packages.glob("anvil-*/bin/anvil"))]
    for candidate in (named, *here, shutil.which("anvil") or ""):
        if candidate and Path(candidate).exists():
            return Path(candidate)
    raise NotFound("anvil, the embedded chain, is not installed", remedy="Run make setup, or set GEC_ANVIL.")


def is_up(url: str) -> bool:
    """Whether a node answers at this address, if only with a refusal."""
    try:
        with Rpc(url, timeout=2.0) as rpc:
            rpc.request("eth_chainId")
    except Unavailable:
        return False
    except RpcError:
        return True
    return True


def start_node(
    url: str, folder: Path, *, begins: int | None = None, remembers: bool = True, upon: str = ""
) -> subprocess.Popen[bytes]:
    """Start anvil at `url` with its state in `folder` and wait until it answers; who is interrupted leaves none behind.

    `begins` sets the clock of a chain that begins with it, unix seconds; without it the clock is this machine's.
    Without `remembers` it forgets old states, and writes its own down when it ends and not before: for large states,
    which take long to write.

    With `upon` it goes on from another node's newest block and keeps no state of its own in `folder`. Blocks then have
    no root of all storage, which anvil works out anew for each: a country's would take it ten seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = urlsplit(url)
    command = [
        *(str(find_anvil()), "--host", parts.hostname or "127.0.0.1", "--port", str(parts.port or 8545)),
        *("--chain-id", str(_CHAIN_ID), "--base-fee", "0", "--gas-price", "0", "--gas-limit", str(_GAS_LIMIT)),
        *("--accounts", "1", "--order", "fifo", "--quiet"),
    ]
    own = ["--state", str(folder / "state.json")]
    command += ["--fork-url", upon, "--no-rate-limit", "--no-storage-caching"] if upon else own
    command += ["--state-interval", str(_STATE_INTERVAL_SECONDS)] if remembers else ["--prune-history"]
    if begins is not None:
        command += ["--timestamp", str(begins)]
    log = folder / "anvil.log"
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
    (folder / "pid").write_text(str(process.pid))
    try:
        _wait(process, url, log)
        with Rpc(url) as rpc:  # one that kept its state goes on with the limit of that
            rpc.request("evm_setBlockGasLimit", hex(_GAS_LIMIT))
    except BaseException:
        stop_node(process)
        raise
    return process


def stop_node(process: subprocess.Popen[bytes]) -> None:
    """Ask anvil to write its state and end."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def nudge(rpc: Rpc, times: int) -> None:
    """Ask an embedded chain for the block that it owes: it knows transactions, and none is mined. Others refuse.

    Now and then anvil leaves transactions lie that came while it made a block (foundry issue 10122). Asked, it mines
    those that it holds ready; every second of the `times` it forgets them all, so that they can be sent anew, since it
    may hold them for waiting on one that was mined already.
    """
    with contextlib.suppress(RpcError):
        rpc.request("evm_mine" if times % 2 else "anvil_dropAllTransactions")


@contextlib.contextmanager
def embedded_node(url: str, folder: Path, *, begins: int | None = None) -> Iterator[str]:
    """A running node at `url`: the one that answers already, or anvil for as long as the context lasts."""
    if is_up(url):
        yield url
        return
    process = start_node(url, folder, begins=begins)
    try:
        yield url
    finally:
        stop_node(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_up(url):
        if process.poll() is not None:
            said = log.read_bytes()[-_LOG_BYTES:].decode(errors="replace").strip()
            raise Unavailable(
                f"the embedded chain did not start: {said or 'it said nothing'}",
                remedy=f"Is the address {url} taken? Set another with --rpc or GEC_RPC_URL. Its log is {log}.",
            )
        if time.monotonic() > deadline:
            process.kill()
            raise Unavailable(f"the embedded chain did not answer at {url} within {_START_SECONDS:.0f} s")
        time.sleep(0.05)
