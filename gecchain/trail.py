"""What a process tells about its work: one line an event, for machines (JSON) or people, on standard error.

A room tells `Trail(__name__).info("transaction_mined", transaction=…, block=…)`. An action carries the facts of what it
is for, so that one SHA-256 leads from a file through its commitment and transactions to their events. Told are hashes,
numbers, roles and addresses: nothing secret, nothing about a person.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import orjson

from gecchain.errors import without_password

__all__ = ["FORMATS", "LEVELS", "Trail", "begin", "heard"]

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
_OURS: Final = ("gecchain", "api")
_LONGEST: Final = 1_000
Listener = Callable[[str, Mapping[str, Any]], None]
_listeners: Final[list[Listener]] = []


class Trail:
    """Tells the events of one room. Facts are text, numbers, booleans, bytes (shown as 0x) and lists of these."""

    def __init__(self, room: str) -> None:
        self._logger = logging.getLogger(room)

    def debug(self, event: str, **facts: Any) -> None:
        """Each step, for whoever looks for a fault."""
        self._tell(logging.DEBUG, event, facts)

    def info(self, event: str, **facts: Any) -> None:
        """Work that was done."""
        self._tell(logging.INFO, event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        """What may need somebody: something was refused, is away, or was taken back."""
        self._tell(logging.WARNING, event, facts)

    def error(self, event: str, *, trace: bool = False, **facts: Any) -> None:
        """What failed; with `trace` where, if an exception is being handled."""
        self._tell(logging.ERROR, event, facts, trace=trace)

    def _tell(self, level: int, event: str, facts: Mapping[str, Any], *, trace: bool = False) -> None:
        for listener in _listeners:
            listener(event, facts)
        if self._logger.isEnabledFor(level):
            told = {"event": event, "facts": facts}
            self._logger.log(level, "%s", event, extra={"told": told}, exc_info=trace)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Meanwhile the listener is given each event and its own facts, whatever the level; it must not fail."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def begin(form: str, level: str, stream: TextIO | None = None) -> None:
    """Tell from now on in this form and from this level up; entry points call it, again to change it.

    Libraries are heard from warnings up.
    """
    handler = logging.StreamHandler(stream) if stream else _StandardError()
    handler.setFormatter(_Lines(_json_line if form == "json" else _text_line))
    handler.set_name("trail")
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if one.get_name() == "trail"]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    for room in _OURS:
        logging.getLogger(room).setLevel(level.upper())


class _StandardError(logging.StreamHandler[TextIO]):
    """Whatever standard error is when a line is told."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


class _Lines(logging.Formatter):
    """Each record as one line, whatever stands in it."""

    def __init__(self, line: Any) -> None:
        super().__init__()
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        told = getattr(record, "told", None)
        facts = told["facts"] if told else {"message": record.getMessage()}
        document = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "room": record.name,
            "event": told["event"] if told else "message",
            **{name: _plain(value) for name, value in facts.items()},
        }
        if record.exc_info and record.exc_info[1] is not None:
            document["trace"] = without_password("".join(traceback.format_exception(record.exc_info[1])))
        return str(self._line(document))


def _json_line(document: dict[str, Any]) -> str:
    return orjson.dumps(document).decode()


def _text_line(document: dict[str, Any]) -> str:
    time, level, _room, event = (document.pop(name) for name in ("time", "level", "room", "event"))
    trace = document.pop("trace", "")
    words = " ".join(f"{name}={_word(value)}" for name, value in document.items())
    return f"{time} {level} {event} {words}".rstrip() + (f"\n{trace.rstrip()}" if trace else "")


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    bare = text.isprintable() and text != "" and not any(letter in ' "=' for letter in text)
    return text if bare else orjson.dumps(text).decode()


def _plain(value: Any) -> Any:
    """As a line can hold it: integers that JSON's readers would round, and everything unknown, as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if value is None or isinstance(value, bool | float) or (isinstance(value, int) and value.bit_length() <= 53):
        return value
    text = without_password(str(value)).encode("utf-8", "replace").decode()
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
