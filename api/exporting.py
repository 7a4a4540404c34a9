"""Whole lists on their way out: rows as CSV (RFC 4180, UTF-8) or NDJSON, a part at a time in one open snapshot.

No more than one part is in memory. A reader that takes nothing for a minute is cut off, since it keeps a connection
and a snapshot of the database; an answer that is cut off has no end, so nobody takes it for the whole.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import lru_cache
from operator import attrgetter
from types import NoneType
from typing import Any, Final, get_args, get_origin

import orjson
from anyio import CancelScope, create_task_group, fail_after
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.heads import HEAD_ONLY
from gecchain.answers import Answer

__all__ = ["Export", "columns", "csv_head", "csv_rows", "ndjson_rows", "written_items"]

STALLED_SECONDS: Final = 60.0
# What a spreadsheet takes for a formula at the start of a cell; the last four are their full-width forms.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@lru_cache(maxsize=256)
def columns(answer: type[Answer], fields: frozenset[str]) -> list[tuple[str, ...]]:
    """The columns of an item, in the order of its fields; what is an object itself is spread out: `range.start`."""
    return [path for path in _paths(answer, ()) if path[0] in fields]


def _paths(answer: type[Answer], before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, field in answer.model_fields.items():
        inside = _object(field.annotation)
        if inside is None:
            yield (*before, name)
        else:
            yield from _paths(inside, (*before, name))


def _object(annotation: Any) -> type[Answer] | None:
    """The one shape of an object, also of one that may be null."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType] if get_args(annotation) else [annotation]
    if len(kinds) != 1 or get_origin(annotation) in (list, dict):
        return None
    return kinds[0] if isinstance(kinds[0], type) and issubclass(kinds[0], Answer) else None


def csv_head(answer: type[Answer], fields: frozenset[str]) -> bytes:
    """The header line: stable names, in the order of the documentation."""
    return _csv([[".".join(path) for path in columns(answer, fields)]])


def csv_rows(answer: type[Answer], fields: frozenset[str], items: list[Answer]) -> bytes:
    """Items as CSV lines. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    cells = [_reader(path) for path in columns(answer, fields)]
    return _csv([[cell(item) for cell in cells] for item in items])


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


@lru_cache(maxsize=256)
def _reader(path: tuple[str, ...]) -> Callable[[Answer], Any]:
    """What finds a column's cell in an item; of an object that is null, every cell is empty."""
    if len(path) == 1:
        read = attrgetter(path[0])
        return lambda item: _cell(read(item))
    outer, inner = attrgetter(path[0]), _reader(path[1:])

    def within(item: Answer) -> Any:
        found = outer(item)
        return None if found is None else inner(found)

    return within


def _cell(value: Any) -> str | int | None:
    """A value as a cell: text and numbers as they are, what is null as nothing."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if value is None or type(value) is int:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, Answer):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)


def written_items(items: Sequence[Answer], fields: frozenset[str] | None) -> Iterator[bytes]:
    """Items as JSON, each with these of its fields, or with all."""
    kept = None if fields is None else set(fields)
    return (item.__pydantic_serializer__.to_json(item, include=kept) for item in items)


def ndjson_rows(answer: type[Answer], fields: frozenset[str], items: list[Answer]) -> bytes:
    """Items as lines of JSON, each as a page has it."""
    kept = None if fields == answer.model_fields.keys() else fields
    return b"".join(item + b"\n" for item in written_items(items, kept))


class Export(Response):
    """Sends chunks as they are made, and gives back what it holds however it ends."""

    def __init__(
        self, chunks: Iterator[bytes], held: ExitStack, *, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(media_type=media_type, headers=headers)
        del self.headers["content-length"]
        self._chunks = chunks
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Headers, then the chunks until their end or until the reader is gone."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["state"].get(HEAD_ONLY):
                for more in (True, False):  # in two parts, so that it is compressed or not as the whole would be
                    await send({"type": "http.response.body", "body": b"", "more_body": more})
            else:
                await self._send_until_gone(receive, send)
        finally:
            with CancelScope(shield=True):
                await run_sync(self._held.close)

    async def _send_until_gone(self, receive: Receive, send: Send) -> None:
        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        async with create_task_group() as tasks:
            tasks.start_soon(watch)
            await self._send_all(send)
            tasks.cancel_scope.cancel()

    async def _send_all(self, send: Send) -> None:
        more = True
        while more:
            chunk = await run_sync(next, self._chunks, None)
            more = chunk is not None
            with fail_after(STALLED_SECONDS):
                await send({"type": "http.response.body", "body": chunk or b"", "more_body": more})
