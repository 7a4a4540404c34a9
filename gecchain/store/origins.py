"""What stands around a certificate's own events: where it came from, and what was decided about it.

Selects of positions of events that concern it without acting on its range: filings, readings, declarations, disputes,
CCER, orders, warnings and closed accounts. Beside a position may be a party of that event with its names (see `named`).
They are parts of one statement (see tracing.py), which begins with two tables: `begun`, one row of how it came to be,
and `life`, the steps of its range.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
)

from gecchain.rules.purposes import AccountKind, RetirementReason
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

__all__ = ["may_be_special", "named", "says_special", "special", "unnamed", "usual"]

_STAGES: Final = ("CaseOpened", "CaseProposed", "CaseChecked", "CaseDecided", "CaseClosed", "EnergyCorrected")
# Written out: of a parameter PostgreSQL would not know how few events are of these kinds, and plan each time anew.
_IS_STAGE: Final = events.c.kind.in_([literal_column(f"'{stage}'") for stage in _STAGES])


def usual(begun: CTE) -> Iterator[Select[Any]]:
    """Of what stands around every certificate; the same position may come more than once."""
    yield from _filed(begun)
    yield from _read(begun)
    yield unnamed(select(expiry_warnings.c.position).where(expiry_warnings.c.month == begun.c.month))


def special(begun: CTE, life: CTE) -> Iterator[Select[Any]]:
    """Of what stands around few: to look for it costs more than all the rest. Some are null."""
    parts = (_declared(begun), _disputed(life), *_turned(begun), _ordered(life), _closed(life))
    yield from map(unnamed, parts)


def named(found: Select[Any], party: ColumnElement[str], acting: AccountKind | None = None) -> Select[Any]:
    """With an address in the event and the name of its account, or none, and, where the address is a key that acts for
    an account of a kind, that account's name, or null. Of most parties there is no more to be known.
    """
    own = select(accounts.c.name).where(accounts.c.address == party).scalar_subquery()
    for_whom: ColumnElement[Any] = null().cast(Text)
    if acting is not None:
        acts = accounts.c.operator == party, accounts.c.kind == literal_column(str(acting.value))
        other = accounts.alias("other")
        same = other.c.operator == party, other.c.kind == literal_column(str(acting.value))
        newest = select(func.max(other.c.opened)).where(*same).scalar_subquery()
        for_whom = select(accounts.c.name).where(*acts, accounts.c.opened == newest).scalar_subquery()
    return found.add_columns(
        party.label("party"), func.coalesce(own, literal_column("''")).label("own"), for_whom.label("acting")
    )


def unnamed(found: Select[Any]) -> Select[Any]:
    """With nulls in these three places."""
    return found.add_columns(*(null().cast(Text).label(name) for name in ("party", "own", "acting")))


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
        select(filings.c.submitted, filings.c.reviewed, filings.c.owner, filings.c.reviewer)
        .where(filings.c.project == bindparam("project"), filings.c.version <= begun.c.filing)
        .cte("filed")
    )
    yield named(select(filed.c.submitted), filed.c.owner)
    yield named(select(filed.c.reviewed), filed.c.reviewer, AccountKind.PROVINCE)


def _read(begun: CTE) -> Iterator[Select[Any]]:
    """The commitment with its approvals, unless a case added it."""
    metered = begun.c.added.is_(None)
    yield named(select(begun.c.committed).where(metered), begun.c.provider, AccountKind.PROVIDER)
    approved = select(approvals.c.position).where(approvals.c.commitment == begun.c.commitment, metered)
    yield named(approved, approvals.c.officer)


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
