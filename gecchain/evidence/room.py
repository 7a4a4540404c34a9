"""The room itself: bytes come in and are found by their hash for good; what is not those bytes does not come out.

Two files for each evidence, in folders of its first two bytes: `ab/cd/abcd…` are the bytes, `ab/cd/abcd….json` the
label. The label is written last: what has none is not in the room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final

from eth_hash.backends.pysha3 import backend

from gecchain.errors import BadInput, EvidenceDamaged, NotFound
from gecchain.evidence.files import PIECE, Files
from gecchain.evidence.label import Label

__all__ = ["SIZE_LIMIT", "Condition", "EvidenceRoom", "Finding"]

SIZE_LIMIT: Final = 64 << 20
_LABEL: Final = ".json"
_DIGEST_DIGITS: Final = 64


class Condition(StrEnum):
    """How a check found an evidence. Only what is whole can be downloaded."""

    WHOLE = "whole"
    DAMAGED = "damaged"
    MISSING = "missing"
    UNLABELLED = "unlabelled"


@dataclass(frozen=True, slots=True)
class Finding:
    """One evidence after a check."""

    digest: bytes
    condition: Condition


class EvidenceRoom:
    """Evidence in the folder or at the fsspec URL `url`; files above `size_limit` bytes are refused."""

    def __init__(self, url: str, *, size_limit: int = SIZE_LIMIT) -> None:
        self._files = Files(url)
        self._limit = size_limit

    def put(
        self, stream: BinaryIO, *, name: str, account: str, media_type: str = "", readers: Iterable[str] = ()
    ) -> Label:
        """Take a file in, piece by piece, and return its label. The same again changes nothing.

        `account` hands it in; it and `readers` may read it. Who hands the same bytes in later may read them too; name
        and media type stay those of the first. BadInput for a file that is empty or above the limit.
        """
        label = Label.of(name, media_type, account, readers)
        measure = _Measure()
        with self._files.incoming(measure.passing(_bounded(stream, self._limit))) as incoming:
            if measure.size == 0:
                raise BadInput(f"{label.name} is empty", field="file", remedy="Hand in the file itself.")
            label = label.measured(measure.digest, measure.size)
            with self._files.alone():
                if not self._is_whole(label.digest):
                    self._files.place(incoming, _path(label.digest))
                return self._labelled(label)

    def get(self, digest: bytes) -> Iterator[bytes]:
        """The bytes in pieces. NotFound without them, EvidenceDamaged if they are not what the digest says.

        The last piece leaves only when all are right: a damaged file never comes out complete.
        """
        label = self.label(digest)
        measure, held = _Measure(), b""
        for piece in measure.passing(self._content(digest)):
            if measure.size > label.size:
                break
            if held:
                yield held
            held = piece
        if (measure.digest, measure.size) != (digest, label.size):
            raise _damaged(digest)
        yield held

    def verify(self, digest: bytes) -> Label:
        """Read all bytes and return the label; errors as those of `get`."""
        for _piece in self.get(digest):
            pass
        return self.label(digest)

    def label(self, digest: bytes) -> Label:
        """What is known of an evidence besides its bytes. NotFound if it is not in the room."""
        try:
            return Label.parse(digest, self._files.read(_path(digest) + _LABEL))
        except NotFound:
            raise NotFound(f"there is no evidence 0x{digest.hex()} here") from None

    def has(self, digest: bytes) -> bool:
        """Whether the evidence is in the room, bytes and label. It says nothing of damage."""
        return self._files.has(_path(digest) + _LABEL) and self._files.has(_path(digest))

    def list(self) -> Iterator[Label]:
        """Every evidence in the order of the digests. EvidenceDamaged for a label that cannot be read."""
        for digest, labelled in self._found():
            if labelled:
                yield self.label(digest)

    def check(self) -> Iterator[Finding]:
        """Hash every file again and hold it against its name and label."""
        for digest, labelled in self._found():
            yield Finding(digest, self._condition(digest) if labelled else Condition.UNLABELLED)

    def copied_to(self, other: EvidenceRoom) -> Iterator[Finding]:
        """Put every evidence into another room, with its label as it is; what is damaged or missing is told instead."""
        for digest, labelled in self._found():
            yield Finding(digest, self._copy(digest, other) if labelled else Condition.UNLABELLED)

    def _copy(self, digest: bytes, other: EvidenceRoom) -> Condition:
        if not self._files.has(_path(digest)):
            return Condition.MISSING
        try:
            label = self.label(digest)
            with other._files.incoming(self.get(digest)) as incoming:
                other._files.place(incoming, _path(digest))
            other._files.write(_path(digest) + _LABEL, label.content())
        except EvidenceDamaged:
            return Condition.DAMAGED
        return Condition.WHOLE

    def _condition(self, digest: bytes) -> Condition:
        if not self._files.has(_path(digest)):
            return Condition.MISSING
        try:
            self.verify(digest)
        except EvidenceDamaged:
            return Condition.DAMAGED
        return Condition.WHOLE

    def _found(self) -> Iterator[tuple[bytes, bool]]:
        """Digests of which there is anything, and whether there is a label; one folder at a time."""
        for first in filter(_is_byte, self._files.names()):
            for second in filter(_is_byte, self._files.names(first)):
                names = set(self._files.names(f"{first}/{second}"))
                for name in sorted({name.removesuffix(_LABEL) for name in names}):
                    if len(name) == _DIGEST_DIGITS and name.startswith(first + second) and _is_hex(name):
                        yield bytes.fromhex(name), name + _LABEL in names

    def _content(self, digest: bytes) -> Iterator[bytes]:
        try:
            yield from self._files.pieces(_path(digest))
        except NotFound:
            raise EvidenceDamaged(
                f"the file of the evidence 0x{digest.hex()} is missing",
                where="0x" + digest.hex(),
                remedy="Restore it from the backup, or hand the same file in again.",
            ) from None

    def _is_whole(self, digest: bytes) -> bool:
        """Whether the place of the bytes holds them; bytes that are damaged there are put right by the next put."""
        measure = _Measure()
        try:
            for _piece in measure.passing(self._files.pieces(_path(digest))):
                pass
        except NotFound:
            return False
        return measure.digest == digest

    def _labelled(self, label: Label) -> Label:
        try:
            before = self.label(label.digest)
        except NotFound:
            before = None
        after = label if before is None else before.shared(label.readers)
        if after != before:
            self._files.write(_path(label.digest) + _LABEL, after.content())
        return after


class _Measure:
    """Keccak-256 and size of what has passed: `gecchain.proofs.keccak256`, piece by piece."""

    def __init__(self) -> None:
        self._hash = backend.preimage(b"")
        self.size = 0

    @property
    def digest(self) -> bytes:
        return bytes(self._hash.digest())

    def passing(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._hash.update(piece)
            self.size += len(piece)
            yield piece


def _bounded(stream: BinaryIO, limit: int) -> Iterator[bytes]:
    size = 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > limit:
            raise BadInput(
                f"the file is larger than {limit:,} bytes, the limit of this evidence room",
                field="file",
                remedy="Hand it in as several files, or compress it.",
            )
        yield piece


def _damaged(digest: bytes) -> EvidenceDamaged:
    return EvidenceDamaged(
        f"the evidence 0x{digest.hex()} is damaged: its bytes do not have that hash",
        where="0x" + digest.hex(),
        remedy="Restore it from the backup, or hand the same file in again.",
    )


def _path(digest: bytes) -> str:
    name = digest.hex()
    return f"{name[:2]}/{name[2:4]}/{name}"


def _is_byte(name: str) -> bool:
    return len(name) == len("ff") and _is_hex(name)


def _is_hex(name: str) -> bool:
    return set(name) <= set("0123456789abcdef")
