"""What the index says of one production month: its commitments, the leaves issued from them, its certificates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Table, select

from gecchain.events import from_document
from gecchain.ledger.issuing import issued_leaves
from gecchain.rules import Month
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.tables import additions, batches, chunks, commitments, events, tallies

__all__ = ["IndexedMonth", "indexed_month"]

_WH_SHIFT: Final = 136
_WH_MASK: Final = (1 << 64) - 1
_ROWS: Final = 1_000


@dataclass(slots=True)
class IndexedMonth:
    """Counts and Wh of a month; counters by province have GB/T 2260 codes.

    `committed` leaves and Wh are of the commitments in force, `declared` those of them that owners declared (Q26).
    `leaves` and `wh` of each province became certificates or carry; `waiting` leaves in force did not yet, those among
    them that were refused are counted in `refused` by reason. `certificates` came from readings, `added` from cases
    (Q95), `tallied` is what the fold counted of both. `wrong` says where leaves are not what was committed.
    """

    committed: int = 0
    committed_wh: int = 0
    declared: int = 0
    declared_wh: int = 0
    waiting: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    leaves: Counter[int] = field(default_factory=Counter)
    wh: Counter[int] = field(default_factory=Counter)
    batches: Counter[int] = field(default_factory=Counter)
    certificates: Counter[int] = field(default_factory=Counter)
    added: Counter[int] = field(default_factory=Counter)
    tallied: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def indexed_month(db: Connection, month: Month) -> IndexedMonth:
    """Everything of a month. Reads the events of its chunks, one after the other: some seconds for a country."""
    found = IndexedMonth()
    for made in db.execute(select(commitments).where(commitments.c.month == month.index)).all():
        seen = _issued_from(db, made.id, found)
        if not made.replaced_by:
            _commitment(db, made, seen, found)
    _certificates(db, month, found)
    return found


def _issued_from(db: Connection, commitment: int, found: IndexedMonth) -> Mapping[int, tuple[int, int]]:
    """Counts what was issued from a commitment; `(leaves, Wh)` of each of its chunks that was seen, issued or not."""
    seen = dict[int, tuple[int, int]]()
    for event in _events(db, "Issued", commitment):
        seen[event.chunk] = len(event.leaves), sum(word >> _WH_SHIFT & _WH_MASK for word in event.leaves)
        for leaf in issued_leaves(event):
            found.leaves[_province(leaf.project)] += 1
            found.wh[_province(leaf.project)] += leaf.wh
    return seen


def _commitment(db: Connection, made: Any, seen: Mapping[int, tuple[int, int]], found: IndexedMonth) -> None:
    found.committed += made.leaves
    found.committed_wh += made.total_wh
    if made.declared:
        found.declared += made.leaves
        found.declared_wh += made.total_wh
    issued = {row.chunk: row.issued for row in db.execute(select(chunks).where(chunks.c.commitment == made.id))}
    found.waiting += made.leaves - sum(bits.bit_count() for bits in issued.values())
    told = sum(wh for _leaves, wh in seen.values())
    if sum(leaves for leaves, _wh in seen.values()) == made.leaves and told != made.total_wh:
        found.wrong.append(f"commitment {made.id}: its leaves are {told} Wh, {made.total_wh} were committed")
    reasons = {event.leaf: event.reason for event in _events(db, "LeafRefused", made.id)}
    for leaf, reason in reasons.items():
        chunk, place = divmod(leaf, CHUNK_LEAVES.value)
        if not issued.get(chunk, 0) >> place & 1:
            found.refused[reason] += 1


def _certificates(db: Connection, month: Month, found: IndexedMonth) -> None:
    for batch in _streamed(db, batches, month):
        found.batches[_province(batch.id >> 16)] += 1
        found.certificates[_province(batch.id >> 16)] += batch.count
    added = select(additions).join(batches, batches.c.id == additions.c.batch).where(batches.c.month == month.index)
    for row in db.execute(added):
        found.added[_province(row.batch >> 16)] += row.end - row.start
        found.certificates[_province(row.batch >> 16)] -= row.end - row.start
    for row in db.execute(select(tallies).where(tallies.c.month == month.index)):
        found.tallied[row.province] += row.issued


def _events(db: Connection, kind: str, commitment: int) -> Iterator[Any]:
    query = select(events.c.document).where(events.c.kind == kind, events.c.commitment == commitment)
    for row in db.execution_options(yield_per=_ROWS).execute(query.order_by(events.c.position)):
        yield from_document(kind, orjson.loads(row.document))


def _streamed(db: Connection, table: Table, month: Month) -> Iterator[Any]:
    yield from db.execution_options(yield_per=_ROWS).execute(select(table).where(table.c.month == month.index))


def _province(project: int) -> int:
    return project >> 20 & 0x7F
