"""Rows to ledger values and back: load what events touch, save what they changed, and undo a block.

The difference between the state before and after is both what is written and, turned round, what the journal keeps.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from gecchain.events import Recorded
from gecchain.ledger import ENTITIES, Keys, Parameters, Segment, State, Totals, key_of, reached, touches
from gecchain.rules.purposes import AccountKind
from gecchain.store.keyed import delete_rows, rows_of
from gecchain.store.prepared import Prepared, PreparedRows, unnested
from gecchain.store.tables import ENTITY_TABLES, accounts, parameters, segments, totals

__all__ = ["Changes", "difference", "load", "load_everything", "pack_undo", "restore", "save", "snapshot"]


@dataclass(frozen=True, slots=True)
class Changes:
    """Values to write by entity, and the values before (None where there was none), key by key."""

    after: dict[str, list[Any]]
    before: dict[str, list[tuple[Any, Any]]]


def load(db: Connection, recorded: Sequence[Recorded]) -> State:
    """The part of the state that the events touch, as it stands in SQL."""
    state = State()
    _load_provinces(db, state)
    keys = touches(recorded)
    _load_keys(db, state, keys)
    state.totals[1] = next((Totals(*row) for row in _TOTALS.rows(db)), Totals())
    state.parameters[1] = next((Parameters(*row) for row in _PARAMETERS.rows(db)), Parameters())
    _load_keys(db, state, reached(state, [at.event for at in recorded]))
    return state


def load_everything(db: Connection) -> State:
    """The whole state in SQL, for comparisons."""
    state = State()
    for kind, table in ENTITY_TABLES.items():
        for row in db.execute(select(table)):
            _put(state, kind, ENTITIES[kind][0](*row))
    return state


def _load_provinces(db: Connection, state: State) -> None:
    state.provinces.update(dict(_PROVINCES.rows(db)))


_PROVINCES: Final = Prepared(
    select(accounts.c.province, accounts.c.address).where(accounts.c.kind == AccountKind.PROVINCE.value)
)
_TOTALS: Final = Prepared(select(totals))
_PARAMETERS: Final = Prepared(select(parameters))


def _load_keys(db: Connection, state: State, keys: Keys) -> None:
    for kind, wanted in keys.entities.items():
        shape = ENTITIES[kind][0]
        missing = [key for key in wanted if key not in getattr(state, kind)]
        for row in rows_of(db, kind, missing):
            _put(state, kind, shape(*row))
    for row in _overlapping(db, list(keys.ranges)):
        state.put_segment(Segment(*row))


def _overlapping(db: Connection, ranges: list[tuple[int, int, int]]) -> Iterator[Any]:
    """The segments that overlap ranges `(batch, start, end)`: from the last that begins at or before the start."""
    if db.dialect.name == "sqlite":
        for batch, start, end in ranges:
            yield from _OVERLAPPING.rows(db, batch=batch, start=start, end=end)
    elif ranges:
        batches, starts, ends = map(list, zip(*ranges, strict=True))
        yield from _ALL_OVERLAPPING.rows(db, batch=batches, start=starts, end=ends)


def _reaching(batch: ColumnElement[int], start: ColumnElement[int], end: ColumnElement[int]) -> ColumnElement[bool]:
    before = segments.alias("before")
    first = select(func.max(before.c.start)).where(before.c.batch == batch, before.c.start <= start)
    return and_(segments.c.batch == batch, segments.c.start >= first.scalar_subquery(), segments.c.start < end)


_GIVEN: Final = unnested(segments.c[name] for name in ("batch", "start", "end"))
_ALL_OVERLAPPING: Final = Prepared(select(segments).join(_GIVEN, _reaching(*_GIVEN.c)))
_OVERLAPPING: Final = Prepared(
    select(segments).where(_reaching(bindparam("batch"), bindparam("start"), bindparam("end")))
)


def _put(state: State, kind: str, value: Any) -> None:
    if kind == "segments":
        state.put_segment(value)
    elif kind == "accounts":
        state.put_account(value, provincial=value.kind == AccountKind.PROVINCE)
    else:
        getattr(state, kind)[key_of(kind, value)] = value


def snapshot(state: State) -> dict[str, dict[Any, Any]]:
    """The state's values as they are now; values are frozen, so copying the dicts is enough."""
    return {kind: dict(getattr(state, kind)) for kind in ENTITIES}


def difference(before: dict[str, dict[Any, Any]], state: State) -> Changes:
    """What is new or other than before. The fold never removes."""
    after: dict[str, list[Any]] = {}
    old: dict[str, list[tuple[Any, Any]]] = {}
    for kind in ENTITIES:
        known = before[kind]
        changed = [(key, value) for key, value in getattr(state, kind).items() if known.get(key) is not value]
        if changed:
            after[kind] = [value for _key, value in changed]
            old[kind] = [(key, known.get(key)) for key, _value in changed]
    return Changes(after, old)


def save(db: Connection, changes: Changes) -> None:
    """Writes new and changed values."""
    for kind, values in changes.after.items():
        _put_rows(db, kind, values)


def _put_rows(db: Connection, kind: str, values: Iterable[Any]) -> None:
    _WRITTEN[kind].write(db, [_VALUES[kind](value) for value in values])


_WRITTEN: Final = {kind: PreparedRows(table, ENTITIES[kind][1]) for kind, table in ENTITY_TABLES.items()}
_VALUES: Final = {kind: attrgetter(*(column.name for column in table.columns)) for kind, table in ENTITY_TABLES.items()}


def pack_undo(changes: Changes) -> bytes:
    """The rows before, for the journal: compressed JSON of `{entity: [[key, row or null], ...]}`."""
    document = {
        kind: [[key, None if value is None else _plain(value)] for key, value in old]
        for kind, old in changes.before.items()
    }
    return zlib.compress(orjson.dumps(document), 1)


def _plain(value: Any) -> list[Any]:
    """A value's fields; integers beyond 64 bits, which JSON cannot hold here, as text."""
    cells = (getattr(value, field.name) for field in fields(value))
    return [str(cell) if isinstance(cell, int) and cell >> 63 else cell for cell in cells]


def restore(db: Connection, packed: bytes) -> None:
    """Puts the rows of a journal entry back and deletes what was not there before it."""
    for kind, entries in orjson.loads(zlib.decompress(packed)).items():
        shape, names = ENTITIES[kind]
        gone = [key for key, row in entries if row is None]
        delete_rows(db, ENTITY_TABLES[kind], names, gone)
        _put_rows(db, kind, [shape(*_typed(shape, row)) for row in _complete(db, kind, entries)])


def _complete(db: Connection, kind: str, entries: Iterable[tuple[Any, list[Any] | None]]) -> Iterator[list[Any]]:
    """The rows that there were. One that was packed before a field was added is shorter: that field has what it has
    now, or its default.
    """
    whole, many = len(fields(ENTITIES[kind][0])), len(ENTITIES[kind][1]) > 1
    for key, row in entries:
        if row is not None and len(row) < whole:
            now = next(rows_of(db, kind, [tuple(key) if many else key]), row)
            yield [*row, *now[len(row) :]]
        elif row is not None:
            yield row


def _typed(shape: type[Any], row: list[Any]) -> list[Any]:
    kinds = [field.type for field in fields(shape)]
    return [int(cell) if kind is int else cell for kind, cell in zip(kinds, row, strict=False)]
