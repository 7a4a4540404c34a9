"""`gec backup` and `gec restore`: what cannot be rebuilt from the chain, out to a folder and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from gecchain.backup import Manifest, Places, make_backup, restore_backup
from gecchain.chain.rpc import Rpc
from gecchain.cli.context import Context
from gecchain.errors import BrokenProof, GecError

__all__ = ["backup", "restore"]


def backup(
    call: typer.Context,
    folder: Annotated[Path, typer.Argument(help="New folder, for instance /backup/2026-11-25.")],
) -> None:
    """Copy databases, evidence, keys (encrypted as they are), roles and deployment to a folder, while all of it runs.

    The projection is left out, gec index makes it again; the chain is backed up by its other validators. Passwords of
    keystores and seal are left out as well: keep them elsewhere. The folder holds identity.key: keep it as safe.
    """
    context: Context = call.obj
    _ = context.readings, context.webhooks  # they bring databases up, so that there is something to copy
    manifest = make_backup(places_of(context), folder, _chain_of(context), told=context.screen.say)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    context.screen.say(f"{folder}: {len(manifest.files):,} files, {size:,} bytes, {_block(manifest)}")
    context.screen.document(_document(manifest, folder))
    if manifest.damaged:
        raise BrokenProof(
            f"{len(manifest.damaged)} evidences are damaged and not in the backup, the first is {manifest.damaged[0]}",
            where=manifest.damaged[0],
            remedy="See gec evidence check; put them right from an earlier backup.",
        )


def restore(
    call: typer.Context, folder: Annotated[Path, typer.Argument(help="Folder that gec backup finished.")]
) -> None:
    """Put a backup into an empty home (--home), empty databases and an empty evidence room, then run gec index.

    An incomplete or altered folder is refused, and so is a home in which there is anything.
    """
    context: Context = call.obj
    manifest = restore_backup(places_of(context), folder)
    context.screen.say(
        f"{context.settings.home}: restored, made {manifest.made_at}, {_block(manifest)}. Put the password files in "
        "place, then: gec index, gec fsck."
    )
    context.screen.document(_document(manifest, folder))


def places_of(context: Context) -> Places:
    """Where this home keeps what is backed up."""
    settings = context.settings
    return Places(
        home=settings.home,
        deployment=settings.deployment_file,
        seal=settings.seal_file,
        evidence=settings.evidence_location,
        databases={"intake": settings.working_url, "desk": settings.desk_location},
    )


def _chain_of(context: Context) -> dict[str, Any]:
    """The chain's newest block; nothing where no node answers: a backup is wanted then most of all."""
    try:
        with Rpc(context.settings.rpc_url, timeout=5.0) as rpc:
            head = rpc.request("eth_getBlockByNumber", "latest", False)
            chain = int(rpc.request("eth_chainId"), 16)
    except GecError as error:
        context.screen.trouble("no_node", f"no node answers, so the backup names no block: {error}")
        return {}
    return {"id": chain, "block": int(head["number"], 16), "hash": head["hash"]}


def _block(manifest: Manifest) -> str:
    return f"begun at block {manifest.chain['block']:,}" if manifest.chain else "no block known"


def _document(manifest: Manifest, folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "made_at": manifest.made_at,
        "chain": dict(manifest.chain),
        "files": len(manifest.files),
        "databases": [{"kind": one.kind, "stores": list(one.stores)} for one in manifest.databases],
        "damaged": list(manifest.damaged),
    }
