"""The feed: every event in the chain's total order, whole or in part, and what a reorganisation undid of it.

A cursor is the position of an event and the first 16 digits of its block's hash. Where that block was taken back, the
feed begins with one item of the kind `RolledBack`: everything told of later blocks than the one it names is undone,
and what follows is the chain as it is now. So whoever keeps a cursor misses nothing and need not look at hashes.
"""

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Select, select, union

from gecchain.errors import BadInput
from gecchain.events import place_of
from gecchain.store.reading import BLOCK_OF_EVENT, event_view, page, page_size
from gecchain.store.tables import batches, blocks, cursor, events, mentions, orphans
from gecchain.store.views import EventView, Page, Place

__all__ = ["ROLLED_BACK", "event_feed", "feed_head", "feed_query"]

ROLLED_BACK: Final = "RolledBack"
_CURSOR: Final = re.compile(r"([0-9]{1,19})\.([0-9a-f]{16})")
_LAST_LOG: Final = (1 << 24) - 1
_DIGITS: Final = 16


def event_feed(
    db: Connection,
    *,
    kinds: Collection[str] = (),
    project: int | None = None,
    account: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> Page[EventView]:
    """Events in the chain's order, of some kinds, about one project, naming one account; ERC-2309's echoes left out.

    Issuing is about every project of its chunk, and names the first holder. BadInput for what is no cursor, or for one
    of a block that neither chain nor index knows (the index was rebuilt since).
    """
    size = page_size(limit)
    undone, position = (None, -1) if after is None else _continued(db, after)
    wanted = size if undone is None else size - 1
    query = feed_query(frozenset(kinds), project, account, position, wanted + 1)
    views = [event_view(row) for row in db.execute(query.limit(wanted + 1))]
    items = [(view.cursor, view) for view in ([undone] if undone else []) + views]
    return page(items, size)


def feed_query(
    kinds: frozenset[str], project: int | None, account: str | None, position: int, most: int
) -> Select[Any]:
    """The statement: at most so many of each source after a position, put together in the chain's order."""
    sources = _sources(kinds, project, account)
    arms = [source.where(_position(source) > position).order_by(_position(source)) for source in sources]
    parts = [select(arm.limit(most).subquery().c.position) for arm in arms]
    found = (parts[0] if len(parts) == 1 else union(*parts)).subquery()
    return (
        select(events.c.position, events.c.kind, events.c.transaction, events.c.document, blocks.c.hash, blocks.c.time)
        .select_from(found)
        .join(events, events.c.position == found.c.position)
        .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
        .order_by(events.c.position)
    )


def feed_head(db: Connection) -> tuple[int, str] | None:
    """Number and hash of the newest indexed block, by which a follower sees that something happened; None if none."""
    row = db.execute(select(cursor.c.block, cursor.c.hash)).first()
    return None if row is None else (row.block, row.hash)


def _position(source: Select[Any]) -> Any:
    return source.selected_columns[0]


def _sources(kinds: frozenset[str], project: int | None, account: str | None) -> list[Select[Any]]:
    """Selects of positions, each served in order by one index; together they are what was asked for."""
    if account is not None:
        return _naming(kinds, project, account.lower())
    if project is not None:
        return _about(kinds, project)
    if kinds:
        return [select(events.c.position).where(events.c.kind == kind) for kind in sorted(kinds)]
    return [select(events.c.position)]


def _naming(kinds: frozenset[str], project: int | None, account: str) -> list[Select[Any]]:
    named = select(mentions.c.position).where(mentions.c.account == account)
    if kinds or project is not None:
        named = named.join(events, events.c.position == mentions.c.position)
    if kinds:
        named = named.where(events.c.kind.in_(sorted(kinds)))
    if project is not None:
        named = named.where(events.c.project == project)
    issued = select(batches.c.position).where(batches.c.holder == account).distinct()
    return [named, *_issuing(kinds, project, issued)]


def _about(kinds: frozenset[str], project: int) -> list[Select[Any]]:
    said = select(events.c.position).where(events.c.project == project)
    if kinds:
        said = said.where(events.c.kind.in_(sorted(kinds)))
    return [said, *_issuing(kinds, project, select(batches.c.position).distinct())]


def _issuing(kinds: frozenset[str], project: int | None, issued: Select[Any]) -> list[Select[Any]]:
    if kinds and "Issued" not in kinds:
        return []
    return [issued if project is None else issued.where(batches.c.id.between(project << 16, project << 16 | 0xFFFF))]


def _continued(db: Connection, after: str) -> tuple[EventView | None, int]:
    """What was undone since the cursor, if its block was taken back, and the position to go on after."""
    found = _CURSOR.fullmatch(after)
    if found is None or int(found[1]) >= 1 << 63:
        raise BadInput("This is no cursor.", field="after", value=after, remedy="Use the one of an event or page.")
    position, digits = int(found[1]), found[2]
    number, log = place_of(position)
    known = db.scalar(select(blocks.c.hash).where(blocks.c.number == number))
    if known is not None and known[2 : 2 + _DIGITS] == digits:
        return None, position
    fork = _fork(db, number, digits)
    if fork is not None:
        view = _rolled_back(fork, number)
        return view, view.place.position
    head = feed_head(db)
    if known is None and (log == _LAST_LOG or head is None or number > head[0]):
        return None, position  # a quiet block, long gone from the table, or one that is not indexed here yet
    raise BadInput(
        "The block of this cursor is not in the chain, and what undid it is not remembered.",
        field="after",
        value=after,
        remedy="Go back to an older cursor and drop what you kept since, or begin without one.",
    )


def _fork(db: Connection, number: int, digits: str) -> Any:
    """The block that stayed: of a fork that was itself taken back later, the earlier one. None if it is no orphan."""
    orphan = None
    while True:
        among = select(orphans).where(orphans.c.number == number, orphans.c.hash.startswith("0x" + digits))
        further = db.execute(among).first()
        if further is None:
            return orphan
        orphan = further
        number, digits = orphan.fork, orphan.fork_hash[2 : 2 + _DIGITS]


def _rolled_back(fork: Any, number: int) -> EventView:
    place = Place(fork.fork, fork.fork_hash, _LAST_LOG, "", fork.fork_time)
    cursor_text = f"{place.position}.{fork.fork_hash[2 : 2 + _DIGITS]}"
    return EventView(cursor_text, ROLLED_BACK, place, {"kept": fork.fork, "undone": number})
