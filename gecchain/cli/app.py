"""The command line: options that every verb shares, and errors that become one line and an exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from errno import ENOSPC
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gecchain import __version__, trail
from gecchain.cli.context import Context, exit_status
from gecchain.cli.screen import Screen
from gecchain.config import load_settings
from gecchain.errors import MAKE_ROOM, BadInput, GecError, Unavailable
from gecchain.metrics import RefusalFigures

__all__ = ["app", "main", "run"]

# The root of what typer raises for a wrong command line; where it lives differs between typer's versions.
_USAGE: Final[Any] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
# Verbs that open the intake anyway: they leave the open refusals as well.
_ABOUT_ROWS: Final = ("ingest", "refusals")
_STAYING: Final = ("demo", "documents", "index", "relay", "serve", "webhooks")

app = typer.Typer(
    name="gec",
    help="""A registry of green electricity certificates (绿证).

A plant is filed, its readings come in, the authority issues, a buyer buys, a holder retires, and anybody verifies.
Start with [bold]gec demo[/bold]. Every command has --help, and with --json gives one JSON document.
Exit status: 0 when everything asked for was done, 2 when the input is wrong, 1 for any other failure.""",
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
    screen: Screen = call.obj
    if version:
        screen.say(f"gecchain {__version__}")
        screen.document({"version": __version__})
        raise typer.Exit
    if call.invoked_subcommand is None:
        typer.echo(call.get_help())
        raise typer.Exit
    settings = load_settings(home, rpc)
    # A command that ends says in its own sentence what was refused; the trail's line would say it twice.
    said = settings.log == "text" and "log_level" not in settings.model_fields_set
    trail.begin(settings.log, "error" if said and call.invoked_subcommand not in _STAYING else settings.log_level)
    screen.logs = settings.log == "json"
    context = Context(settings, screen)
    call.call_on_close(context.close)
    if settings.metrics_folder is not None:
        call.with_resource(_left_behind(context, settings.metrics_folder, str(call.invoked_subcommand)))
    call.obj = context


@contextmanager
def _left_behind(context: Context, folder: Path, command: str) -> Iterator[None]:
    """The figures of a command's run in a file that a collector finds."""
    with context.meter.listening():
        try:
            yield
        finally:
            failed = sys.exc_info()[0] is not None
            refused = [RefusalFigures(context.refusals)] if command in _ABOUT_ROWS else []
            context.meter.write(folder, command, failed=failed, figures=refused)


def main() -> None:
    """Run `gec`; the process ends with the exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run `gec` with these words and return the exit status. `--json` may stand anywhere before a `--`."""
    from gecchain.cli import verbs

    verbs.register(app, words)
    ours = list(words[: words.index("--")] if "--" in words else words)
    screen = Screen(json="--json" in ours)
    kept = [word for word in ours if word != "--json"] + list(words[len(ours) :])
    try:
        return _guarded(["--json", *kept] if screen.json else kept, screen)
    finally:
        screen.flush()


def _guarded(words: Sequence[str], screen: Screen) -> int:
    """Errors that a user can meet become a sentence and a status; anything else is a bug and shows itself."""
    try:
        return int(app(args=list(words), obj=screen, standalone_mode=False) or 0)
    except GecError as error:
        screen.fail(error)
        return exit_status(error)
    except _USAGE as error:
        screen.fail(BadInput(error.format_message(), remedy=f"See {_help_of(error)}."))
        return 2
    except UnicodeError as error:
        screen.fail(BadInput(f"text that is no UTF-8: {error.reason if hasattr(error, 'reason') else error}"))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        screen.fail(Unavailable("interrupted", remedy="Run it again: it goes on where it stopped."))
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        remedy = MAKE_ROOM if error.errno == ENOSPC else "Check the path and its permissions."
        screen.fail(Unavailable(f"{error.strerror or error}{where}", remedy=remedy))
        return 1


def _help_of(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return f"{context.command_path} --help" if context else "gec --help"
