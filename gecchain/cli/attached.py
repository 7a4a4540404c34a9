"""Evidence that a verb names: a file, which goes into the evidence room, or the hash of one that is there."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from gecchain.cli.context import Context
from gecchain.errors import BadInput
from gecchain.evidence import EvidenceRoom, parse_digest

__all__ = ["EvidenceOption", "attach", "attach_list"]

_HASH_LENGTH: Final = 66
EvidenceOption = Annotated[
    str, typer.Option("--evidence", help="File that proves it, kept in the evidence room; or the hash of one there.")
]


def attach(context: Context, given: str, account: str, readers: Iterable[str] = ()) -> bytes:
    """The hash of an evidence, 32 bytes, once the room has it: `account` hands it in, `readers` may read it too.

    BadInput, before anything is sent, for a file that cannot be read or a hash that is not in the room.
    """
    room = EvidenceRoom(context.settings.evidence_location)
    path = Path(given)
    if path.is_file():
        with path.open("rb") as stream:
            return room.put(stream, name=path.name, account=account, readers=readers).digest
    if given[:2] not in ("0x", "0X") or len(given) != _HASH_LENGTH:
        raise BadInput("there is no such file", field="evidence", value=given, remedy="Name a file, or a hash.")
    digest = parse_digest(given)
    if not room.has(digest):
        raise BadInput(
            "the evidence room has no file of this hash",
            field="evidence",
            value=given,
            remedy="Hand the file in: name it here, or gec evidence put.",
        )
    return digest


def attach_list(context: Context, digests: Iterable[bytes], account: str, readers: Iterable[str] = ()) -> bytes:
    """The hash of several evidences together: of the file that lists their sorted hashes, 32 bytes each.

    That file is put into the room as well, so that one hash leads to all of them.
    """
    content = b"".join(sorted(set(digests)))
    room = EvidenceRoom(context.settings.evidence_location)
    name, kind = "evidence.list", "application/octet-stream"
    return room.put(io.BytesIO(content), name=name, account=account, media_type=kind, readers=readers).digest
