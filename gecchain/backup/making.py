"""Making a backup while everything runs.

The order is what makes it whole: the chain's block first, then the databases, then the evidence, which is always put
into its room before a database names it. What happens meanwhile may be in it or not; what it has fits together.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gecchain import __version__
from gecchain.backup.manifest import VERSION, Database, Manifest, digest_of, files_below, write_manifest
from gecchain.backup.places import DATABASES, EVIDENCE, HOME, Places
from gecchain.errors import Refused
from gecchain.evidence import Condition, EvidenceRoom
from gecchain.store.copying import copy_out, kind_of
from gecchain.trail import Trail

__all__ = ["make_backup"]

trail = Trail(__name__)
_ENDINGS: Final = {"sqlite": "db", "postgresql": "dump"}


def make_backup(
    places: Places, folder: Path, chain: Mapping[str, Any], *, told: Callable[[str], None] = lambda _what: None
) -> Manifest:
    """Copy everything into a new folder and return its manifest; `chain` is the block at which it begins.

    Refused if there is something in the folder. Whatever fails, no folder of this name is left that looks complete.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} is not empty", reason="NotEmpty", remedy="Name a new folder for each backup.")
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    try:
        manifest = _fill(places, partial, chain, told)
        if folder.exists():
            folder.rmdir()
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    trail.info("backup_made", files=len(manifest.files), block=chain.get("block"), damaged=len(manifest.damaged))
    return manifest


def _fill(places: Places, folder: Path, chain: Mapping[str, Any], told: Callable[[str], None]) -> Manifest:
    databases = []
    (folder / DATABASES).mkdir()
    for url, stores in places.stores_by_url.items():
        kind, name = kind_of(url), "-".join(stores)
        told(f"database {name}")
        file = f"{DATABASES}/{name}.{_ENDINGS[kind]}"
        copy_out(url, stores, folder / file)
        databases.append(Database(file, kind, stores))
    told("evidence")
    damaged = _copy_evidence(places, folder)
    told("keys, roles and deployment")
    for name, source in places.files():
        if source.is_file():
            _copy_file(source, folder / HOME / name)
    manifest = Manifest(
        version=VERSION,
        program=__version__,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        chain=chain,
        databases=databases,
        files={name: digest_of(folder / name) for name in sorted(files_below(folder))},
        damaged=damaged,
    )
    write_manifest(folder, manifest)
    return manifest


def _copy_evidence(places: Places, folder: Path) -> list[str]:
    """Those that are not whole; what has no label yet is on its way in and nobody's evidence."""
    findings = EvidenceRoom(places.evidence).copied_to(EvidenceRoom(str(folder / EVIDENCE)))
    bad = [one for one in findings if one.condition in (Condition.DAMAGED, Condition.MISSING)]
    shutil.rmtree(folder / EVIDENCE / "incoming", ignore_errors=True)
    return ["0x" + one.digest.hex() for one in bad]


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
