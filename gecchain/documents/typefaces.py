"""The typefaces that documents are set in, and which characters they can show.

Noto CJK (OFL) as Debian's package fonts-noto-cjk brings it, simplified Chinese faces. A name must come out whole or not
at all: a character that a face lacks is set as its Unicode number in brackets, and the page says so.
"""

import hashlib
import re
import struct
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import typst

from gecchain.errors import NotFound

__all__ = ["DEFAULT_FOLDER", "FAMILIES", "Typefaces", "open_typefaces"]

DEFAULT_FOLDER: Final = Path("/usr/share/fonts/opentype/noto")
FAMILIES: Final = ("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Sans Mono CJK SC")
# Format characters could turn a line around or hide in it; the others cannot be shown.
_UNSHOWN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_LONG_WORD: Final = re.compile(r"[!-~]{25,}")
_GROUPED_MAP: Final = 12  # a `cmap` table of ranges over all of Unicode


@dataclass(frozen=True)
class Typefaces:
    """The faces of a folder: their files, and the face of each family within its file."""

    folder: Path
    faces: tuple[tuple[Path, int], ...]

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 over the files: other files set other bytes."""
        found = hashlib.sha256()
        for path in sorted({path for path, _index in self.faces}):
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.digest()

    @cached_property
    def _covered(self) -> tuple["_Coverage", ...]:
        return tuple(_Coverage.of(path.read_bytes(), index) for path, index in self.faces)

    @cached_property
    def _known(self) -> dict[str, str]:
        return {}

    def has(self, character: str) -> bool:
        """Whether every face can show a character."""
        return all(character in coverage for coverage in self._covered)

    def shown(self, text: str) -> str:
        """The text with every character that cannot be shown as `〔U+20BB7〕`; white space becomes spaces."""
        known = self._known
        for character in set(text) - known.keys():
            known[character] = self._shown(character)
        return "".join(known[character] for character in text)

    def breakable(self, text: str) -> str:
        """The text as it is shown, with places to break a line in words too long for one."""
        return _LONG_WORD.sub(lambda word: "\u200b".join(word[0]), self.shown(text))

    def _shown(self, character: str) -> str:
        if character.isspace():
            return " "
        if character.isascii() and character.isprintable():
            return character
        if unicodedata.category(character) in _UNSHOWN or not self.has(character):
            return f"〔U+{ord(character):04X}〕"
        return character


def open_typefaces(folder: Path = DEFAULT_FOLDER) -> Typefaces:
    """The faces in a folder; NotFound says which family is missing and where it comes from."""
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    ours = [face for face in found.fonts() if face.family in FAMILIES and face.path]
    missing = sorted(set(FAMILIES) - {face.family for face in ours})
    if missing:
        raise NotFound(
            f"The typeface {missing[0]} is not in {folder}.",
            remedy="Install Debian's package fonts-noto-cjk, or name the folder of its files in GEC_FONTS.",
        )
    return Typefaces(folder, tuple(sorted((Path(str(face.path)), face.index) for face in ours)))


@dataclass(frozen=True, slots=True)
class _Coverage:
    """The characters of one face as sorted, disjoint, closed ranges of code points."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __contains__(self, character: str) -> bool:
        at = bisect_right(self.starts, ord(character)) - 1
        return at >= 0 and ord(character) <= self.ends[at]

    @classmethod
    def of(cls, file: bytes, index: int) -> "_Coverage":
        """The coverage of a face of an OpenType collection, from its grouped `cmap` (OpenType 1.9, `cmap`)."""
        groups = sorted(_groups(file, _cmap_of(file, index)))
        return cls(tuple(start for start, _end in groups), tuple(end for _start, end in groups))


def _cmap_of(file: bytes, index: int) -> int:
    """Where the face's `cmap` table lies in the file."""
    face = struct.unpack_from(">I", file, 12 + 4 * index)[0] if file[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", file, face + 4)
    for at in range(face + 12, face + 12 + 16 * tables, 16):
        tag, _checksum, offset, _length = struct.unpack_from(">4sIII", file, at)
        if tag == b"cmap":
            return int(offset)
    raise NotFound("A typeface has no cmap table.", remedy="Install Debian's package fonts-noto-cjk.")


def _groups(file: bytes, cmap: int) -> Iterator[tuple[int, int]]:
    """First and last code point of every group that leads to a glyph."""
    (count,) = struct.unpack_from(">H", file, cmap + 2)
    for number in range(count):
        _platform, _encoding, offset = struct.unpack_from(">HHI", file, cmap + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", file, cmap + offset)
        if form == _GROUPED_MAP:
            (groups,) = struct.unpack_from(">I", file, cmap + offset + 12)
            for group in range(groups):
                start, end, glyph = struct.unpack_from(">III", file, cmap + offset + 16 + 12 * group)
                if glyph:
                    yield start, end
            return
