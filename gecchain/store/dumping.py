"""The index in one canonical form: who follows the same chain to the same block has the same bytes, on any database.

So two indexers, or one before and after a rebuild, are compared by a hash. Left out is what depends on how and when a
chain was followed: the journal of undone blocks, headers kept for reorganisations, the cursor's clock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Engine, String, Table, select

from gecchain.errors import BrokenProof
from gecchain.store.engine import connected
from gecchain.store.tables import metadata

__all__ = ["Dump", "dump"]

_OF_FOLLOWING: Final = frozenset({"blocks", "cursor", "orphans", "undo"})
_FORMAT: Final = 1
_ROWS: Final = 10_000
_EXACT_BITS: Final = 53


@dataclass(frozen=True, slots=True)
class Dump:
    """What was written: rows, and the SHA-256 of the file in hex."""

    block: int
    rows: int
    sha256: str


def dump(engine: Engine, path: Path) -> Dump:
    """Write everything indexed as lines of JSON: what was followed how far, then `[table, cell, …]` by table and key.

    All as of one moment, whatever an indexer does meanwhile. The file is there whole or not at all. BrokenProof if
    nothing is indexed.
    """
    digest, rows, block = sha256(), 0, 0
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        for line in _lines(engine):
            file.write(line)
            digest.update(line)
            block = block if rows else int(orjson.loads(line)["block"])
            rows += 1
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    return Dump(block, rows - 1, digest.hexdigest())


def _lines(engine: Engine) -> Iterator[bytes]:
    level = "REPEATABLE READ" if engine.dialect.name == "postgresql" else "SERIALIZABLE"
    with connected(engine.execution_options(isolation_level=level)) as db:
        yield _head(db)
        for table in sorted(metadata.tables.values(), key=lambda table: table.name):
            if table.name not in _OF_FOLLOWING:
                yield from _rows(db, table)


def _head(db: Connection) -> bytes:
    cursor = metadata.tables["cursor"].c
    row = db.execute(select(cursor.deployment, cursor.block, cursor.hash)).first()
    if row is None:
        raise BrokenProof("Nothing is indexed yet.", where="cursor", remedy="Run gec index.")
    tables = {name: [column.name for column in table.columns] for name, table in metadata.tables.items()}
    kept = {name: columns for name, columns in sorted(tables.items()) if name not in _OF_FOLLOWING}
    facts = {"format": _FORMAT, "deployment": row.deployment, "block": row.block, "hash": row.hash, "tables": kept}
    return _line(facts)


def _rows(db: Connection, table: Table) -> Iterator[bytes]:
    keys = [_by_bytes(db, column) for column in table.primary_key.columns]
    for row in db.execution_options(yield_per=_ROWS).execute(select(table).order_by(*keys)):
        yield _line([table.name, *map(_cell, row)])


def _by_bytes(db: Connection, column: Column[Any]) -> ColumnElement[Any]:
    """Text in the order of its bytes, as SQLite has it by itself."""
    text = isinstance(column.type, String) and db.dialect.name == "postgresql"
    return column.collate("C") if text else column


def _cell(value: Any) -> Any:
    """Integers of more than 53 bits as text: most readers of JSON would round them."""
    return str(value) if isinstance(value, int) and value.bit_length() > _EXACT_BITS else value


def _line(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
