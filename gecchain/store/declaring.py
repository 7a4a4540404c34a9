"""Declared readings: one with its steps, and lists by stage and owner (Q26, Q33)."""

from sqlalchemy import Connection, select

from gecchain.errors import NotFound
from gecchain.ledger import Declaration
from gecchain.rules.numbers import ProjectKey
from gecchain.store.reading import (
    account_or_none,
    cursor_number,
    events_about,
    page,
    page_size,
    project_name,
    value_by,
)
from gecchain.store.tables import declarations, events
from gecchain.store.views import DeclarationView, Page

__all__ = ["declaration", "declaration_list"]

_WH = (1 << 64) - 1


def declaration(db: Connection, number: str) -> DeclarationView:
    """One declaration by its hash; NotFound if there is none."""
    found: Declaration | None = value_by(db, "declarations", number.lower())
    if found is None:
        raise NotFound(f"Declaration {number} does not exist.")
    return _view(db, found)


def declaration_list(
    db: Connection,
    *,
    stage: int | None = None,
    owner: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[DeclarationView]:
    """Declarations in the order they were (last) made, of one stage or owner."""
    query = select(declarations).where(declarations.c.declared > cursor_number(after))
    if stage is not None:
        query = query.where(declarations.c.stage == stage)
    if owner is not None:
        query = query.where(declarations.c.owner == owner.lower())
    rows = db.execute(query.order_by(declarations.c.declared).limit(page_size(limit) + 1))
    found = [Declaration(*row) for row in rows]
    return page([(str(item.declared), _view(db, item)) for item in found], limit)


def _view(db: Connection, found: Declaration) -> DeclarationView:
    project = found.leaf >> 208
    return DeclarationView(
        declaration=found,
        owner=account_or_none(db, found.owner),
        project=project,
        project_code=ProjectKey.from_id(project).code,
        project_name=project_name(db, project),
        electricity=found.leaf >> 200 & 0xFF,
        wh=found.leaf >> 136 & _WH,
        steps=events_about(db, events.c.subject == found.id),
    )
