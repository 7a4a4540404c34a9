"""The list of what is in a backup, with the hash of each file and the block of the chain at which it was begun."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from gecchain.errors import BadInput, BrokenProof, NotFound

__all__ = ["Database", "Manifest", "check_backup", "digest_of", "files_below", "write_manifest"]

VERSION: Final = 1
_NAME: Final = "manifest.json"
_SUM: Final = "manifest.sha256"


@dataclass(frozen=True, slots=True)
class Database:
    """One copied database: its file, `sqlite` or `postgresql`, and the stores in it (`intake`, `desk`)."""

    file: str
    kind: str
    stores: Sequence[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` gives SHA-256 (hex) by path. `chain` has `id`, `block` and `hash`, or is empty where no node answered.

    `damaged` are the evidences (0x) that were not whole when the backup was made, and so are not in it.
    """

    version: int
    program: str
    made_at: str
    chain: Mapping[str, Any]
    databases: Sequence[Database]
    files: Mapping[str, str]
    damaged: Sequence[str] = field(default_factory=tuple)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Written last: a folder without one is no backup. `sha256sum -c manifest.sha256` checks it without us."""
    content = orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
    for name, words in ((_NAME, content), (_SUM, f"{hashlib.sha256(content).hexdigest()}  {_NAME}\n".encode())):
        with (folder / name).open("wb") as file:
            file.write(words)
            file.flush()
            os.fsync(file.fileno())


def check_backup(folder: Path) -> Manifest:
    """The manifest of a backup that is complete and unaltered, every file of it read.

    NotFound if it is none, BadInput for one of a newer program, BrokenProof naming the first file that differs.
    """
    manifest = _read(folder)
    found = files_below(folder) - {_NAME, _SUM}
    for name in sorted(manifest.files.keys() - found):
        raise _broken(f"{name} is missing", name)
    for name in sorted(found - manifest.files.keys()):
        raise _broken(f"{name} does not belong to it", name)
    for name, digest in sorted(manifest.files.items()):
        if digest_of(folder / name) != digest:
            raise _broken(f"{name} was altered", name)
    return manifest


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_below(folder: Path) -> set[str]:
    """Paths of all files below a folder; a link is taken for a file of its own and never followed."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}


def _read(folder: Path) -> Manifest:
    try:
        content, said = (folder / _NAME).read_bytes(), (folder / _SUM).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
        raise NotFound(
            f"{folder} is no complete backup: it has no manifest", remedy="Take a folder that gec backup finished."
        ) from error
    if said.split()[:1] != [hashlib.sha256(content).hexdigest()]:
        raise _broken("its manifest was altered", _NAME)
    document = orjson.loads(content)
    if document.get("version") != VERSION:
        raise BadInput(
            "the backup was made by a newer program",
            field="version",
            value=str(document.get("version")),
            remedy="Restore it with the program that made it, or a newer one.",
        )
    return Manifest(**{**document, "databases": [Database(**one) for one in document["databases"]]})


def _broken(why: str, where: str) -> BrokenProof:
    return BrokenProof(
        f"the backup is not as it was made: {why}", where=where, remedy="Take another one; nothing was restored."
    )
