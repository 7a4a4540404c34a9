"""What the indexer keeps for those who follow the events: whom each event names, and which blocks were taken back.

A follower holds a cursor into a block that may be taken back. The orphan's row then says from which block on what it
was told is undone, so that nobody has to compare hashes, and nothing is missed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from gecchain.events import NO_ACCOUNT
from gecchain.store.keyed import delete_rows
from gecchain.store.prepared import Prepared, PreparedRows
from gecchain.store.tables import blocks, events, mentions, orphans

__all__ = ["forget_mentions", "keep_orphans", "mention", "welcome_back"]

_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}")
_MENTIONS: Final = PreparedRows(mentions)
_WELCOME: Final = Prepared(delete(orphans).where(orphans.c.hash == bindparam("hash")))


def mention(db: Connection, placed: Iterable[tuple[int, Mapping[str, object]]]) -> None:
    """Writes down whom each event names, by its position and document."""
    _MENTIONS.write(db, [(account, position) for position, document in placed for account in _named(document)])


def forget_mentions(db: Connection, first: int) -> None:
    """Takes back the mentions of every event at position `first` or later, while the events are still there."""
    delete_rows(db, mentions, ("account", "position"), list(_pairs(db, first)))


def _pairs(db: Connection, first: int) -> Iterator[tuple[str, int]]:
    for row in db.execute(select(events.c.position, events.c.document).where(events.c.position >= first)):
        yield from ((account, row.position) for account in _named(orjson.loads(row.document)))


def _named(document: Mapping[str, object]) -> list[str]:
    """The addresses among an event's fields: accounts, and keys where the event names the key that signed."""
    found = {value for value in document.values() if isinstance(value, str) and _ADDRESS.fullmatch(value)}
    return sorted(found - {NO_ACCOUNT})


def keep_orphans(db: Connection, fork: Any) -> None:
    """Remembers the blocks after `fork` (a row of blocks) as taken back, before they are deleted."""
    gone = db.execute(select(blocks.c.hash, blocks.c.number).where(blocks.c.number > fork.number)).all()
    if not gone:
        return
    db.execute(delete(orphans).where(orphans.c.hash.in_([row.hash for row in gone])))
    last = {"fork": fork.number, "fork_hash": fork.hash, "fork_time": fork.time}
    db.execute(insert(orphans), [{"hash": row.hash, "number": row.number, **last} for row in gone])


def welcome_back(db: Connection, block_hash: str) -> None:
    """A block that was taken back and belongs to the chain again is no orphan."""
    _WELCOME.run(db, hash=block_hash)
