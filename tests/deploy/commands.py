"""Whether a command line of `gec` would be understood: its verb is there, with those options and arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer

from gecchain.cli import verbs
from gecchain.cli.app import _USAGE, app

__all__ = ["understood"]


def understood(words: Sequence[str]) -> str:
    """Nothing if `gec` with these words would begin its work; else what it would say. Nothing is run."""
    verbs.register(app)
    command: Any = typer.main.get_command(app)
    context, rest = None, list(words)
    while True:
        try:
            context = command.make_context(command.name or "gec", rest, parent=context)
        except _USAGE as error:
            return f"{type(error).__name__}: {getattr(error, 'message', '') or error}"
        if not hasattr(command, "commands"):
            return ""
        rest = [*context._protected_args, *context.args] if hasattr(context, "_protected_args") else context.args
        if not rest or rest[0] not in command.commands:
            return f"no such verb: {' '.join(rest) or 'none'}"
        command, rest = command.commands[rest[0]], rest[1:]
