"""`gec index` follows the chain into SQL; `gec serve` answers the public, with workers beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from gecchain.chain.node import embedded_node
from gecchain.chain.rpc import Rpc
from gecchain.cli.context import Context
from gecchain.cli.stopping import ending_well, staying
from gecchain.errors import BadInput, GecError, Unavailable
from gecchain.indexer import Progress, catch_up, follow
from gecchain.metrics import IndexFigures, parse_address
from gecchain.store.dumping import dump
from gecchain.store.indexing import Projection

__all__ = ["Beside", "index", "index_now", "serve", "serve_until_stopped"]

_HEAD_SECONDS: Final = 2.0
_GRACE_SECONDS: Final = 5
_CHILD_SECONDS: Final = 15


def index(
    call: typer.Context,
    follow_on: Annotated[bool, typer.Option("--follow", help="Stay and follow new blocks until stopped.")] = False,
    afresh: Annotated[bool, typer.Option("--rebuild", help="Throw the projection away and build it again.")] = False,
    poll: Annotated[float, typer.Option(help="Seconds between looks for new blocks.")] = 1.0,
    to: Annotated[
        Path | None, typer.Option("--dump", help="Then write all that is indexed to this file, in one canonical form.")
    ] = None,
) -> None:
    """Follow the chain into SQL from where the last run stopped. Every block is one transaction with its cursor.

    With --dump, whoever has followed the same chain to the same block has the same file, byte for byte, whatever the
    database: compare the hashes of two indexers, or of one before and after --rebuild.
    """
    context: Context = call.obj
    if to is not None and follow_on:
        raise BadInput("it cannot follow for ever and then write a file", field="--dump", remedy="Leave out --follow.")
    if afresh:
        Projection(context.projection).clear()
    if not follow_on:
        head = index_now(context)
        context.screen.say(f"Indexed to block {head:,}")
        context.screen.document({"block": head} | (_dumped(context, to) if to else {}))
        return
    with staying(context, "index") as stop, Rpc(context.settings.rpc_url, timeout=_HEAD_SECONDS) as rpc:
        context.meter.add(IndexFigures(context.projection, lambda: _head_of(rpc)))
        trouble = _Trouble(context)
        head = index_now(context)
        context.screen.say(f"Indexed to block {head:,}")
        projection = Projection(context.projection)
        follow(context.reader, projection, stop=stop, poll=poll, trouble=trouble, progress=trouble.over)


def _dumped(context: Context, path: Path) -> dict[str, str | int]:
    done = dump(context.projection, path)
    context.screen.say(f"{done.rows:,} rows as of block {done.block:,} are in {path}, SHA-256 {done.sha256}")
    return {"dump": str(path), "rows": done.rows, "sha256": done.sha256}


def _head_of(rpc: Rpc) -> int | None:
    try:
        return int(rpc.request("eth_blockNumber"), 16)
    except GecError:
        return None


def index_now(context: Context) -> int:
    """Catch up with the chain's head and return its block."""
    with context.screen.progress("indexing", None) as advance:
        last = 0

        def so_far(progress: Progress) -> None:
            nonlocal last
            advance(progress.block - last if last else 0)
            last = progress.block

        return catch_up(context.reader, Projection(context.projection), progress=so_far)


class _Trouble:
    """Says once that the node or database is away, and once that it is back."""

    def __init__(self, context: Context) -> None:
        self._screen = context.screen
        self._away = False

    def __call__(self, error: Unavailable) -> None:
        if not self._away:
            self._screen.trouble("waiting", f"waiting: {error}")
        self._away = True

    def over(self, progress: Progress) -> None:
        """Called when blocks were written again."""
        if self._away:
            self._screen.trouble("going_on", f"going on at block {progress.block:,}", block=progress.block)
        self._away = False


def serve(
    call: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    with_chain: Annotated[
        bool, typer.Option("--with-chain", help="Start the embedded chain if no node answers.")
    ] = False,
    alone: Annotated[
        bool, typer.Option("--alone", help="The API alone: indexer, relay, webhooks and sealer run elsewhere.")
    ] = False,
    index: Annotated[bool, typer.Option(help="Follow the chain beside; else gec index --follow does.")] = True,
    relay: Annotated[
        bool, typer.Option(help="Send requests beside, if the relay's key is here; else gec relay --follow does.")
    ] = True,
    webhooks: Annotated[bool, typer.Option(help="Send webhooks beside; else gec webhooks --follow does.")] = True,
    seal: Annotated[bool, typer.Option(help="Seal documents, if this home has a seal.")] = True,
) -> None:
    """Serve API and pages, follow the chain, send what is handed in and what was subscribed to, until stopped.

    Each of the workers is a process of its own and may as well run elsewhere: `--no-…` leaves it out.
    """
    context: Context = call.obj
    if alone and with_chain:
        raise BadInput("the API alone starts no chain", field="with-chain", remedy="Leave one of the two options out.")
    workers = Beside(*(False,) * 4) if alone else Beside(index=index, relay=relay, webhooks=webhooks, seal=seal)
    chain = embedded_node(context.settings.rpc_url, context.settings.home / "chain") if with_chain else None
    with chain or nullcontext():
        serve_until_stopped(context, host, port, workers)


@dataclass(frozen=True, slots=True)
class Beside:
    """Which workers run beside the web server."""

    index: bool = True
    relay: bool = True
    webhooks: bool = True
    seal: bool = True


_ALL: Final = Beside()
_EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - read, not listened on


def serve_until_stopped(context: Context, host: str, port: int, workers: Beside = _ALL) -> None:
    """Run the web server here and workers in other processes: the relay if its key is here, the sealer if a seal is."""
    settings = context.settings
    _ = context.webhooks  # the API takes subscriptions in wherever they are sent from, and changes no tables itself
    seals = workers.seal and settings.seal_file.exists()
    os.environ.update(
        {
            "GEC_DATABASE_URL": settings.projection_url,
            "GEC_DEPLOYMENT": str(settings.deployment_file),
            "GEC_EVIDENCE_URL": settings.evidence_location,
            "GEC_DESK_URL": settings.desk_location,
            "GEC_RPC_URL": settings.rpc_url,
            "GEC_DEMO": "1" if context.roles.development or settings.demo else "",
            "GEC_BASE_URL": _public_address(context, host, port),
            "GEC_FONTS": str(settings.fonts),
            "GEC_WEBHOOK_PRIVATE": "1" if settings.webhook_private else "0",
            "GEC_SEALER": str(settings.sealer_socket) if seals or settings.sealer else "",
        }
    )
    beside = _commands_beside(context, workers, seals=seals)
    others = ", ".join(" ".join(words) for words in beside)
    context.screen.say(f"Serving http://{host}:{port}/{f' with {others}' if others else ''}; Ctrl-C ends it")
    with ending_well("serve"), _beside(context, beside):
        uvicorn.run(
            "api.main:application",
            factory=True,
            host=host,
            port=port,
            log_config=None,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )


def _public_address(context: Context, host: str, port: int) -> str:
    """What links and QR codes begin with: as configured, else where this server listens."""
    settings = context.settings
    if "base_url" in settings.model_fields_set:
        return settings.base_url
    shown = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _commands_beside(context: Context, workers: Beside, *, seals: bool) -> list[tuple[str, ...]]:
    wanted = {
        ("index", "--follow"): workers.index,
        ("relay", "--follow"): workers.relay and context.can_sign(context.roles.relay),
        ("webhooks", "--follow"): workers.webhooks,
        ("documents", "serve"): seals,
    }
    return [words for words, runs in wanted.items() if runs]


@contextmanager
def _beside(context: Context, commands: Sequence[tuple[str, ...]]) -> Iterator[None]:
    """Other commands of this home, each in a process of its own; they end with this one.

    Where this process offers figures, they do at the next ports.
    """
    settings = context.settings
    gec = [sys.executable, "-m", "gecchain.cli", "--home", str(settings.home), "--rpc", settings.rpc_url]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number, words in enumerate(commands, start=1):
            variables = {**os.environ, "GEC_METRICS": _next_address(settings.metrics, number)}
            processes.append(subprocess.Popen([*gec, *words], stdout=subprocess.DEVNULL, env=variables))  # noqa: S603
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            _end(process)


def _next_address(address: str, number: int) -> str:
    if not address:
        return ""
    host, port = parse_address(address)
    return f"{host}:{port + number}"


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_CHILD_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
