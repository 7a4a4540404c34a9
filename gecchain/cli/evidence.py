"""`gec evidence`: files that declarations, corrections and disputes rest on, kept by the hash that the chain has."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.errors import BadInput, BrokenProof
from gecchain.evidence import SIZE_LIMIT, Condition, EvidenceRoom, parse_digest
from gecchain.evidence.label import parse_account

__all__ = ["app"]

app = typer.Typer(
    help="""Evidence (证明材料): files whose hash stands on the chain, kept by that hash, readable by who may.

The hash is the Keccak-256 of the file's bytes. The room is the folder evidence in the home folder, or the fsspec URL
in GEC_EVIDENCE_URL. These commands work on the room itself; over HTTP, /v1/evidence/HASH asks for a signed request.""",
    no_args_is_help=True,
)
_MEBIBYTE = 1 << 20


@app.command("put")
def put(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="File to hand in, for instance a settlement sheet.")],
    account: Annotated[str, typer.Option(help="Account (0x…) that hands it in; it may read it.")],
    reader: Annotated[list[str] | None, typer.Option(help="Further account that may read it; repeat for more.")] = None,
    media_type: Annotated[str, typer.Option(help="Media type; by default what the file's name says.")] = "",
    limit: Annotated[int, typer.Option(help="Largest file that is taken, in MiB.", min=1)] = SIZE_LIMIT // _MEBIBYTE,
) -> None:
    """Take a file into the room and show its hash: what a declaration or a dispute names on the chain.

    The same file again changes nothing, but for readers who are new. The authority and the information centre may
    always read. Accounts must be open on the chain. Example: gec evidence put sheet.pdf --account 0x… --reader 0x…
    """
    context: Context = call.obj
    readers = [parse_account("reader", one) for one in reader or []]
    _require_open(context, [parse_account("account", account), *readers])
    room = EvidenceRoom(context.settings.evidence_location, size_limit=limit * _MEBIBYTE)
    with file.open("rb") as stream:
        label = room.put(stream, name=file.name, account=account, media_type=media_type, readers=readers)
    context.screen.say(f"{label.hex}  {label.size:,} bytes, {label.media_type}, readable by {len(label.readers)}")
    context.screen.document(label.document())


@app.command("get")
def get(
    call: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="HASH", help="Evidence hash as the chain has it (0x and 64).")],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write; one that exists is replaced.")],
) -> None:
    """Copy an evidence out of the room, checked against its hash: whole, or not at all.

    Exit status 1 if it is not there or its bytes are damaged. Example: gec evidence get 0x… -o sheet.pdf
    """
    context: Context = call.obj
    wanted, room = parse_digest(digest), _room(context)
    label = room.label(wanted)
    _write_whole(output, room.get(wanted))
    context.screen.say(f"{output}: {label.size:,} bytes, {label.media_type}, handed in as {label.name}")
    context.screen.document({**label.document(), "file": str(output)})


@app.command("list")
def list_evidence(call: typer.Context) -> None:
    """Show every evidence of the room with its hash, size, name, and who handed it in."""
    context: Context = call.obj
    labels = list(_room(context).list())
    rows = [
        (one.hex, f"{one.size:,}", one.media_type, one.name, one.handed_in_by, len(one.readers) - 1) for one in labels
    ]
    context.screen.table("Evidence", ["hash", "bytes", "type", "name", "handed in by", "other readers"], rows)
    context.screen.document([one.document() for one in labels])


@app.command("check")
def check(call: typer.Context) -> None:
    """Hash every file of the room again; name what is damaged, missing or without a label.

    Exit status 0 if all are whole, else 1. What is damaged or missing is put right by handing in the same file again;
    a label that is damaged must be restored from the backup.
    """
    context: Context = call.obj
    found: Counter[Condition] = Counter()
    bad: list[tuple[str, str]] = []
    with context.screen.progress("hashing evidence", None) as advance:
        for one in _room(context).check():
            found[one.condition] += 1
            if one.condition is not Condition.WHOLE:
                bad.append(("0x" + one.digest.hex(), one.condition.value))
            advance(1)
    if bad:
        context.screen.table("Not whole", ["hash", "what"], bad)
    context.screen.say(f"{found.total():,} checked, {found[Condition.WHOLE]:,} whole")
    faults = [{"hash": digest, "condition": condition} for digest, condition in bad]
    context.screen.document({"checked": found.total(), "whole": found[Condition.WHOLE], "faults": faults})
    if bad:
        raise BrokenProof(
            f"{len(bad)} of {found.total()} evidences are not whole",
            where=bad[0][0],
            remedy="Hand the same files in again with gec evidence put, or restore them from the backup.",
        )


def _room(context: Context) -> EvidenceRoom:
    return EvidenceRoom(context.settings.evidence_location)


def _require_open(context: Context, accounts: Iterable[str]) -> None:
    """A mistyped account would lock everybody out: each must be open on the chain."""
    wanted = list(accounts)
    found = context.reader.views([View("registry", "account", (account,)) for account in wanted])
    for account, (struct,) in zip(wanted, found, strict=True):
        _operator, kind, *_rest = struct
        if kind == 0:
            raise BadInput(
                "There is no such account on the chain.",
                field="account",
                value=account,
                remedy="Check the address, or open it with gec accounts open.",
            )


def _write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
