"""Disputes: one with all its steps, lists of them, and those that take too long (Q95)."""

from typing import Any

from sqlalchemy import Connection, Select, or_, select

from gecchain.errors import NotFound
from gecchain.ledger import Case, Parameters
from gecchain.rules.numbers import BatchKey, ProjectKey, number_of, token_id
from gecchain.rules.purposes import CaseStage
from gecchain.store.reading import (
    account_or_none,
    cursor_number,
    events_about,
    page,
    page_size,
    project_name,
    value_by,
    values_where,
)
from gecchain.store.tables import (
    additions,
    cases,
    deductions,
    doubts,
    events,
    undone_retirements,
    undone_trades,
)
from gecchain.store.views import CaseView, Page

__all__ = ["case", "case_list", "overdue_cases"]

_DAY = 86_400


def case(db: Connection, number: int) -> CaseView:
    """One dispute by its number; NotFound if there is none."""
    found: Case | None = value_by(db, "cases", number) if 0 < number < 1 << 24 else None
    if found is None:
        raise NotFound(f"Case {number} does not exist.")
    return _view(db, found)


def case_list(
    db: Connection,
    *,
    stage: int | None = None,
    batch: int | None = None,
    claimant: str | None = None,
    still_open: bool = False,
    after: str | None = None,
    limit: int = 50,
) -> Page[CaseView]:
    """Disputes in the order they were opened; of one stage, batch or claimant, or only those that are not closed."""
    query = select(cases).where(cases.c.id > cursor_number(after))
    for column, value in ((cases.c.stage, stage), (cases.c.batch, batch), (cases.c.claimant, claimant)):
        if value is not None:
            query = query.where(column == (value.lower() if isinstance(value, str) else value))
    if still_open:
        query = query.where(cases.c.closed == 0)
    return _paged(db, query, limit)


def overdue_cases(db: Connection, now: int, *, after: str | None = None, limit: int = 50) -> Page[CaseView]:
    """Disputes whose present stage should be over at `now`, UTC seconds; the days are the authority's."""
    days = _days(db)
    late = or_(*((cases.c.stage == stage) & (cases.c.since <= now - allowed * _DAY) for stage, allowed in days.items()))
    return _paged(db, select(cases).where(cases.c.closed == 0, late, cases.c.id > cursor_number(after)), limit)


def _days(db: Connection) -> dict[int, int]:
    set_: Parameters = value_by(db, "parameters", 1) or Parameters()
    return {
        CaseStage.OPENED: set_.proposal_days,
        CaseStage.PROPOSED: set_.check_days,
        CaseStage.CHECKED: set_.decision_days,
        CaseStage.DECIDED: set_.execution_days,
    }


def _paged(db: Connection, query: Select[Any], limit: int) -> Page[CaseView]:
    rows = db.execute(query.order_by(cases.c.id).limit(page_size(limit) + 1))
    found = [Case(*row) for row in rows]
    return page([(str(item.id), _view(db, item)) for item in found], limit)


def _view(db: Connection, found: Case) -> CaseView:
    key = BatchKey.from_id(found.batch)
    about = {
        "additions": additions,
        "deductions": deductions,
        "undone_trades": undone_trades,
        "undone_retirements": undone_retirements,
    }
    done = {kind: values_where(db, kind, table.c.case_id == found.id) for kind, table in about.items()}
    return CaseView(
        case=found,
        claimant=account_or_none(db, found.claimant),
        project_code=ProjectKey.from_id(key.project).code,
        project_name=project_name(db, key.project),
        month=key.month.index,
        first_number=number_of(token_id(found.batch, 0)),
        doubtful=values_where(db, "doubts", doubts.c.case_id == found.id, order="number"),
        due_at=0 if found.closed else found.since + _days(db)[found.stage] * _DAY,
        steps=events_about(db, events.c.case_id == found.id),
        **done,
    )
