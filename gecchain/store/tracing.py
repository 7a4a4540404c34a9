"""The whole way of one certificate, from filing and reading to its end (Q11, Q18).

The five kinds of event are those of ITU-T F.751.14's title list; which event is which kind is ours:
production (filing, review, declared, committed and approved reading, issue, correction, addition), trading (listing,
withdrawal, trade, order, undoing of a trade), transmission (free move), consumption (declared retirement), settlement
(every other retirement, its undoing, freeze, unfreeze, dispute, deduction, CCER, settlement of a contract, warning).
A range event knows the event before it, so the history of a serial is a walk along a chain, not a search.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import Connection, and_, bindparam, func, select

from gecchain.errors import NotFound
from gecchain.ledger import Addition, Batch
from gecchain.rules.numbers import split_token_id
from gecchain.rules.purposes import AccountKind, RetirementReason
from gecchain.store.origins import circumstances
from gecchain.store.prepared import Prepared
from gecchain.store.reading import BLOCK_OF_EVENT, acting_account, parsed
from gecchain.store.tables import accounts, additions, batches, blocks, commitments, events, filings, segments, steps
from gecchain.store.views import Party, TraceKind, TraceStep

__all__ = ["EVENT_NAMES", "source", "trace"]

_KINDS: Final[dict[str, tuple[TraceKind, str]]] = {
    "FilingSubmitted": ("production", "filing_submitted"),
    "FilingReviewed": ("production", "filing_reviewed"),
    "Declared": ("production", "declared"),
    "DeclarationChecked": ("production", "declaration_checked"),
    "DeclarationRechecked": ("production", "declaration_rechecked"),
    "ReadingsCommitted": ("production", "readings_committed"),
    "CommitmentApproved": ("production", "commitment_approved"),
    "Issued": ("production", "issued"),
    "EnergyCorrected": ("production", "energy_corrected"),
    "Added": ("production", "added"),
    "Listed": ("trading", "listed"),
    "Withdrawn": ("trading", "withdrawn"),
    "Traded": ("trading", "traded"),
    "DealFilled": ("trading", "deal_filled"),
    "TradeUndone": ("trading", "trade_undone"),
    "Moved": ("transmission", "moved"),
    "Settled": ("settlement", "settled"),
    "Frozen": ("settlement", "frozen"),
    "Unfrozen": ("settlement", "unfrozen"),
    "Retired": ("settlement", "retired"),
    "RetirementUndone": ("settlement", "retirement_undone"),
    "Deducted": ("settlement", "deducted"),
    "CaseOpened": ("settlement", "case_opened"),
    "CaseProposed": ("settlement", "case_proposed"),
    "CaseChecked": ("settlement", "case_checked"),
    "CaseDecided": ("settlement", "case_decided"),
    "CaseClosed": ("settlement", "case_closed"),
    "CcerChosen": ("settlement", "ccer_chosen"),
    "CcerRegistered": ("settlement", "ccer_registered"),
    "ExpiryNear": ("settlement", "expiry_near"),
    "AccountClosed": ("settlement", "account_closed"),
}
EVENT_NAMES: Final = tuple(name for _kind, name in _KINDS.values())
# Field of the event's document -> role. `from` and `to` are a free move's.
_ROLES: Final = {
    "FilingSubmitted": {"owner": "owner"},
    "FilingReviewed": {"reviewer": "reviewer"},
    "Declared": {"owner": "owner"},
    "DeclarationChecked": {"checker": "checker"},
    "DeclarationRechecked": {"checker": "checker"},
    "ReadingsCommitted": {"provider": "provider"},
    "CommitmentApproved": {"officer": "officer"},
    "Added": {"holder": "holder"},
    "Listed": {"seller": "seller"},
    "Traded": {"seller": "seller", "buyer": "buyer", "platform": "platform"},
    "TradeUndone": {"buyer": "buyer", "seller": "seller"},
    "Moved": {"from": "giver", "to": "receiver"},
    "Settled": {"exchange": "exchange"},
    "Retired": {"holder": "holder"},
    "RetirementUndone": {"holder": "holder"},
    "Deducted": {"holder": "holder"},
    "CaseOpened": {"claimant": "claimant"},
    "CaseProposed": {"exchange": "exchange"},
    "CaseChecked": {"office": "office"},
    "CaseDecided": {"authority": "authority"},
    "CaseClosed": {"by": "closer"},
    "AccountClosed": {"account": "holder"},
}
# Fields that hold the key that signed, and the kind of account it acts for.
_ACTING: Final = {
    "provider": AccountKind.PROVIDER,
    "reviewer": AccountKind.PROVINCE,
    "exchange": AccountKind.PROVIDER,
}

_FIRST: Final = select(steps).where(steps.c.position == bindparam("last")).cte("life", recursive=True)
_LIFE: Final = Prepared(select(_FIRST.union_all(select(steps).join(_FIRST, steps.c.position == _FIRST.c.previous))))
_OF_BATCH: Final = additions.c.batch == bindparam("batch")
_FIRST_ADDED: Final = select(func.min(additions.c.start)).where(_OF_BATCH).scalar_subquery()
_ADDED: Final = (
    select(func.max(additions.c.start)).where(_OF_BATCH, additions.c.start <= bindparam("serial")).scalar_subquery()
)
_HELD: Final = (
    select(func.max(segments.c.start))
    .where(segments.c.batch == bindparam("batch"), segments.c.start <= bindparam("serial"))
    .scalar_subquery()
)
_BEGAN: Final = Prepared(
    select(batches, additions, segments.c.since, segments.c.end, _FIRST_ADDED)
    .join(segments, and_(segments.c.batch == batches.c.id, segments.c.start == _HELD))
    .outerjoin(additions, and_(additions.c.batch == batches.c.id, additions.c.start == _ADDED))
    .where(batches.c.id == bindparam("batch"))
)
_EVENTS: Final = Prepared(
    select(
        events.c.position,
        events.c.kind,
        events.c.transaction,
        events.c.document,
        events.c.case_id,
        blocks.c.hash,
        blocks.c.time,
    )
    .select_from(events)
    .join(blocks, blocks.c.number == BLOCK_OF_EVENT)
    .order_by(events.c.position),
    among=events.c.position,
)
_NAMED: Final = Prepared(select(accounts.c.address, accounts.c.name), among=accounts.c.address)
_SOURCE: Final = Prepared(
    select(batches.c.count, commitments.c.provider, filings.c.document)
    .join(filings, and_(filings.c.project == bindparam("project"), filings.c.version == batches.c.filing))
    .join(commitments, commitments.c.id == batches.c.commitment)
    .where(batches.c.id == bindparam("batch"))
)


class _Event(NamedTuple):
    """A row of an event with its block."""

    position: int
    kind: str
    transaction: str
    document: str
    case_id: int | None
    hash: str
    time: int


@dataclass(frozen=True, slots=True)
class _Life:
    """The certificate that is traced: its batch, how it came to be, and the range of each event that acted on it."""

    batch: Batch
    addition: Addition | None
    ranges: dict[int, tuple[int, int]]


def trace(db: Connection, token: int) -> tuple[TraceStep, ...]:
    """Every event that concerns one certificate, in the chain's order. NotFound if it was never issued."""
    batch_id, serial = split_token_id(token)
    life = _begun(db, batch_id, serial)
    batch, addition = life.batch, life.addition
    told = [(row, orjson.loads(row.document)) for row in _rows(db, life.ranges)]
    around = circumstances(db, batch, serial, addition, [document | {"kind": row.kind} for row, document in told])
    told += [(row, orjson.loads(row.document)) for row in _rows(db, around - set(life.ranges))]
    told.sort(key=lambda one: one[0].position)
    names = _names(db, [document for _row, document in told], batch.holder)
    return tuple(_step(row, document, life, names) for row, document in told)


def _begun(db: Connection, batch_id: int, serial: int) -> _Life:
    """How it came to be, and what acted on it; of the issue, the range is what the reading gave, without additions."""
    row = _BEGAN.first(db, batch=batch_id, serial=serial)
    if row is None or row[-2] <= serial:
        raise NotFound("No such certificate was issued.", remedy="Check the number; new ones appear within seconds.")
    *values, since, _end, first_added = row
    size = len(batches.c)
    batch, added = Batch(*values[:size]), Addition(*values[size:])
    addition = added if added.batch is not None and added.end > serial else None
    life = _Life(batch, addition, _ranges(db, since))
    if addition is None:
        life.ranges[batch.position] = (0, batch.count if first_added is None else int(first_added))
    return life


def source(db: Connection, token: int) -> tuple[int, str, dict[str, object]]:
    """Of a certificate's batch: how many there are, who provided the reading (or empty), and the filing's document."""
    batch_id, _serial = split_token_id(token)
    row = _SOURCE.first(db, batch=batch_id, project=batch_id >> 16)
    if row is None:
        raise NotFound("No such certificate was issued.", remedy="Check the number; new ones appear within seconds.")
    count, key, document = row
    provider = acting_account(db, key, AccountKind.PROVIDER)
    return count, provider.name if provider else "", parsed(document)


def _ranges(db: Connection, last: int) -> dict[int, tuple[int, int]]:
    """Position to range of every event since the beginning, by walking back from the segment's last one."""
    return {position: (start, end) for position, _batch, start, end, _previous in _LIFE.rows(db, last=last)}


def _rows(db: Connection, positions: Iterable[int]) -> list[_Event]:
    return [_Event(*row) for row in _EVENTS.rows(db, keys=positions)]


def _names(db: Connection, documents: list[dict[str, Any]], first_holder: str) -> dict[str, str]:
    fields = {field for roles in _ROLES.values() for field in roles}
    wanted = {document[field] for document in documents for field in fields if isinstance(document.get(field), str)}
    names: dict[str, str] = dict(_NAMED.rows(db, keys=sorted(wanted | {first_holder})))
    for field, kind in _ACTING.items():
        for key in {str(document[field]) for document in documents if field in document}:
            account = acting_account(db, key, kind)
            names[key] = account.name if account else names.get(key, "")
    return names


def _step(row: _Event, document: dict[str, Any], life: _Life, names: dict[str, str]) -> TraceStep:
    kind, name = _KINDS[row.kind]
    if row.kind == "Retired" and document["reason"] == RetirementReason.CONSUMPTION:
        kind = "consumption"
    parties = {role: document[field] for field, role in _ROLES.get(row.kind, {}).items()}
    span = life.ranges.get(row.position)
    if row.kind == "Issued":
        parties = {"holder": life.batch.holder}
        document = _issued(document, life.batch, span[1] if span else life.batch.count)
    case_id, evidence = _basis(row, document)
    reason = document.get("reason", "")
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
        case_id=case_id,
        reason=reason if isinstance(reason, str) else "",
        evidence=evidence,
    )


def _basis(row: _Event, document: dict[str, Any]) -> tuple[int | None, str | None]:
    """The case an event belongs to, and the hash of what it was based on. A case's freeze has its number as basis."""
    basis = document.get("basis", document.get("evidence"))
    if row.kind in ("Frozen", "Unfrozen") and 0 < int(str(basis), 16) < 1 << 24:
        return int(str(basis), 16), None
    return row.case_id, basis


def _issued(document: dict[str, Any], batch: Batch, count: int) -> dict[str, Any]:
    """Of a whole chunk, what became this batch."""
    word = int(document["leaves"][batch.leaf % 256])
    return {
        "commitment": batch.commitment,
        "chunk": document["chunk"],
        "leaf": batch.leaf,
        "wh": str(word >> 136 & ((1 << 64) - 1)),
        "batch": str(batch.id),
        "count": count,
    }
