"""JSON as batches of rows: an array of objects, or one object a line (NDJSON), read as a stream.

Numbers keep the digits they were written with; nothing becomes a binary fraction.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from gecchain.oracle.codes import Code
from gecchain.oracle.source import BATCH_ROWS, LONGEST_LINE, Flaw, RawRow, Row, Rows

__all__ = ["read_json"]

_PIECE: Final = 1 << 16
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SPACE: Final = " \t\r\n"


def read_json(stream: BinaryIO, encoding: str) -> Rows:
    """Batches of up to 4,096 rows. An array's elements count from 1; in NDJSON the row is the line."""
    start = stream.read(64).removeprefix(codecs.BOM_UTF8).lstrip()
    stream.seek(0)
    rows = _elements(stream, encoding) if start.startswith(b"[") else _lines(stream, encoding)
    batch: list[RawRow] = []
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(stream: BinaryIO, encoding: str) -> Iterator[RawRow]:
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            yield Flaw(number, Code.BROKEN_ROW, "row")
            return
        try:
            text = line.decode(encoding).removeprefix("\ufeff").strip()
        except UnicodeDecodeError:
            yield Flaw(number, Code.ENCODING, "row", line.decode(encoding, "replace")[:200])
            continue
        yield _parsed(text, number) if text else Flaw(number, Code.EMPTY_LINE, "row")


def _parsed(text: str, number: int) -> RawRow:
    try:
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return Flaw(number, Code.BROKEN_ROW, "row", text[:200])
    if text[end:].strip():
        return Flaw(number, Code.BROKEN_ROW, "row", text[:200])
    return _row(value, number)


def _elements(stream: BinaryIO, encoding: str) -> Iterator[RawRow]:
    """Elements of a top-level array. After broken syntax nothing can be told apart, so the rest is one flaw."""
    window = _Window(stream, encoding)
    number = 0
    try:
        window.expect("\ufeff[")
        if window.text.startswith("\ufeff"):
            window.expect("[")
        if window.peek() == "]":
            return
        while True:
            number += 1
            yield _row(window.value(), number)
            if window.expect(",]") == "]":
                return
    except UnicodeDecodeError:
        yield Flaw(number, Code.ENCODING, "row")
    except (ValueError, RecursionError):
        yield Flaw(number, Code.BROKEN_ROW, "row", window.text[:200])


class _Window:
    """The part of a JSON text that is being read: at most one element and one piece are in memory."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ended = False
        self._at = 0
        self.text = ""

    def _more(self) -> bool:
        if self._ended:
            return False
        piece = self._stream.read(_PIECE)
        self._ended = not piece
        self.text = self.text[self._at :] + self._decoder.decode(piece, self._ended)
        self._at = 0
        return not self._ended

    def peek(self) -> str:
        """The next character that is no space; ValueError at the end of the text."""
        while True:
            while self._at < len(self.text):
                if self.text[self._at] not in _SPACE:
                    return self.text[self._at]
                self._at += 1
            if not self._more():
                raise ValueError("the text ends")

    def expect(self, wanted: str) -> str:
        """Take one of the wanted characters."""
        found = self.peek()
        if found not in wanted:
            raise ValueError(found)
        self._at += 1
        return found

    def value(self) -> Any:
        """Take one element; ValueError if there is none, or it is longer than 1 MiB."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self.text, self._at)
                if end < len(self.text) or self._ended:
                    self._at = end
                    return found
            except ValueError:
                if self._ended:
                    raise
            if len(self.text) - self._at > LONGEST_LINE:
                raise ValueError("an element is too long")
            self._more()


def _row(value: Any, number: int) -> RawRow:
    if not isinstance(value, dict):
        return Flaw(number, Code.BROKEN_ROW, "row", json.dumps(value, ensure_ascii=False)[:200])
    return Row(number, {str(key).strip(): _text(cell) for key, cell in value.items()})


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
