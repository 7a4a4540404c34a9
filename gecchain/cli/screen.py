"""What a command shows: tables and progress for people on standard error and output, JSON for machines.

With `--json` standard output holds exactly one JSON document, whatever happens: it is kept until the command has ended
(or goes on to serve), an error is put into it, and progress goes to standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from gecchain.errors import BadInput, GecError
from gecchain.trail import Trail

__all__ = ["Screen"]

trail = Trail(__name__)

_JSON_BITS: Final = 64
_WIDE: Final = 250


class Screen:
    """One command's output. `json` switches from people to machines; `logs` turns standard error into lines of JSON."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.logs = False
        self._document: Any = None
        self._shown = False
        self.out = Console(highlight=False, soft_wrap=True)
        if not self.out.is_terminal:
            self.out = Console(highlight=False, soft_wrap=True, width=_WIDE)
        self.err = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A line for people; nothing with --json."""
        if not self.json:
            self.out.print(_readable(text), markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table for people; nothing with --json."""
        if self.json:
            return
        table = Table(title=title, title_justify="left", header_style="bold", show_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(_readable(str(cell)) for cell in row))
        self.out.print(table)

    def document(self, value: Any) -> None:
        """What the command has to say to machines; the latest counts. Shown by `flush`."""
        self._document = value

    def flush(self) -> None:
        """Show the one JSON document, once; nothing without --json."""
        if self.json and not self._shown:
            self._shown = True
            value = {} if self._document is None else _plain(self._document)
            self.out.file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
            self.out.file.flush()

    def fail(self, error: GecError) -> None:
        """An error as people or machines read it."""
        before = self._document if isinstance(self._document, dict) else {}
        self._document = {**before, "error": _as_document(error)}
        if self.logs:
            trail.error("failed", **_as_document(error))
            return
        self.err.print(_readable(f"error: {_place(error)}{error.message}"), style="red", markup=False)
        if error.remedy:
            self.err.print(_readable(f"       {error.remedy}"), markup=False)

    def trouble(self, event: str, text: str, **facts: object) -> None:
        """What goes wrong while a command goes on: a sentence for people, or a line of the log."""
        if self.logs:
            trail.warning(event, why=text, **facts)
        else:
            self.err.print(_readable(text), style="yellow", markup=False)

    @contextmanager
    def progress(self, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A bar on standard error, if that is a terminal; the callback is told how much more is done."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.err, disable=self.logs or not self.err.is_terminal) as bar:
            task = bar.add_task(what, total=total)
            yield lambda more: bar.update(task, advance=more)


def _plain(value: Any) -> Any:
    """As JSON can hold it: numbers above 64 bits (token ids) become text."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, str):
        return _readable(value)
    return str(value) if isinstance(value, int) and value.bit_length() > _JSON_BITS else value


def _readable(text: str) -> str:
    """As it can be written: bytes of the command line that are no UTF-8 become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _place(error: GecError) -> str:
    if not isinstance(error, BadInput):
        return ""
    parts = [f"row {error.row}" if error.row is not None else "", error.field]
    where = ", ".join(part for part in parts if part)
    return f"{where}: " if where else ""


def _as_document(error: GecError) -> dict[str, Any]:
    document: dict[str, Any] = {"kind": type(error).__name__, "message": error.message, "remedy": error.remedy}
    for name in ("row", "field", "value", "reason", "where"):
        if getattr(error, name, "") not in ("", None):
            document[name] = getattr(error, name)
    return document
