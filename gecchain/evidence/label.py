"""What is known of a file besides its bytes: a small label beside it, in canonical JSON, that says who may read it.

The issuing authority and the information centre may always read and are never named. The label is ours; the chain
knows nothing of it.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from gecchain.errors import BadInput, EvidenceDamaged
from gecchain.proofs import canonical_json

__all__ = ["Label", "parse_account", "parse_digest"]

_VERSION: Final = 1
_LONGEST_NAME: Final = 120
_ANY_TYPE: Final = "application/octet-stream"
_DIGEST: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")
_ACCOUNT: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")


@dataclass(frozen=True, slots=True)
class Label:
    """A file in the room: `digest` is the Keccak-256 of its `size` bytes, 32 bytes as the contracts take them.

    `handed_in_by` and `readers` are accounts (0x, lower case); who handed it in is a reader too.
    """

    digest: bytes
    size: int
    name: str
    media_type: str
    handed_in_by: str
    readers: frozenset[str]

    @classmethod
    def of(cls, name: str, media_type: str, account: str, readers: Iterable[str]) -> Label:
        """The label of a file that is still to be measured. BadInput for what is no account or no media type."""
        by = parse_account("account", account)
        others = {parse_account("reader", reader) for reader in readers}
        return cls(b"", 0, _safe_name(name), _media_type(media_type, name), by, frozenset({by, *others}))

    @property
    def hex(self) -> str:
        """The digest as 0x text."""
        return "0x" + self.digest.hex()

    def measured(self, digest: bytes, size: int) -> Label:
        """The same of a file with this digest and size."""
        return replace(self, digest=digest, size=size)

    def shared(self, readers: Iterable[str]) -> Label:
        """The same with more readers."""
        return replace(self, readers=self.readers.union(readers))

    def document(self) -> dict[str, Any]:
        """As JSON values, readers in order."""
        return {
            "digest": self.hex,
            "handed_in_by": self.handed_in_by,
            "media_type": self.media_type,
            "name": self.name,
            "readers": sorted(self.readers),
            "size": self.size,
            "version": _VERSION,
        }

    def content(self) -> bytes:
        """As canonical JSON."""
        return canonical_json(self.document())

    @classmethod
    def parse(cls, digest: bytes, content: bytes) -> Label:
        """The label of that digest, read back. EvidenceDamaged unless `content` is, byte for byte, such a label."""
        try:
            read = orjson.loads(content)
            size, name, kind = int(read["size"]), str(read["name"]), str(read["media_type"])
            label = cls.of(name, kind, read["handed_in_by"], read["readers"]).measured(digest, size)
            whole = label.content() == content
        except (orjson.JSONDecodeError, BadInput, KeyError, TypeError, ValueError):
            whole = False
        if not whole:
            raise EvidenceDamaged(
                f"the label of the evidence 0x{digest.hex()} is damaged",
                where="0x" + digest.hex(),
                remedy="Restore it from the backup, or hand the file in again after removing the label.",
            )
        return label


def parse_digest(text: str) -> bytes:
    """The 32 bytes of an evidence hash as typed. BadInput if it is none."""
    if _DIGEST.fullmatch(text) is None:
        raise BadInput(
            "This is no evidence hash.", field="hash", value=text, remedy="It is 0x and 64 hexadecimal digits."
        )
    return bytes.fromhex(text[2:])


def parse_account(field: str, text: str) -> str:
    """An account in lower case. BadInput, naming `field`, if it is none."""
    if not isinstance(text, str) or _ACCOUNT.fullmatch(text) is None:
        raise BadInput(
            "This is no account.", field=field, value=str(text), remedy="It is 0x and 40 hexadecimal digits."
        )
    return text.lower()


def _safe_name(name: str) -> str:
    """The last part of a path without what could deceive: control and direction characters, too great a length."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter for letter in last if letter.isprintable()).strip(" .")
    if len(shown) <= _LONGEST_NAME:
        return shown or "evidence"
    stem, dot, ending = shown.rpartition(".")
    ending = (dot + ending)[:20] if stem else ""
    return shown[: _LONGEST_NAME - len(ending)] + ending


def _media_type(given: str, name: str) -> str:
    found = (given or mimetypes.guess_type(name)[0] or _ANY_TYPE).lower()
    if _MEDIA_TYPE.fullmatch(found) is None:
        raise BadInput(
            "This is no media type.", field="media_type", value=given, remedy="For instance application/pdf."
        )
    return found
