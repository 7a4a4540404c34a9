"""A file as a stream of rows of text, whatever its format; nothing is interpreted here.

Every reader yields batches of a bounded size, so that memory does not grow with the file. A row that cannot be told
apart becomes a flaw with its place, and the next row is read as if nothing had happened.
"""

from __future__ import annotations

import codecs
import dataclasses
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from gecchain.errors import Unavailable
from gecchain.oracle.codes import Code

__all__ = ["BATCH_ROWS", "LONGEST_LINE", "FileFacts", "Flaw", "Format", "RawRow", "Row", "Rows", "survey"]

BATCH_ROWS: Final = 4096
LONGEST_LINE: Final = 1 << 20
_PIECE: Final = 1 << 20
_UTF16_32: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


class Format(Enum):
    """What the first bytes say; names of files are not believed."""

    DELIMITED = "delimited"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSON = "json"
    WIDE_TEXT = "utf-16"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file before it is read: SHA-256 (hex), size in bytes, format, and the encoding of its text."""

    path: Path
    name: str
    sha256: str
    size: int
    format: Format
    encoding: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cells by the header's own names. `number` counts from 1 with the header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A row that cannot be read as a row. Number 0 concerns the whole file."""

    number: int
    code: Code
    field: str = ""
    value: str = ""
    raw: dict[str, str] = dataclasses.field(default_factory=dict)


RawRow: TypeAlias = Row | Flaw
Rows: TypeAlias = Iterator[list[RawRow]]


def survey(path: Path) -> FileFacts:
    """Hash a file and tell its format and encoding, in constant memory; Unavailable if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return _survey(path, stream)
    except OSError as error:
        raise Unavailable(f"{path.name} cannot be read: {error.strerror}.", remedy="Check the path.") from None


def _survey(path: Path, stream: BinaryIO) -> FileFacts:
    head = stream.read(4096)
    stream.seek(0)
    digest, size, utf8 = hashlib.sha256(), 0, _Decodes("utf-8")
    while piece := stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        utf8.feed(piece)
    encoding = "utf-8" if utf8.finish() or not _reads_as_gb18030(stream) else "gb18030"
    return FileFacts(path, path.name, digest.hexdigest(), size, _format_of(head), encoding)


def _reads_as_gb18030(stream: BinaryIO) -> bool:
    """Whether the file is GB18030: only asked when it is not UTF-8 as a whole.

    A UTF-8 file with one broken byte may pass as GB18030 by chance; its header line tells.
    """
    stream.seek(0)
    header = stream.readline(LONGEST_LINE)
    if not header.isascii() and _Decodes("utf-8").feed(header).finish():
        return False
    gb18030 = _Decodes("gb18030").feed(header)
    while piece := stream.read(_PIECE):
        gb18030.feed(piece)
    return gb18030.finish() or not header.isascii()


class _Decodes:
    """Whether the pieces fed so far are text of one encoding."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._good = True

    def feed(self, piece: bytes, final: bool = False) -> _Decodes:
        if self._good:
            try:
                self._decoder.decode(piece, final)
            except UnicodeDecodeError:
                self._good = False
        return self

    def finish(self) -> bool:
        self.feed(b"", final=True)
        return self._good


def _format_of(head: bytes) -> Format:
    if head.startswith(_UTF16_32):
        return Format.WIDE_TEXT
    if head.startswith(b"PK\x03\x04"):
        return Format.XLSX
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"SQLite format 3")):
        return Format.OTHER
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return Format.JSON if text[:1] in (b"[", b"{") else Format.DELIMITED
