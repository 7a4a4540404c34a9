"""The command line: options that every verb shares, and errors that become one line and an exit status."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from gecchain import __version__
from gecchain.cli.context import Context, exit_status
from gecchain.cli.screen import Screen
from gecchain.config import load_settings
from gecchain.errors import GecError

__all__ = ["app", "main"]

app = typer.Typer(
    name="gec",
    help="""A registry of green electricity certificates (绿证).

A plant is filed, its readings come in, the authority issues, a buyer buys, a holder retires, and anybody verifies.
Start with [bold]gec demo[/bold]. Every command has --help, and --json after gec gives one JSON document.
Exit status: 0 when everything asked for was done, 2 when the input is wrong, 1 for any other failure.""",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def options(
    call: typer.Context,
    home: Annotated[Path | None, typer.Option(help="Folder of keys, databases and chain (or GEC_HOME).")] = None,
    rpc: Annotated[str | None, typer.Option(help="Address of the node's JSON-RPC (or GEC_RPC_URL).")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """Options before the verb."""
    if version:
        typer.echo(f"gecchain {__version__}")
        raise typer.Exit
    screen = Screen(json=json)
    call.obj = Context(load_settings(home, rpc), screen)


def main() -> None:
    """Run `gec`; the process ends with the exit status."""
    from gecchain.cli import verbs

    verbs.register(app)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        app()
    except GecError as error:
        Screen(json="--json" in sys.argv).fail(error)
        sys.exit(exit_status(error))
    except KeyboardInterrupt:
        sys.exit(130)
