"""The files that readings came from, as evidence of their commitment: one hash leads to all of them.

The intake knows a file by its SHA-256, the chain an evidence by its Keccak-256; which belong together is noted in a
folder beside the evidence room when a file is taken in, and noted again when the same file is taken in again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gecchain.errors import NotFound
from gecchain.events import NO_ACCOUNT
from gecchain.evidence import SIZE_LIMIT, EvidenceRoom, Label
from gecchain.trail import Trail

__all__ = ["SourceFiles"]

trail = Trail(__name__)

_PIECE: Final = 1 << 20
_LIST: Final = "application/octet-stream"


class SourceFiles:
    """Files taken in: kept in the evidence room at `url`, found by their SHA-256 through the notes in `folder`."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder

    def take(self, path: Path, account: str = NO_ACCOUNT) -> Label:
        """Put a file into the room, whatever its size; the same again changes nothing.

        The provider's `account` hands it in; without one only the authority and the information centre may read it.
        """
        room = EvidenceRoom(self._url, size_limit=max(SIZE_LIMIT, path.stat().st_size))
        sha256 = _sha256(path)
        with path.open("rb") as stream:
            label = room.put(stream, name=path.name, account=account)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{sha256}.partial"
        partial.write_text(label.hex, encoding="ascii")
        partial.replace(self._folder / sha256)
        trail.info("file_kept", file=sha256, evidence=label.hex)
        return label

    def evidence_of(self, sources: Sequence[str]) -> bytes:
        """Hash of the file that lists these files' sorted hashes, 32 bytes each; that file is in the room as well.

        `sources` are SHA-256 in hex. NotFound for a file that was not taken in here.
        """
        content = b"".join(sorted(self._keccak(source) for source in set(sources)))
        room = EvidenceRoom(self._url)
        label = room.put(io.BytesIO(content), name="sources.list", account=NO_ACCOUNT, media_type=_LIST)
        return label.digest

    def _keccak(self, sha256: str) -> bytes:
        try:
            return bytes.fromhex((self._folder / sha256).read_text(encoding="ascii").strip()[2:])
        except (FileNotFoundError, ValueError):
            raise NotFound(
                f"the file of SHA-256 {sha256}, from which readings were taken, is not in the evidence room",
                remedy="Hand the same file to gec ingest again: it changes nothing else.",
            ) from None


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
