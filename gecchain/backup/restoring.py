"""Putting a backup back: checked whole first, then into a home that is empty, and never over anything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gecchain.backup.manifest import Database, Manifest, check_backup
from gecchain.backup.places import EVIDENCE, HOME, Places
from gecchain.errors import BadInput, Refused
from gecchain.evidence import EvidenceRoom
from gecchain.store.copying import copy_in, kind_of, require_free
from gecchain.trail import Trail

__all__ = ["restore_backup"]

trail = Trail(__name__)
_FILLING: Final = ".restoring"
# Until it is there no command works on the home: it comes last.
_LAST: Final = "deployment.json"


def restore_backup(places: Places, folder: Path) -> Manifest:
    """Fill home, databases and evidence room from a backup; all of them must be empty.

    Errors of `check_backup`; Refused if there is something already, BadInput if the backup's databases are of another
    kind, or together where ours are apart. Nothing is touched before all of that is known.
    """
    manifest = check_backup(folder)
    urls = _targets(places, manifest.databases)
    _require_empty(places, urls, manifest.databases)
    filling = places.home / _FILLING
    filling.mkdir(parents=True, mode=0o700)
    names = sorted(name.removeprefix(f"{HOME}/") for name in manifest.files if name.startswith(f"{HOME}/"))
    for name in names:
        _copy_file(folder / HOME / name, places.place_of(name, filling))
    for database, url in zip(manifest.databases, urls, strict=True):
        copy_in(folder / database.file, url)
    for _finding in EvidenceRoom(str(folder / EVIDENCE)).copied_to(EvidenceRoom(places.evidence)):
        pass
    for entry in sorted(filling.iterdir(), key=lambda one: one.name == _LAST):
        entry.rename(places.home / entry.name)
    filling.rmdir()
    trail.info("backup_restored", files=len(manifest.files), made_at=manifest.made_at)
    return manifest


def _targets(places: Places, databases: Sequence[Database]) -> list[str]:
    """The URL into which each database goes."""
    by_stores = {tuple(stores): url for url, stores in places.stores_by_url.items()}
    urls = []
    for database in databases:
        together = " and ".join(database.stores)
        url = by_stores.get(tuple(database.stores))
        if url is None:
            raise BadInput(
                f"the backup has {together} in one database",
                field="database",
                remedy="Set GEC_DATABASE_URL, GEC_INTAKE_URL and GEC_DESK_URL as they were when it was made.",
            )
        if kind_of(url) != database.kind:
            raise BadInput(
                f"the backup has {together} in {database.kind}",
                field="database",
                value=kind_of(url),
                remedy=f"Name an empty {database.kind} database in GEC_DATABASE_URL, GEC_INTAKE_URL or GEC_DESK_URL.",
            )
        urls.append(url)
    return urls


def _require_empty(places: Places, urls: Sequence[str], databases: Sequence[Database]) -> None:
    if places.home.exists() and any(places.home.iterdir()):
        raise Refused(
            f"{places.home} is not empty",
            reason="NotEmpty",
            remedy="Name a new home folder with --home, or move the old one away.",
        )
    for url, database in zip(urls, databases, strict=True):
        require_free(url, database.stores)
    for outside in (places.deployment, places.seal):
        if outside.exists():
            raise Refused(f"{outside} is there already", reason="NotEmpty", remedy="Move it away first.")
    if next(iter(EvidenceRoom(places.evidence).check()), None) is not None:
        raise Refused("the evidence room is not empty", reason="NotEmpty", remedy="Set GEC_EVIDENCE_URL to a new one.")


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
