"""Files of a folder, wherever it is: on a disk, in memory, or on whatever else fsspec speaks.

A file appears whole or not at all: it is written under another name and then moved into place; on a disk it is forced
out before. What a process that was killed leaves behind lies apart, is nobody's evidence, and is swept after a day.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from typing import Any, Final

import fsspec
from fsspec.implementations.local import LocalFileSystem

from gecchain.errors import MAKE_ROOM, BadInput, NotFound, Unavailable

__all__ = ["PIECE", "Files"]

PIECE: Final = 1 << 20
_INCOMING: Final = "incoming"
_LEFT_BEHIND_SECONDS: Final = 86_400


class Files:
    """Paths are relative to the folder. Unavailable when the place does not answer or refuses."""

    def __init__(self, url: str) -> None:
        """Nothing is written yet. BadInput for a URL that nothing installed can speak."""
        try:
            self._fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError, TypeError) as error:
            raise BadInput(
                f"evidence cannot be kept there: {error}",
                field="evidence_url",
                value=url.split("@")[-1],
                remedy="Give a folder, or a URL of a file system of fsspec whose package is installed.",
            ) from error
        self._root = str(root).rstrip("/")
        self._disk = isinstance(self._fs, LocalFileSystem)

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        with _answering():
            return bool(self._fs.isfile(self._full(path)))

    def names(self, folder: str = "") -> list[str]:
        """Names in a folder, sorted; none of a folder that does not exist."""
        full = self._full(folder)
        with _answering():
            if not self._fs.isdir(full):
                return []
            return sorted(str(path).rstrip("/").rpartition("/")[2] for path in self._fs.ls(full, detail=False))

    def pieces(self, path: str) -> Iterator[bytes]:
        """The file in pieces of at most 1 MiB. NotFound without it."""
        with _answering(), self._fs.open(self._full(path), "rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def read(self, path: str) -> bytes:
        """A small file. NotFound without it."""
        return b"".join(self.pieces(path))

    @contextmanager
    def incoming(self, pieces: Iterable[bytes]) -> Iterator[str]:
        """Write pieces apart and give the path, to be placed; it is gone afterwards in any case."""
        path = f"{_INCOMING}/{uuid.uuid4().hex}.partial"
        try:
            with _answering():
                self._fs.makedirs(self._full(_INCOMING), exist_ok=True)
                self._sweep()
                with self._fs.open(self._full(path), "wb") as file:
                    for piece in pieces:
                        file.write(piece)
                    self._force(file)
            yield path
        finally:
            with _answering():
                if self._fs.exists(self._full(path)):
                    self._fs.rm_file(self._full(path))

    def place(self, incoming: str, path: str) -> None:
        """Move what came in to its place, in one step where the file system has such a step."""
        source, target = self._full(incoming), self._full(path)
        with _answering():
            self._fs.makedirs(target.rpartition("/")[0], exist_ok=True)
            if not self._disk:
                self._fs.mv(source, target)
                return
            Path(source).replace(target)
            for folder in Path(target).parents[:3]:
                _force_folder(folder)

    def write(self, path: str, content: bytes) -> None:
        """A small file, whole or not at all; it may replace another."""
        with self.incoming([content]) as incoming:
            self.place(incoming, path)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """On a disk, nobody else is in here meanwhile. Elsewhere the last of two at the same instant wins."""
        if not self._disk:
            yield
            return
        with _answering():
            Path(self._root).mkdir(parents=True, exist_ok=True)
            with (Path(self._root) / "lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _force(self, file: Any) -> None:
        if self._disk:
            file.flush()
            os.fsync(file.fileno())

    def _sweep(self) -> None:
        if not self._disk:
            return
        oldest = time.time() - _LEFT_BEHIND_SECONDS
        for left in Path(self._full(_INCOMING)).glob("*.partial"):
            with suppress(FileNotFoundError):  # another process may place or sweep it meanwhile
                if left.stat().st_mtime < oldest:
                    left.unlink()


def _force_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _answering() -> Iterator[None]:
    """Failures of the place become ours. Its paths stay inside: an answer may go to the public."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("there is no such file in the evidence room") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        remedy = MAKE_ROOM if error.errno == ENOSPC else "Check its place and try again."
        raise Unavailable(f"the evidence room does not answer: {why}", remedy=remedy) from error
