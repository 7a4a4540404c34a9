"""Databases that cannot be rebuilt, copied while they are written to, and put back.

SQLite is copied with VACUUM INTO, PostgreSQL with pg_dump and pg_restore: both see one instant and hold up nobody.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL, MetaData, inspect
from sqlalchemy.engine import make_url

from gecchain.errors import BadInput, NotFound, Refused, Unavailable
from gecchain.store.desk.tables import desk_metadata
from gecchain.store.engine import connected, open_engine
from gecchain.store.hooks.tables import hook_metadata
from gecchain.store.intake.tables import intake_metadata

__all__ = ["STORES", "copy_in", "copy_out", "kind_of", "require_free"]

STORES: Final[Mapping[str, Sequence[MetaData]]] = {
    "intake": (intake_metadata,),
    "desk": (desk_metadata, hook_metadata),
}
_DEBIAN: Final = Path("/usr/lib/postgresql")
_LONGEST_REASON: Final = 500


def kind_of(url: str) -> str:
    """`sqlite` or `postgresql`; BadInput for any other URL."""
    engine = open_engine(url)
    engine.dispose()
    return str(engine.dialect.name)


def copy_out(url: str, stores: Sequence[str], target: Path) -> None:
    """Copy the stores that are in this database to a file. Unavailable when it does not answer or is full."""
    if kind_of(url) == "sqlite":
        _vacuum(_file_of(url), target)
        return
    tables = [word for name in _tables(url, stores) for word in ("--table", f"public.{name}")]
    words = ["--format=custom", "--no-owner", "--no-privileges", "--file", str(target), *tables]
    _run("pg_dump", url, words)


def require_free(url: str, stores: Sequence[str]) -> None:
    """Refused if there is something of these stores already."""
    if kind_of(url) == "sqlite":
        file = _file_of(url)
        if file.exists():
            raise Refused(f"there is a database at {file} already", reason="NotEmpty", remedy="Move it away first.")
        return
    found = _tables(url, stores)
    if found:
        raise Refused(
            f"the database has a table {found[0]} already", reason="NotEmpty", remedy="Restore into an empty database."
        )


def copy_in(source: Path, url: str) -> None:
    """Put a copy in its place, all of it or nothing; the place is free (see `require_free`)."""
    if kind_of(url) == "postgresql":
        _run("pg_restore", url, ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", source])
        return
    target = _file_of(url)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    shutil.copyfile(source, partial)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.rename(target)


def _vacuum(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=30)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(target)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise Unavailable(f"{source} cannot be copied: {error}", remedy="Is there room, and is it whole?") from error
    if said != "ok":
        raise Unavailable(f"the copy of {source} is not whole: {said}", remedy="Check the disk, and try again.")


def _tables(url: str, stores: Sequence[str]) -> list[str]:
    """Tables of these stores that are there."""
    engine = open_engine(url)
    try:
        with connected(engine) as connection:
            known = set(inspect(connection).get_table_names())
    finally:
        engine.dispose()
    wanted = [table.name for store in stores for metadata in STORES[store] for table in metadata.sorted_tables]
    return [name for name in wanted if name in known]


def _file_of(url: str) -> Path:
    database = make_url(url).database
    if not database or database == ":memory:":
        raise BadInput("a database in memory cannot be kept", field="database", value=url)
    return Path(database)


def _run(program: str, url: str, words: Sequence[str | Path]) -> None:
    """The password goes through the environment: command lines can be read by everybody on a machine."""
    parsed: URL = make_url(url)
    plain = parsed.set(drivername="postgresql", password=None).render_as_string()
    variables = {**os.environ, **({"PGPASSWORD": str(parsed.password)} if parsed.password else {})}
    command = [_program(program), "--no-password", "--dbname", plain, *map(str, words)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    if done.returncode != 0:
        raise Unavailable(
            f"{program} failed: {done.stderr.strip()[-_LONGEST_REASON:]}",
            remedy="Is the database there, is there room, and is the program as new as the server?",
        )


def _program(name: str) -> str:
    versions = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda file: int(file.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if not found:
        raise NotFound(f"{name} is not installed", remedy="Install PostgreSQL's client programs.")
    return found
