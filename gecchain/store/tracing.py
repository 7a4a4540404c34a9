"""The whole way of one certificate, from filing and reading to its end (Q11, Q18).

The five kinds of event are those of ITU-T F.751.14's title list; which event is which kind is ours:
production (filing, review, reading, issue), trading (listing, withdrawal, trade), transmission (free move),
consumption (declared retirement), settlement (every other retirement, freeze, unfreeze).
A range event knows the event before it, so the history of a serial is a walk along a chain, not a search.
"""

from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from gecchain.ledger import Batch, Commitment, Filing, Segment
from gecchain.rules.numbers import split_token_id
from gecchain.rules.purposes import AccountKind, RetirementReason
from gecchain.store.reading import BLOCK_OF_EVENT, acting_account, segment_of, value_by
from gecchain.store.tables import accounts, blocks, events, filings, steps
from gecchain.store.views import Party, TraceKind, TraceStep

__all__ = ["trace"]

_KINDS: Final[dict[str, tuple[TraceKind, str]]] = {
    "FilingSubmitted": ("production", "filing_submitted"),
    "FilingReviewed": ("production", "filing_reviewed"),
    "ReadingsCommitted": ("production", "readings_committed"),
    "Issued": ("production", "issued"),
    "Listed": ("trading", "listed"),
    "Withdrawn": ("trading", "withdrawn"),
    "Traded": ("trading", "traded"),
    "Moved": ("transmission", "moved"),
    "Frozen": ("settlement", "frozen"),
    "Unfrozen": ("settlement", "unfrozen"),
    "Retired": ("settlement", "retired"),
}
# Field of the event's document -> role. `from` and `to` are a free move's.
_ROLES: Final = {
    "FilingSubmitted": {"owner": "owner"},
    "FilingReviewed": {"reviewer": "reviewer"},
    "ReadingsCommitted": {"provider": "provider"},
    "Listed": {"seller": "seller"},
    "Traded": {"seller": "seller", "buyer": "buyer", "platform": "platform"},
    "Moved": {"from": "giver", "to": "receiver"},
    "Retired": {"holder": "holder"},
}
# Fields that hold the key that signed, and the kind of account it acts for.
_ACTING: Final = {"provider": AccountKind.PROVIDER, "reviewer": AccountKind.PROVINCE}
_HOLDER_FIELDS: Final = {"Moved": "from", "Retired": "holder", "Listed": "seller", "Traded": "seller"}


def trace(db: Connection, token: int) -> tuple[TraceStep, ...]:
    """Every event that concerns one certificate, in the chain's order. NotFound if it was never issued."""
    batch_id, serial = split_token_id(token)
    segment = segment_of(db, batch_id, serial)
    batch: Batch = value_by(db, "batches", batch_id)
    ranges = _life(db, segment, batch)
    positions = [*_beginnings(db, batch), *ranges]
    rows = _rows(db, positions)
    documents = [orjson.loads(row.document) for row in rows]
    first_holder = _first_holder(rows, documents, ranges, segment)
    names = _names(db, documents, first_holder)
    return tuple(
        _step(row, document, ranges.get(row.position), batch, first_holder, names)
        for row, document in zip(rows, documents, strict=True)
    )


def _life(db: Connection, segment: Segment, batch: Batch) -> dict[int, tuple[int, int]]:
    """Position to range of every event since the issue, by walking back from the segment's last one."""
    life = select(steps).where(steps.c.position == segment.since).cte("life", recursive=True)
    life = life.union_all(select(steps).join(life, steps.c.position == life.c.previous))
    found = {row.position: (row.start, row.end) for row in db.execute(select(life))}
    return {batch.position: (0, batch.count), **found}


def _beginnings(db: Connection, batch: Batch) -> set[int]:
    """Positions of the filing's versions up to the one in force, and of the commitment."""
    commitment: Commitment = value_by(db, "commitments", batch.commitment)
    query = select(filings).where(filings.c.project == batch.id >> 16, filings.c.version <= batch.filing)
    versions = [Filing(*row) for row in db.execute(query)]
    places = {place for version in versions for place in (version.submitted, version.reviewed) if place}
    return places | {commitment.position}


def _rows(db: Connection, positions: list[int]) -> list[Any]:
    query = (
        select(events.c.position, events.c.kind, events.c.transaction, events.c.document, blocks.c.hash, blocks.c.time)
        .select_from(events)
        .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
        .where(events.c.position.in_(positions))
        .order_by(events.c.position)
    )
    return list(db.execute(query))


def _first_holder(rows: list[Any], documents: list[Any], ranges: dict[int, tuple[int, int]], now: Segment) -> str:
    """Who the certificate was issued to: the giver of the first event that names one, else who holds it."""
    for row, document in zip(rows, documents, strict=True):
        if row.position in ranges and row.kind in _HOLDER_FIELDS:
            return str(document[_HOLDER_FIELDS[row.kind]])
    return now.owner


def _names(db: Connection, documents: list[dict[str, Any]], first_holder: str) -> dict[str, str]:
    fields = {field for roles in _ROLES.values() for field in roles}
    wanted = {document[field] for document in documents for field in fields if isinstance(document.get(field), str)}
    query = select(accounts.c.address, accounts.c.name).where(accounts.c.address.in_(wanted | {first_holder}))
    names = {row.address: row.name for row in db.execute(query)}
    for field, kind in _ACTING.items():
        for key in {str(document[field]) for document in documents if field in document}:
            account = acting_account(db, key, kind)
            names[key] = account.name if account else ""
    return names


def _step(
    row: Any,
    document: dict[str, Any],
    span: tuple[int, int] | None,
    batch: Batch,
    first_holder: str,
    names: dict[str, str],
) -> TraceStep:
    kind, name = _KINDS[row.kind]
    if row.kind == "Retired" and document["reason"] == RetirementReason.CONSUMPTION:
        kind = "consumption"
    parties = {role: document[field] for field, role in _ROLES.get(row.kind, {}).items()}
    if row.kind == "Issued":
        parties = {"holder": first_holder}
        document = _issued(document, batch)
    return TraceStep(
        kind=kind,
        name=name,
        time=row.time,
        block=row.position >> 24,
        block_hash=row.hash,
        transaction=row.transaction,
        log_index=row.position & 0xFFFFFF,
        parties=tuple(Party(role, address, names.get(address, "")) for role, address in parties.items()),
        start=span[0] if span else None,
        end=span[1] if span else None,
        data=document,
    )


def _issued(document: dict[str, Any], batch: Batch) -> dict[str, Any]:
    """Of a whole chunk, what became this batch."""
    word = int(document["leaves"][batch.leaf % 256])
    return {
        "commitment": batch.commitment,
        "chunk": document["chunk"],
        "leaf": batch.leaf,
        "wh": str(word >> 136 & ((1 << 64) - 1)),
        "batch": str(batch.id),
        "count": batch.count,
    }
