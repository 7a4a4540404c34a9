"""Which projects turned to CCER, and which of their months are registered (Q12, Q66, Q79)."""

from sqlalchemy import Connection, select

from gecchain.errors import NotFound
from gecchain.ledger import Parameters, Project
from gecchain.rules.numbers import ProjectKey
from gecchain.store.reading import value_by, values_where
from gecchain.store.tables import ccer_registrations, projects
from gecchain.store.views import CcerView

__all__ = ["ccer", "is_registered", "stands_still"]


def stands_still(db: Connection, batch: int) -> bool:
    """Whether what is untraded of a batch stands still: its project turned to CCER, or its month is registered."""
    return bool(db.scalar(select(projects.c.ccer).where(projects.c.id == batch >> 16))) or is_registered(db, batch)


def is_registered(db: Connection, batch: int) -> bool:
    """Whether the month of a batch is registered as CCER."""
    return value_by(db, "ccer_months", batch >> 16, batch >> 4 & 0xFFF) is not None


def ccer(db: Connection, code: str | int) -> CcerView:
    """A project's choice and registrations, by its code (as typed) or id; NotFound if it is not filed."""
    key = ProjectKey.parse(code) if isinstance(code, str) else ProjectKey.from_id(code)
    found: Project | None = value_by(db, "projects", key.id)
    if found is None:
        raise NotFound(f"Project {key.code} is not filed.")
    parameters: Parameters = value_by(db, "parameters", 1) or Parameters()
    registrations = values_where(db, "ccer_registrations", ccer_registrations.c.project == key.id)
    return CcerView(key.id, found.ccer, parameters.ccer_ends, registrations)
