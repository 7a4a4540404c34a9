"""`gec index` follows the chain into SQL; `gec serve` answers the public, with workers beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Annotated

import typer
import uvicorn

from gecchain.chain.node import embedded_node
from gecchain.cli.context import Context
from gecchain.errors import Unavailable
from gecchain.indexer import Progress, catch_up, follow
from gecchain.store.indexing import Projection

__all__ = ["Beside", "index", "index_now", "serve", "serve_until_stopped"]


def index(
    call: typer.Context,
    follow_on: Annotated[bool, typer.Option("--follow", help="Stay and follow new blocks until stopped.")] = False,
    afresh: Annotated[bool, typer.Option("--rebuild", help="Throw the projection away and build it again.")] = False,
    poll: Annotated[float, typer.Option(help="Seconds between looks for new blocks.")] = 1.0,
) -> None:
    """Follow the chain into SQL from where the last run stopped. Every block is one transaction with its cursor."""
    context: Context = call.obj
    if afresh:
        Projection(context.projection).clear()
    head = index_now(context)
    context.screen.say(f"Indexed to block {head:,}")
    if not follow_on:
        context.screen.document({"block": head})
        return
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    trouble = _Trouble(context)
    follow(context.reader, Projection(context.projection), stop=stop, poll=poll, trouble=trouble, progress=trouble.over)


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
            self._screen.err.print(f"waiting: {error}", style="yellow", markup=False)
        self._away = True

    def over(self, progress: Progress) -> None:
        """Called when blocks were written again."""
        if self._away:
            self._screen.err.print(f"going on at block {progress.block:,}", style="green")
        self._away = False


def serve(
    call: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    with_chain: Annotated[
        bool, typer.Option("--with-chain", help="Start the embedded chain if no node answers.")
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
    beside = Beside(index=index, relay=relay, webhooks=webhooks, seal=seal)
    chain = embedded_node(context.settings.rpc_url, context.settings.home / "chain") if with_chain else None
    with chain or nullcontext():
        serve_until_stopped(context, host, port, beside)


@dataclass(frozen=True, slots=True)
class Beside:
    """Which workers run beside the web server."""

    index: bool = True
    relay: bool = True
    webhooks: bool = True
    seal: bool = True


def serve_until_stopped(context: Context, host: str, port: int, beside: Beside = Beside()) -> None:
    """Run the web server here and workers in other processes: the relay if its key is here, the sealer if a seal is."""
    settings = context.settings
    _ = context.webhooks  # the API takes subscriptions in wherever they are sent from, and changes no tables itself
    os.environ["GEC_DATABASE_URL"] = settings.projection_url
    os.environ["GEC_DEPLOYMENT"] = str(settings.deployment_file)
    os.environ["GEC_EVIDENCE_URL"] = settings.evidence_location
    os.environ["GEC_DESK_URL"] = settings.desk_location
    os.environ["GEC_RPC_URL"] = settings.rpc_url
    os.environ["GEC_DEMO"] = "1" if context.roles.development else ""
    os.environ["GEC_BASE_URL"] = settings.base_url
    os.environ["GEC_FONTS"] = str(settings.fonts)
    os.environ["GEC_WEBHOOK_PRIVATE"] = "1" if settings.webhook_private else "0"
    seals = beside.seal and settings.seal_file.exists()
    os.environ["GEC_SEALER"] = str(settings.sealer_socket) if seals else ""
    workers = {
        ("index", "--follow"): beside.index,
        ("relay", "--follow"): beside.relay and context.can_sign(context.roles.relay),
        ("webhooks", "--follow"): beside.webhooks,
        ("documents", "serve"): seals,
    }
    with ExitStack() as running:
        for words in (words for words, wanted in workers.items() if wanted):
            running.enter_context(_beside(context, *words))
        uvicorn.run("api.main:application", factory=True, host=host, port=port, log_level="warning")


@contextmanager
def _beside(context: Context, *words: str) -> Iterator[None]:
    """Another command of this home in a process of its own; it ends with this one."""
    settings = context.settings
    command = [sys.executable, "-m", "gecchain.cli", "--home", str(settings.home), "--rpc", settings.rpc_url]
    process = subprocess.Popen([*command, *words], stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield
    finally:
        process.terminate()
        process.wait()
