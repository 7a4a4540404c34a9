"""The whole way of one certificate, from filing and reading to its end (Q11, Q18).

The five kinds of event are those of ITU-T F.751.14's title list; which event is which kind is ours:
production (filing, review, declared, committed and approved reading, issue, correction, addition), trading (listing,
withdrawal, trade, order, undoing of a trade), transmission (free move), consumption (declared retirement), settlement
(every other retirement, its undoing, freeze, unfreeze, dispute, deduction, CCER, settlement of a contract, warning).
A range event knows the event before it, so the history of a serial is a walk along a chain, not a search.
"""

from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

import orjson
from sqlalchemy import Select, and_, bindparam, case, func, literal_column, null, or_, select, true, union_all

from gecchain.errors import NotFound, Unavailable
from gecchain.rules.numbers import split_token_id
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.rules.purposes import AccountKind, RetirementReason
from gecchain.store.glancing import Asking, Moved, Question, found_by
from gecchain.store.looking import CURSOR
from gecchain.store.origins import may_be_special, named, says_special, special, unnamed, usual
from gecchain.store.prepared import Driven, Prepared
from gecchain.store.reading import BLOCK_OF_EVENT, parsed
from gecchain.store.tables import accounts, additions, batches, blocks, commitments, cursor, events, segments, steps
from gecchain.store.tables.making import BIG
from gecchain.store.views import CertificateTrace, Health, Party, TraceKind, TraceStep

__all__ = ["issued", "trace", "trace_at", "whole_trace"]

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

TRIES: Final = 10
_BESIDE: Final = 3  # columns at the end of a row: a party and its names
_ISSUED: Final[Any] = literal_column("'Issued'")
_BATCH: Final[Any] = bindparam("batch")
_SERIAL: Final[Any] = bindparam("serial")


def _story(*, whole: bool) -> Select[Any]:
    """Where the index stands and, beside it, every event that concerns a certificate; if there are none, once.

    In no order, and the same one may come more than once, and none at all in between. Unless it is the `whole`, without
    what stands around few.
    """
    begun = (_with_additions(_begun()) if whole else _begun()).cte("begun")
    life = select(steps).join(begun, steps.c.position == begun.c.since).cte("life", recursive=True)
    life = life.union_all(select(steps).join(life, steps.c.position == life.c.previous))
    empty = null().cast(BIG)
    around = [*usual(begun), *(special(begun, life) if whole else ())]
    issue = select(begun.c.issued).where(begun.c.added.is_(None))
    about = union_all(
        unnamed(select(life.c.position).join(begun, life.c.position != begun.c.issued)).add_columns(
            life.c.start, life.c.end
        ),
        named(issue, begun.c.holder).add_columns(literal_column("0").label("start"), begun.c.metered.label("end")),
        *(part.add_columns(empty, empty) for part in around),
    ).subquery("about")
    found = (
        select(
            *(begun.c[name] for name in _Basis._fields),
            *(events.c[name] for name in ("position", "kind", "transaction")),
            case((events.c.kind != _ISSUED, events.c.document)).label("document"),  # of a whole chunk
            events.c.case_id,
            *(blocks.c.hash, blocks.c.time, about.c.start, about.c.end),
            *(about.c[name] for name in ("party", "own", "acting")),
        )
        .select_from(about)
        .join(begun, true())
        .outerjoin(events, events.c.position == about.c.position)  # outer: or SQLite begins with all events
        .outerjoin(blocks, blocks.c.number == BLOCK_OF_EVENT)
        .subquery("found")
    )
    return select(*CURSOR, *found.c).select_from(cursor.outerjoin(found, true()))


def _begun() -> Select[Any]:
    """How a certificate came to be: its batch, its segment's last event, its reading; of its batch none was added."""
    held = select(func.max(segments.c.start)).where(segments.c.batch == _BATCH, segments.c.start <= _SERIAL)
    return (
        select(
            *(batches.c[name] for name in ("id", "commitment", "leaf", "filing", "month", "holder", "word")),
            batches.c.count.label("batch_count"),
            batches.c.position.label("issued"),
            segments.c.since,
            commitments.c.provider,
            commitments.c.declared,
            commitments.c.position.label("committed"),
            may_be_special().label("special"),
            batches.c.count.label("metered"),
            null().cast(BIG).label("added"),
        )
        .select_from(batches)
        .join(segments, and_(segments.c.batch == batches.c.id, segments.c.start == held.scalar_subquery()))
        .join(commitments, commitments.c.id == batches.c.commitment)
        .where(batches.c.id == _BATCH, segments.c.end > _SERIAL)
    )


def _with_additions(begun: Select[Any]) -> Select[Any]:
    """The same with what cases added to the batch: where that begins, and the addition that the certificate is of."""
    last = select(func.max(additions.c.start)).where(additions.c.batch == _BATCH, additions.c.start <= _SERIAL)
    first = select(func.min(additions.c.start)).where(additions.c.batch == _BATCH).scalar_subquery()
    is_last = additions.c.batch == batches.c.id, additions.c.start == last.scalar_subquery()
    return begun.outerjoin(additions, and_(*is_last, additions.c.end > _SERIAL)).with_only_columns(
        *list(begun.selected_columns)[:-2],
        func.coalesce(first, batches.c.count).label("metered"),
        additions.c.start.label("added"),
    )


class _Basis(NamedTuple):
    """What a certificate stands on, as far as a trace names it; nothing at all if it was never issued."""

    id: int | None
    batch_count: int
    commitment: int
    leaf: int
    word: int
    filing: int
    holder: str
    provider: str
    special: bool


class _Event(NamedTuple):
    """An event with its block, and the range it acted on."""

    position: int
    kind: str
    transaction: str
    document: str | None
    case_id: int | None
    hash: str
    time: int
    start: int | None
    end: int | None


_USUAL: Final = Prepared(_story(whole=False))
_WHOLE: Final = Prepared(_story(whole=True))
_ACTING_KINDS: Final = sorted({kind.value for kind in _ACTING.values()})
_NAMED: Final = Prepared(
    lambda is_key: (
        select(cursor.c.block, cursor.c.hash, accounts.c.address, accounts.c.name, accounts.c.operator, accounts.c.kind)
        .select_from(
            cursor.outerjoin(
                accounts,
                or_(
                    is_key(accounts.c.address),
                    and_(is_key(accounts.c.operator), accounts.c.kind.in_(_ACTING_KINDS)),
                ),
            )
        )
        .order_by(accounts.c.opened)
    )
)


def trace(db: Driven, token: int) -> tuple[TraceStep, ...]:
    """Every event that concerns one certificate, in the chain's order. NotFound if it was never issued."""
    return whole_trace(db, token).steps


def whole_trace(db: Driven, token: int) -> CertificateTrace:
    """The same, with the batch's count, the provider and the filing. NotFound if it was never issued.

    A transaction that reads what is committed may see the index move, and is then asked again.
    """
    for _ in range(TRIES):
        with suppress(Moved):
            return issued(found_by(db, trace_at(token))[1])
    raise Unavailable("The index moves on faster than it can be read.", remedy="Try again in a moment.")


def issued(found: CertificateTrace | None) -> CertificateTrace:
    """A trace that was found; NotFound if there is none."""
    if found is None:
        raise NotFound("No such certificate was issued.", remedy="Check the number; new ones appear within seconds.")
    return found


def trace_at(token: int) -> Asking[tuple[Health | None, CertificateTrace | None]]:
    """The same, together with where the index stands; None if it was never issued.

    One statement; another where there may be something of what stands around few, and one more for names where it was
    traded or anything else was done with it.
    """
    batch, serial = split_token_id(token)
    keys = {"batch": batch, "project": batch >> 16, "serial": serial}
    rows = yield Question(_USUAL, keys)
    health, basis, told = _told(rows)
    if basis is None:
        return health, None
    if basis.special or any(says_special(event.kind, event.case_id, document) for event, document in told):
        rows = yield Question(_WHOLE, keys)
        health, basis, told = _told(rows)
    if health is None or basis is None:
        raise Moved
    parties = {(field, document[field]) for event, document in told for field in _ROLES.get(event.kind, ())}
    parties |= {("holder", basis.holder), ("provider", basis.provider)}
    names = _names_beside(rows)
    if not all(names.knows(field, address) for field, address in parties):
        names = yield from _names(health, {address for _field, address in parties})
    in_force = (doc for event, doc in told if event.kind == "FilingSubmitted" and doc["version"] == basis.filing)
    return health, CertificateTrace(
        steps=tuple(_step(event, document, basis, names) for event, document in told),
        batch_count=basis.batch_count,
        provider=names.acting.get((basis.provider, AccountKind.PROVIDER.value)) or "",
        filing=parsed(next(in_force)["document"]),
    )


def _told(rows: list[tuple[Any, ...]]) -> tuple[Health | None, _Basis | None, list[tuple[_Event, dict[str, Any]]]]:
    """Events in the chain's order, each once, with the range it acted on if it did, and with its document."""
    if not rows:
        return None, None, []
    at, to = len(CURSOR), len(CURSOR) + len(_Basis._fields)
    health, basis = Health(*rows[0][:at]), _Basis(*rows[0][at:to])
    if basis.id is None:
        return health, None, []
    once: dict[int, _Event] = {}
    for row in rows:
        if row[to] is not None:
            event = _Event(*row[to:-_BESIDE])
            if event.start is not None or event.position not in once:
                once[event.position] = event
    return health, basis, [(once[position], _document(once[position], basis)) for position in sorted(once)]


def _document(event: _Event, basis: _Basis) -> dict[str, Any]:
    """An event's fields; of the issue of a whole chunk, what became this batch."""
    if event.document is not None:
        return cast("dict[str, Any]", orjson.loads(event.document))
    return {
        "commitment": basis.commitment,
        "chunk": basis.leaf // CHUNK_LEAVES.value,
        "leaf": basis.leaf,
        "wh": str(basis.word >> 136 & ((1 << 64) - 1)),
        "batch": str(basis.id),
        "count": basis.batch_count if event.end is None else event.end,
    }


class _Names(NamedTuple):
    """Names of accounts by address, and of those that a key acts for now by key and kind, or None."""

    own: dict[str, str]
    acting: dict[tuple[str, int], str | None]

    def knows(self, field: str, address: str) -> bool:
        """Whether the name to an address in a field of an event was looked for."""
        kind = _ACTING.get(field)
        return address in self.own and (kind is None or (address, kind.value) in self.acting)

    def of(self, field: str, address: str) -> str:
        """The name to an address in a field of an event."""
        kind = _ACTING.get(field)
        acting = self.acting.get((address, kind.value)) if kind else None
        return self.own.get(address, "") if acting is None else acting


def _names_beside(rows: list[tuple[Any, ...]]) -> _Names:
    """Those that came along with the events."""
    names = _Names({}, {})
    kind_at = len(CURSOR) + len(_Basis._fields) + _Event._fields.index("kind")
    for row in rows:
        party, own, acting = row[-_BESIDE:]
        if party is not None:
            names.own[party] = own
            for kind in filter(None, map(_ACTING.get, _ROLES.get(row[kind_at], ()))):
                names.acting[party, kind.value] = acting
    return names


def _names(health: Health, parties: set[str]) -> Asking[_Names]:
    rows = yield Question(_NAMED, {"keys": list(parties)})
    if not rows or rows[0][:2] != (health.block, health.hash):
        raise Moved
    own: dict[str, str] = {}
    acting: dict[tuple[str, int], str | None] = {}
    for _block, _hash, address, name, operator, kind in rows:
        own[address] = name
        acting[operator, kind] = name
    return _Names(own, acting)


def _step(event: _Event, document: dict[str, Any], basis: _Basis, names: _Names) -> TraceStep:
    kind, name = _KINDS[event.kind]
    if event.kind == "Retired" and document["reason"] == RetirementReason.CONSUMPTION:
        kind = "consumption"
    parties = {role: (field, document[field]) for field, role in _ROLES.get(event.kind, {}).items()}
    if event.kind == "Issued":
        parties = {"holder": ("holder", basis.holder)}
    case_id, evidence = _based_on(event, document)
    reason = document.get("reason", "")
    return TraceStep(
        kind=kind,
        name=name,
        time=event.time,
        block=event.position >> 24,
        block_hash=event.hash,
        transaction=event.transaction,
        log_index=event.position & 0xFFFFFF,
        parties=tuple(Party(role, address, names.of(field, address)) for role, (field, address) in parties.items()),
        start=event.start,
        end=event.end,
        data=document,
        case_id=case_id,
        reason=reason if isinstance(reason, str) else "",
        evidence=evidence,
    )


def _based_on(row: _Event, document: dict[str, Any]) -> tuple[int | None, str | None]:
    """The case an event belongs to, and the hash of what it was based on. A case's freeze has its number as basis."""
    basis = document.get("basis", document.get("evidence"))
    if row.kind in ("Frozen", "Unfrozen") and 0 < int(str(basis), 16) < 1 << 24:
        return int(str(basis), 16), None
    return row.case_id, basis
