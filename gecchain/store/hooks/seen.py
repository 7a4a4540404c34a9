"""What was seen of the chain: finds blocks that were taken back, and sets every subscription back to before them.

The index is the only witness (it compares parent hashes itself, `gecchain.indexer`); here the newest headers that it
showed are remembered, and compared each time it has moved.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Engine, case, delete, insert, or_, select, update

from gecchain.events.recorded import POSITION_BITS
from gecchain.store.desk.inserting import insert_new
from gecchain.store.engine import connected
from gecchain.store.hooks.tables import extras, headers, letters, look, subscriptions
from gecchain.store.indexing import KEPT_BLOCKS
from gecchain.store.tables import blocks, cursor

__all__ = ["NOWHERE", "Tip", "end_of", "look_again", "see"]

NOWHERE: Final = -1
"""The cursor before the first event."""


@dataclass(frozen=True, slots=True)
class Tip:
    """The block up to which the index was seen; `forks` counts how often blocks were taken back before."""

    deployment: str
    block: int
    hash: str
    forks: int = 0


def end_of(block: int) -> int:
    """The last position that an event of this block could have."""
    return ((block + 1) << POSITION_BITS) - 1


def look_again(desk: Engine, index: Engine, now: int) -> Tip | None:
    """Where the index stands, and everything set back if the chain took blocks back. None before the first block.

    Costs two reads while the index has not moved.
    """
    with connected(index) as db:
        found = _tip(db)
    with connected(desk) as db:
        row = db.execute(select(look.c.deployment, look.c.block, look.c.hash, look.c.forks)).first()
    if found is None:
        return None
    if row is not None and replace(found, forks=row.forks) == Tip(*row):
        return Tip(*row)
    with connected(desk, writes=True) as db:
        return see(db, index, now)


def see(db: Connection, index: Engine, now: int) -> Tip | None:
    """As `look_again`, within a write transaction on the desk.

    The index is read after the row is locked, so that who looks later has seen a later index.
    """
    insert_new(db, look, {"id": 1, "deployment": "", "block": NOWHERE, "hash": "", "forks": 0})
    before = db.execute(select(look).with_for_update()).one()
    kept = {row.number: row for row in db.execute(select(headers))}
    with connected(index) as reads:
        tip = _tip(reads)
        if tip is None:
            return None
        standing = _headers(reads, blocks.c.number.in_(list(kept)))
        newest = _headers(reads, blocks.c.number >= tip.block - KEPT_BLOCKS)
    undone = _first_undone(kept, standing, tip.block)
    if before.deployment and before.deployment != tip.deployment:
        undone = 0
    if undone is not None:
        _set_back(db, undone, [row for row in kept.values() if row.number >= undone and row.eventful], now)
        db.execute(delete(headers).where(headers.c.number >= undone))
        kept = {number: row for number, row in kept.items() if number < undone}
    _remember(db, kept, newest)
    tip = replace(tip, forks=before.forks + (undone is not None))
    db.execute(update(look).values(asdict(tip)))
    return tip


def _tip(db: Connection) -> Tip | None:
    row = db.execute(select(cursor.c.deployment, cursor.c.block, cursor.c.hash)).first()
    return None if row is None else Tip(*row)


def _headers(db: Connection, which: Any) -> dict[int, Any]:
    found = db.execute(select(blocks.c.number, blocks.c.hash, blocks.c.eventful).where(which))
    return {row.number: row for row in found}


def _first_undone(kept: dict[int, Any], standing: dict[int, Any], tip: int) -> int | None:
    """The lowest block that was taken back, 0 if nothing that is known stands, None if all does.

    The index drops old blocks without events, so that only a block with events is missed.
    """
    wrong, same = [], 0
    for number, row in kept.items():
        now = standing.get(number)
        if now is not None and now.hash == row.hash:
            same += 1
        elif number <= tip and (now is not None or row.eventful):
            wrong.append(number)
    if not wrong:
        return None
    return min(wrong) if same else 0


def _set_back(db: Connection, block: int, undone: list[Any], now: int) -> None:
    """Nothing from `block` on was ever sent: who may have got some of it is told first."""
    last = end_of(block - 1)
    query = select(subscriptions.c.id, subscriptions.c.notice).where(subscriptions.c.reach > last).with_for_update()
    told = {row.id: row.notice for row in db.execute(query)}
    for id_, before in told.items():
        notice = orjson.dumps(_merged(before, block, undone, now)).decode()
        db.execute(update(subscriptions).where(subscriptions.c.id == id_).values(notice=notice, reach=last))
    reached = or_(subscriptions.c.cursor > last, subscriptions.c.id.in_(told))
    back = case((subscriptions.c.cursor > last, last), else_=subscriptions.c.cursor)
    # The message that was failing may be another now.
    db.execute(
        update(subscriptions).where(reached).values(cursor=back, turn=subscriptions.c.turn + 1, failures=0, next_try=0)
    )
    undone_letters = select(letters.c.id).where(letters.c.position > last)
    db.execute(delete(extras).where(extras.c.letter.in_(undone_letters)))
    db.execute(delete(letters).where(letters.c.position > last))


def _merged(before: str, block: int, undone: list[Any], now: int) -> dict[str, Any]:
    found = [{"block": row.number, "block_hash": row.hash} for row in sorted(undone, key=lambda row: row.number)]
    if before:
        old = orjson.loads(before)
        block = min(block, old["from_block"])
        found = [one for one in old["undone"] if one not in found] + found
    return {"at": now, "from_block": block, "undone": found}


def _remember(db: Connection, kept: dict[int, Any], newest: dict[int, Any]) -> None:
    first = max([*kept, *newest]) - KEPT_BLOCKS
    rows = [
        {"number": row.number, "hash": row.hash, "eventful": row.eventful}
        for number, row in newest.items()
        if number not in kept and number >= first
    ]
    if rows:
        db.execute(insert(headers), rows)
    db.execute(delete(headers).where(headers.c.number < first))
