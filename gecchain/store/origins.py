"""What stands around a certificate's own events: where it came from, and what was decided about it.

Selects of positions of events that concern it without acting on its range: filings, readings, declarations, disputes,
CCER, orders, warnings and closed accounts. They are parts of one statement (see tracing.py), which begins with two
tables: `begun`, one row of how it came to be, and `life`, the steps of its range.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Select, bindparam, exists, func, literal_column, or_, select, union

from gecchain.rules.purposes import RetirementReason
from gecchain.store.tables import (
    accounts,
    approvals,
    cases,
    ccer_registrations,
    commitments,
    deals,
    declarations,
    doubts,
    events,
    expiry_warnings,
    filings,
    retirements,
    settlements,
    trades,
)
from gecchain.store.tables.chain import CHOSEN

__all__ = ["may_be_special", "says_special", "special", "usual"]

_STAGES: Final = ("CaseOpened", "CaseProposed", "CaseChecked", "CaseDecided", "CaseClosed", "EnergyCorrected")
# Written out: of a parameter PostgreSQL would not know how few events are of these kinds, and plan each time anew.
_IS_STAGE: Final = events.c.kind.in_([literal_column(f"'{stage}'") for stage in _STAGES])


def usual(begun: CTE) -> Iterator[Select[Any]]:
    """Positions of what stands around every certificate; the same one may come more than once."""
    yield from _filed(begun)
    yield from _read(begun)
    yield select(expiry_warnings.c.position).where(expiry_warnings.c.month == begun.c.month)


def special(begun: CTE, life: CTE) -> Iterator[Select[Any]]:
    """Of what stands around few: to look for it costs more than all the rest. Some are null."""
    yield _declared(begun)
    yield _disputed(life)
    yield from _turned(begun)
    yield _ordered(life)
    yield _closed(life)


def may_be_special() -> ColumnElement[bool]:
    """Whether there may be any of that, apart from what events on its range say (see `says_special`).

    What was added to a batch was added by a case about it.
    """
    return or_(
        commitments.c.declared,
        exists().where(cases.c.batch == bindparam("batch")),
        exists().where(events.c.project == bindparam("project"), CHOSEN),
        exists().where(ccer_registrations.c.project == bindparam("project")),
    )


def says_special(kind: str, case_id: int | None, document: Mapping[str, Any]) -> bool:
    """Whether an event on its range says that there is some: a case, an order, an account that was closed."""
    if kind == "Traded":
        return bool(document["listing"] == "0")
    if kind == "Retired":
        return bool(document["reason"] == RetirementReason.ACCOUNT_CLOSED)
    return case_id is not None


def _filed(begun: CTE) -> Iterator[Select[Any]]:
    """The filing's versions up to the one in force when the batch was issued; 0 is the review of none."""
    filed = (
        select(filings.c.submitted, filings.c.reviewed)
        .where(filings.c.project == bindparam("project"), filings.c.version <= begun.c.filing)
        .cte("filed")
    )
    yield select(filed.c.submitted)
    yield select(filed.c.reviewed)


def _read(begun: CTE) -> Iterator[Select[Any]]:
    """The commitment with its approvals, unless a case added it."""
    metered = begun.c.added.is_(None)
    yield select(begun.c.committed).where(metered)
    yield select(approvals.c.position).where(approvals.c.commitment == begun.c.commitment, metered)


def _declared(begun: CTE) -> Select[Any]:
    """The declaration that the commitment was made of, if the reading was declared."""
    return (
        select(events.c.position)
        .join(declarations, declarations.c.id == events.c.subject)
        .join(begun, declarations.c.commitment == begun.c.commitment)
        .where(declarations.c.index == begun.c.leaf, begun.c.declared, begun.c.added.is_(None))
    )


def _disputed(life: CTE) -> Select[Any]:
    """Every stage of the cases that put it in doubt or did something to it."""
    did = _of_each(life, select(events.c.case_id).where(events.c.position == life.c.position))
    doubted = (
        select(doubts.c.case_id)
        .join(cases, cases.c.id == doubts.c.case_id)
        .where(cases.c.batch == bindparam("batch"), doubts.c.start <= bindparam("serial"))
        .where(doubts.c.end > bindparam("serial"))
    )
    found = union(doubted, did).subquery("disputes")
    return select(events.c.position).join(found, events.c.case_id == found.c.case_id).where(_IS_STAGE)


def _turned(begun: CTE) -> Iterator[Select[Any]]:
    """Choices between certificates and CCER since the issue, and the month's registration."""
    yield select(events.c.position).where(
        events.c.project == bindparam("project"), CHOSEN, events.c.position > begun.c.issued
    )
    yield select(ccer_registrations.c.position).where(
        ccer_registrations.c.project == bindparam("project"),
        ccer_registrations.c.start <= begun.c.month,
        ccer_registrations.c.end > begun.c.month,
    )


def _ordered(life: CTE) -> Select[Any]:
    """The order or settlement that a trade carried out; one from a listing has none."""
    orders = func.coalesce(*(_carried_out(table).scalar_subquery() for table in (deals, settlements)))
    return _of_each(life, select(orders).where(trades.c.position == life.c.position, trades.c.listing == 0))


def _carried_out(table: Any) -> Select[Any]:
    """Of the orders the newest that begins with a trade before this one, if it ends with it or a later one."""
    until = table.alias()
    newest = select(func.max(until.c.first_trade)).where(until.c.first_trade.between(1, trades.c.id)).correlate(trades)
    ours = table.c.first_trade == newest.scalar_subquery(), table.c.last_trade >= trades.c.id
    return select(func.max(table.c.position)).where(*ours).correlate(trades)


def _closed(life: CTE) -> Select[Any]:
    """The closing of the account behind a retirement."""
    return _of_each(
        life,
        select(accounts.c.closed)
        .join(retirements, retirements.c.holder == accounts.c.address)
        .where(retirements.c.position == life.c.position, accounts.c.closed != 0)
        .where(retirements.c.reason == RetirementReason.ACCOUNT_CLOSED.value),
    )


def _of_each(life: CTE, found: Select[Any]) -> Select[Any]:
    """What is found by a step's position, or null. Said so that no database can begin with the other table."""
    return select(found.correlate(life).scalar_subquery()).select_from(life)
