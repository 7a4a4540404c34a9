"""The indexer's way into the projection: blocks in, blocks out, each with its cursor in one transaction.

A process that is killed at any instant leaves the cursor and the rows of exactly the blocks it names. Two processes do
no harm: the cursor row is locked and compared, and who comes second is told (`Overtaken`) and reads on from there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, bindparam, delete, func, insert, select, update

from gecchain.errors import BrokenProof, GecError
from gecchain.events import ConsecutiveTransfer, Event, Recorded, to_document
from gecchain.ledger import ENTITIES, State, apply, settle
from gecchain.store.engine import connected
from gecchain.store.following import forget_mentions, keep_orphans, mention, welcome_back
from gecchain.store.prepared import Prepared, PreparedRows
from gecchain.store.projection import difference, load, load_everything, pack_undo, restore, save, snapshot
from gecchain.store.tables import ENTITY_TABLES, blocks, cursor, events, metadata, undo

__all__ = ["KEPT_BLOCKS", "Cursor", "Header", "Overtaken", "Projection"]

KEPT_BLOCKS: Final = 128  # how deep a reorganisation can be rolled back; ours


_EVENTS: Final = PreparedRows(events)
_EVENT_COLUMNS: Final = tuple(column.name for column in events.columns)
_BLOCKS: Final = PreparedRows(blocks)
_UNDO: Final = PreparedRows(undo)
_STANDS: Final = Prepared(select(cursor))
_STANDS_STILL: Final = Prepared(select(cursor).with_for_update())
_MOVE: Final = Prepared(update(cursor).values({column: bindparam(column.name) for column in list(cursor.c)[1:]}))
_TOO_OLD: Final = Prepared(delete(undo).where(undo.c.block <= bindparam("block")))
_older: Final = blocks.alias("older")
_LONG_PAST: Final = Prepared(
    delete(blocks).where(
        blocks.c.number
        < select(func.max(_older.c.number)).where(_older.c.number <= bindparam("block")).scalar_subquery(),
        blocks.c.eventful.is_(False),
    )
)


class Overtaken(GecError):
    """Another indexer wrote in the meantime; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Header:
    """A block as the projection remembers it; `time` in UTC seconds."""

    number: int
    hash: str
    parent: str
    time: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last block that is in the projection, and the chain's head when it was written."""

    deployment: str
    block: int
    hash: str
    time: int
    head: int


class Projection:
    """The tables as the indexer and fsck see them. Unavailable when the database is out of reach."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, deployment: str, before: Header) -> Cursor:
        """The cursor; an empty projection starts after block `before`. BrokenProof for another deployment's tables."""
        with connected(self._engine, writes=True) as db:
            if db.dialect.name == "postgresql":  # a row that is not there yet cannot be locked
                db.exec_driver_sql("LOCK TABLE cursor IN EXCLUSIVE MODE")
            found = _cursor(db)
            if found is None:
                found = Cursor(deployment, before.number, before.hash, before.time, before.number)
                db.execute(insert(cursor).values(id=1, **_fields(found)))
                _insert_blocks(db, [(before, [])])
        if found.deployment != deployment:
            raise BrokenProof(
                "The database follows another deployment.", where=found.deployment, remedy="Use another database."
            )
        return found

    def cursor(self) -> Cursor | None:
        """Where the projection stands, None before the start."""
        with connected(self._engine) as db:
            return _cursor(db)

    def extend(
        self, at: Cursor, parts: Sequence[tuple[Header, Sequence[Recorded]]], head: int, *, undoable: bool
    ) -> Cursor:
        """Adds blocks after the cursor; with `undoable` one block, which can be rolled back. Overtaken if it moved.

        BrokenProof if an event is impossible; then nothing is changed.
        """
        last = parts[-1][0]
        after = Cursor(at.deployment, last.number, last.hash, last.time, max(head, last.number))
        with connected(self._engine, writes=True) as db:
            _require(db, at)
            packed = _fold(db, [event for _header, recorded in parts for event in recorded])
            _insert_blocks(db, parts)
            if undoable:
                welcome_back(db, last.hash)
                _UNDO.write(db, [(last.number, packed())])
            _forget(db, last.number - KEPT_BLOCKS)
            _MOVE.run(db, **_fields(after))
        return after

    def roll_back(self, at: Cursor, block: int) -> Cursor:
        """Takes back every block after `block`. BrokenProof where they can no longer be taken back."""
        with connected(self._engine, writes=True) as db:
            _require(db, at)
            header = db.execute(select(blocks).where(blocks.c.number == block)).first()
            entries = db.execute(select(undo).where(undo.c.block > block).order_by(undo.c.block.desc())).all()
            if header is None or len(entries) != at.block - block:
                raise BrokenProof(
                    f"The chain was reorganised deeper than {KEPT_BLOCKS} blocks.",
                    where=f"block {block}",
                    remedy="Rebuild the index: gec index --rebuild.",
                )
            for entry in entries:
                restore(db, entry.changes)
            keep_orphans(db, header)
            forget_mentions(db, (block + 1) << 24)
            db.execute(delete(events).where(events.c.position >= (block + 1) << 24))
            db.execute(delete(blocks).where(blocks.c.number > block))
            db.execute(delete(undo).where(undo.c.block > block))
            after = Cursor(at.deployment, block, header.hash, header.time, at.head)
            _MOVE.run(db, **_fields(after))
        return after

    def headers_down(self, limit: int = KEPT_BLOCKS + 1) -> list[Header]:
        """The newest blocks that are remembered, newest first."""
        with connected(self._engine) as db:
            rows = db.execute(select(blocks).order_by(blocks.c.number.desc()).limit(limit))
            return [Header(row.number, row.hash, row.parent, row.time) for row in rows]

    def state(self) -> tuple[Cursor, State]:
        """Everything in the tables as a state, and the cursor it belongs to. BrokenProof before the start."""
        with connected(self._engine) as db:
            found = _cursor(db)
            if found is None:
                raise BrokenProof("Nothing is indexed yet.", where="cursor", remedy="Run gec index.")
            return found, load_everything(db)

    def values(self, kind: str) -> Iterator[Any]:
        """Every value of one entity (a name of `gecchain.ledger.ENTITIES`), streamed."""
        with connected(self._engine) as db:
            rows = db.execution_options(yield_per=10_000).execute(select(ENTITY_TABLES[kind]))
            for row in rows:
                yield ENTITIES[kind][0](*row)

    def events_between(self, first: int, last: int) -> list[tuple[int, str, str]]:
        """`(position, kind, document)` of the events of blocks `first .. last`, in order."""
        query = select(events.c.position, events.c.kind, events.c.document).where(
            events.c.position >= first << 24, events.c.position < (last + 1) << 24
        )
        with connected(self._engine) as db:
            return [tuple(row) for row in db.execute(query.order_by(events.c.position))]

    def clear(self) -> None:
        """Forgets everything, for a rebuild from the chain."""
        with connected(self._engine, writes=True) as db:
            for table in reversed(metadata.sorted_tables):
                db.execute(delete(table))


def _cursor(db: Connection) -> Cursor | None:
    row = (_STANDS_STILL if _writes(db) else _STANDS).first(db)
    return None if row is None else Cursor(*row[1:])


def _writes(db: Connection) -> bool:
    return bool(db.get_execution_options().get("gec_writes", False))


def _fields(at: Cursor) -> dict[str, Any]:
    return {"deployment": at.deployment, "block": at.block, "hash": at.hash, "time": at.time, "head": at.head}


def _require(db: Connection, at: Cursor) -> None:
    found = _cursor(db)
    if found is None or (found.block, found.hash) != (at.block, at.hash):
        raise Overtaken("Another indexer is at work on this database.")


def _fold(db: Connection, recorded: Sequence[Recorded]) -> Any:
    """Applies events to what they touch and writes the difference; gives what packs the journal entry."""
    state = load(db, recorded)
    before = snapshot(state)
    for event in recorded:
        apply(state, event)
    settle(state)
    changes = difference(before, state)
    save(db, changes)
    _insert_events(db, recorded)
    return lambda: pack_undo(changes)


def _insert_events(db: Connection, recorded: Iterable[Recorded]) -> None:
    """ERC-2309's echoes say nothing new and are left out."""
    told = [(one, to_document(one.event)) for one in recorded if not isinstance(one.event, ConsecutiveTransfer)]
    _EVENTS.write(db, [_event_row(one, document) for one, document in told])
    mention(db, [(one.position, document) for one, document in told])


def _event_row(recorded: Recorded, document: Mapping[str, object]) -> tuple[Any, ...]:
    event = recorded.event
    batch = getattr(event, "batch", None)
    row = {
        "position": recorded.position,
        "kind": type(event).__name__,
        "transaction": recorded.transaction,
        "account": getattr(event, "account", None) or getattr(event, "principal", None),
        "project": getattr(event, "project", None if batch is None else batch >> 16),
        "batch": batch,
        "commitment": getattr(event, "commitment", None),
        "case_id": getattr(event, "case_id", None),
        "subject": _subject(event),
        "document": orjson.dumps(document).decode(),
    }
    return tuple(row[name] for name in _EVENT_COLUMNS)


def _subject(event: Event) -> str | None:
    """The declaration, bilateral order, green-power contract or signed request that an event is about."""
    names = ("declaration", "deal", "contract_id", "request")
    return next((getattr(event, name) for name in names if hasattr(event, name)), None)


def _insert_blocks(db: Connection, parts: Sequence[tuple[Header, Sequence[Recorded]]]) -> None:
    rows = ((header.number, header.hash, header.parent, header.time, bool(recorded)) for header, recorded in parts)
    _BLOCKS.write(db, list(rows))


def _forget(db: Connection, block: int) -> None:
    """Drops what is too old to be rolled back; blocks with events stay for their times."""
    _TOO_OLD.run(db, block=block)
    _LONG_PAST.run(db, block=block)
