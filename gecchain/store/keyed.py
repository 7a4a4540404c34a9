"""Rows by their keys, many at once, whatever the key: read what events touch, delete what is undone.

A list of keys of several columns is no way to ask SQLite: it walks the whole table for it, which nobody notices before
the table is large. There each key is a statement of its own; one that is prepared costs a few microseconds. PostgreSQL,
where each statement is a message, is given an array for each column of the key.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, and_, bindparam, delete, select

from gecchain.ledger import ENTITIES
from gecchain.store.prepared import Prepared, unnested
from gecchain.store.tables import ENTITY_TABLES

__all__ = ["BY_KEY", "delete_rows", "rows_of"]


def rows_of(db: Connection, kind: str, keys: Sequence[Any]) -> Iterator[Any]:
    """The rows of an entity's keys that there are; a key of several columns is a tuple."""
    names = ENTITIES[kind][1]
    if len(names) == 1:
        yield from _AMONG[kind].rows(db, keys=keys)
    elif db.dialect.name == "sqlite":
        for key in keys:
            yield from BY_KEY[kind].rows(db, **dict(zip(names, key, strict=True)))
    elif keys:
        parts = dict(zip(names, map(list, zip(*keys, strict=True)), strict=True))
        yield from _AT_ONCE[kind].rows(db, **parts)


def delete_rows(db: Connection, table: Table, names: Sequence[str], keys: Sequence[Any]) -> None:
    """Delete the rows of those keys; a key of several columns is a tuple or list."""
    if not keys:
        return
    one = delete(table).where(*(table.c[name] == bindparam(f"key_{name}") for name in names))
    given = keys if len(names) > 1 else [(key,) for key in keys]
    db.execute(one, [{f"key_{name}": part for name, part in zip(names, key, strict=True)} for key in given])


def _by_key(kind: str) -> Prepared:
    table = ENTITY_TABLES[kind]
    return Prepared(select(table).where(*(table.c[name] == bindparam(name) for name in ENTITIES[kind][1])))


BY_KEY: Final[Mapping[str, Prepared]] = {kind: _by_key(kind) for kind in ENTITIES}
"""One row of an entity by the columns of its key."""


def _at_once(kind: str) -> Prepared:
    table, names = ENTITY_TABLES[kind], ENTITIES[kind][1]
    keys = unnested(table.c[name] for name in names)
    return Prepared(select(table).join(keys, and_(*(table.c[name] == keys.c[name] for name in names))))


_AT_ONCE: Final = {kind: _at_once(kind) for kind, (_shape, key) in ENTITIES.items() if len(key) > 1}
_AMONG: Final = {
    kind: Prepared(select(ENTITY_TABLES[kind]), among=ENTITY_TABLES[kind].c[key[0]])
    for kind, (_shape, key) in ENTITIES.items()
    if len(key) == 1
}
