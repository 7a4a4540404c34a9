"""What stands around a certificate's own events: where it came from, and what was decided about it.

Positions of events that concern it without acting on its range: filings, readings, declarations, disputes, CCER,
orders, warnings and closed accounts.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, union_all

from gecchain.ledger import Account, Addition, Batch, Commitment
from gecchain.rules.purposes import RetirementReason
from gecchain.store.orders import order_of_trade
from gecchain.store.prepared import Prepared
from gecchain.store.reading import account_or_none, value_by
from gecchain.store.tables import (
    approvals,
    cases,
    ccer_registrations,
    declarations,
    doubts,
    events,
    expiry_warnings,
    filings,
)
from gecchain.store.tables.chain import CHOSEN

__all__ = ["circumstances"]

_STAGES: Final = ("CaseOpened", "CaseProposed", "CaseChecked", "CaseDecided", "CaseClosed", "EnergyCorrected")

_FILED: Final = Prepared(
    select(filings.c.submitted, filings.c.reviewed).where(
        filings.c.project == bindparam("project"), filings.c.version <= bindparam("version")
    )
)
_DOUBTFUL: Final = Prepared(
    select(cases.c.id)
    .join(doubts, doubts.c.case_id == cases.c.id)
    .where(cases.c.batch == bindparam("batch"), doubts.c.start <= bindparam("serial"))
    .where(doubts.c.end > bindparam("serial"))
)
_TURNED: Final = Prepared(
    union_all(
        select(events.c.position).where(
            events.c.project == bindparam("project"),
            CHOSEN,
            events.c.position > bindparam("issued"),
        ),
        select(ccer_registrations.c.position).where(
            ccer_registrations.c.project == bindparam("project"),
            ccer_registrations.c.start <= bindparam("month"),
            ccer_registrations.c.end > bindparam("month"),
        ),
        select(expiry_warnings.c.position).where(expiry_warnings.c.month == bindparam("month")),
    )
)


def circumstances(
    db: Connection, batch: Batch, serial: int, addition: Addition | None, acted: Iterable[dict[str, Any]]
) -> set[int]:
    """Positions of what concerns a certificate. `acted` are the documents of the events on its range, with `kind`."""
    documents = list(acted)
    found = set(_filed(db, batch))
    if addition is None:
        found.update(_read(db, batch))
    found.update(_disputed(db, batch, serial, {document.get("case_id", 0) for document in documents}))
    found.update(_turned(db, batch))
    for document in documents:
        found.update(_beside(db, document))
    return found


def _filed(db: Connection, batch: Batch) -> Iterator[int]:
    """The filing's versions up to the one in force when the batch was issued."""
    for row in _FILED.rows(db, project=batch.id >> 16, version=batch.filing):
        yield from (place for place in row if place)


def _read(db: Connection, batch: Batch) -> Iterator[int]:
    """The commitment with its approvals, and the declaration that it was made of if the reading was declared."""
    commitment: Commitment = value_by(db, "commitments", batch.commitment)
    yield commitment.position
    if commitment.approvals:
        yield from db.scalars(select(approvals.c.position).where(approvals.c.commitment == commitment.id))
    if commitment.declared:
        of_leaf = select(declarations.c.id).where(
            declarations.c.commitment == batch.commitment, declarations.c.index == batch.leaf
        )
        yield from db.scalars(select(events.c.position).where(events.c.subject.in_(of_leaf)))


def _disputed(db: Connection, batch: Batch, serial: int, known: set[int]) -> Iterator[int]:
    """Every stage of the cases that put it in doubt or did something to it."""
    wanted = {*known, *_DOUBTFUL.scalars(db, batch=batch.id, serial=serial)} - {0}
    if not wanted:
        return
    yield from db.scalars(select(events.c.position).where(events.c.case_id.in_(wanted), events.c.kind.in_(_STAGES)))


def _turned(db: Connection, batch: Batch) -> Iterator[int]:
    """Choices between certificates and CCER since the issue, the month's registration, and the warning of its end."""
    yield from _TURNED.scalars(db, project=batch.id >> 16, issued=batch.position, month=batch.month)


def _beside(db: Connection, document: dict[str, Any]) -> Iterator[int]:
    """The order or settlement of a trade; the closing of the account behind a retirement."""
    if document["kind"] == "Traded":
        order = order_of_trade(db, int(document["trade"])) if document["listing"] == "0" else None
        if order is not None:
            yield order.position
    if document["kind"] == "Retired" and document["reason"] == RetirementReason.ACCOUNT_CLOSED:
        holder: Account | None = account_or_none(db, document["holder"])
        if holder is not None and holder.closed:
            yield holder.closed
