"""Delimited text (CSV with commas, semicolons or tabs) as batches of rows.

The text is cut into blocks at line ends. A block without quotes and flaws is split by polars in one call; any other
block line by line, so that one broken line refuses itself and not its neighbours. A record never spans lines: a stray
quotation mark would otherwise swallow the rest of the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, Final

import polars as pl

from gecchain.oracle.codes import Code
from gecchain.oracle.source import LONGEST_LINE, Flaw, RawRow, Row, Rows

__all__ = ["read_delimited"]

_BLOCK: Final = 1 << 18
_SEPARATORS: Final = (",", ";", "\t")


def read_delimited(stream: BinaryIO, encoding: str) -> Rows:
    """Batches of a block's rows (256 KiB of text). The header is the first line that is not empty; rows count lines."""
    header: _Header | None = None
    first = 1
    for block in _blocks(stream):
        lines = block.split(b"\n")
        if lines and not lines[-1]:
            lines.pop()
        if header is None:
            skipped = _leading_empty(lines)
            if skipped == len(lines):
                first += skipped
                continue
            header = _Header.read(lines[skipped], encoding)
            if isinstance(header.flaw, Flaw):
                yield [header.flaw]
                return
            lines, first = lines[skipped + 1 :], first + skipped + 1
        if lines:
            yield _rows(lines, first, header, encoding)
        first += len(lines)
    if header is None:
        yield [Flaw(0, Code.MISSING_FIELD, "header")]


class _Header:
    """Names of the columns and what separates them."""

    def __init__(self, names: list[str], separator: str, flaw: Flaw | None = None) -> None:
        self.names = names
        self.separator = separator
        self.flaw = flaw

    @classmethod
    def read(cls, line: bytes, encoding: str) -> _Header:
        try:
            text = line.decode(encoding).removeprefix("\ufeff").rstrip("\r")
            separator = max(_SEPARATORS, key=text.count)
            names = [name.strip() for name in _split(text, separator)]
        except UnicodeDecodeError:
            return cls([], ",", Flaw(0, Code.ENCODING, "header"))
        except csv.Error:
            return cls([], ",", Flaw(0, Code.BROKEN_ROW, "header"))
        named = [name for name in names if name]
        if len(set(named)) != len(named):
            return cls([], ",", Flaw(0, Code.BROKEN_ROW, "header", text[:200]))
        return cls(names, separator)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    rest = b""
    while piece := stream.read(_BLOCK):
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[:end]
            rest = piece[end:]
        else:
            rest += piece
            if len(rest) > LONGEST_LINE:
                yield rest[: LONGEST_LINE + 1] + b"\n"
                rest = _skip_line(stream)
    if rest:
        yield rest


def _skip_line(stream: BinaryIO) -> bytes:
    """Leave out the remainder of an over-long line; what follows it in the last piece."""
    while piece := stream.read(_BLOCK):
        _, found, after = piece.partition(b"\n")
        if found:
            return after
    return b""


def _leading_empty(lines: list[bytes]) -> int:
    return next((i for i, line in enumerate(lines) if line.strip(b"\r \t\xef\xbb\xbf")), len(lines))


def _rows(lines: list[bytes], first: int, header: _Header, encoding: str) -> list[RawRow]:
    block = b"\n".join(lines)
    if b'"' not in block and b"\r" not in block.replace(b"\r\n", b"\n").rstrip(b"\r"):
        quick = _by_polars(block, len(lines), header, encoding)
        if quick is not None:
            return [
                Row(first + i, dict(zip(header.names, cells, strict=True))) if any(cells) else _empty(first + i)
                for i, cells in enumerate(quick)
            ]
    return [_row(line, first + i, header, encoding) for i, line in enumerate(lines)]


def _by_polars(block: bytes, height: int, header: _Header, encoding: str) -> list[tuple[str, ...]] | None:
    """Rows of a block, or None where a line is empty, ragged or no text and each has to be looked at."""
    try:
        text = block.decode(encoding).replace("\r\n", "\n").encode()
        frame = pl.read_csv(
            io.BytesIO(text),
            has_header=False,
            separator=header.separator,
            quote_char=None,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except (UnicodeDecodeError, pl.exceptions.PolarsError):
        return None
    return frame.rows() if frame.shape == (height, len(header.names)) else None


def _row(line: bytes, number: int, header: _Header, encoding: str) -> RawRow:
    line = line.rstrip(b"\r")
    if not line.strip():
        return _empty(number)
    if len(line) > LONGEST_LINE:
        return Flaw(number, Code.BROKEN_ROW, "row", line[:60].decode(encoding, "replace"))
    try:
        text = line.decode(encoding)
        cells = _split(text, header.separator)
    except UnicodeDecodeError:
        return Flaw(number, Code.ENCODING, "row", line.decode(encoding, "replace")[:200])
    except csv.Error:
        return Flaw(number, Code.BROKEN_ROW, "row", text[:200])
    if not any(cells):
        return _empty(number)
    return _fitted(cells, number, header, text)


def _fitted(cells: list[str], number: int, header: _Header, text: str) -> RawRow:
    """Short rows are filled up (what is required and missing is refused later); what is too long is no row."""
    if any(cells[len(header.names) :]):
        return Flaw(number, Code.BROKEN_ROW, "row", text[:200])
    filled = cells + [""] * (len(header.names) - len(cells))
    return Row(number, dict(zip(header.names, filled, strict=False)))


def _split(text: str, separator: str) -> list[str]:
    return next(csv.reader([text], delimiter=separator, strict=True), [])


def _empty(number: int) -> Flaw:
    return Flaw(number, Code.EMPTY_LINE, "row")
