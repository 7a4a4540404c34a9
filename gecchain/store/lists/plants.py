"""Projects, by owner, province, technology and the state of their filing."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from gecchain.ledger import Filing, FilingState, Project
from gecchain.store.facets import project_province, project_technology
from gecchain.store.lists.naming import accounts_at
from gecchain.store.reading import cursor_number, page, page_size
from gecchain.store.tables import filings, lanes, projects
from gecchain.store.views import Page
from gecchain.store.views.lists import ProjectRow

__all__ = ["ProjectFilter", "filed_projects", "project_query"]


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """What to list; None leaves it open.

    `state` is APPROVED for a project with a filing in force; SUBMITTED or SENT_BACK is where its first one stands.
    """

    owner: str | None = None
    province: int | None = None
    technology: int | None = None
    state: FilingState | None = None


def filed_projects(
    db: Connection, wanted: ProjectFilter, *, after: str | None = None, limit: int = 50
) -> Page[ProjectRow]:
    """Projects that fit, in the order of their ids."""
    query = project_query(wanted, cursor_number(after)).limit(page_size(limit) + 1)
    found = [Project(*row) for row in db.execute(query)]
    shown = _filings(db, found)
    issued = _issued(db, found)
    owners = accounts_at(db, (filing.owner for filing in shown.values()))
    rows = [ProjectRow(one, shown[one.id], owners.get(shown[one.id].owner), issued.get(one.id, 0)) for one in found]
    return page([(str(row.project.id), row) for row in rows], limit)


def project_query(wanted: ProjectFilter, after: int) -> Select[Any]:
    """The statement, without its limit."""
    query = select(projects).where(projects.c.id > after)
    if wanted.owner is not None:
        query = query.where(projects.c.owner == wanted.owner.lower())
    if wanted.province is not None:
        query = query.where(project_province(projects.c.id) == wanted.province)
    if wanted.technology is not None:
        query = query.where(project_technology(projects.c.id) == wanted.technology)
    if wanted.state is FilingState.APPROVED:
        query = query.where(projects.c.approved > 0)
    elif wanted.state is not None:
        return _first_filing(query, wanted.state, after)
    return query.order_by(projects.c.id)


def _first_filing(query: Select[Any], state: FilingState, after: int) -> Select[Any]:
    """Those without a filing in force whose latest version stands there: few, so the filings' index leads."""
    latest = and_(filings.c.project == projects.c.id, filings.c.version == projects.c.latest)
    query = query.join(filings, latest).where(filings.c.state == state.value, filings.c.project > after)
    return query.where(projects.c.approved == 0).order_by(filings.c.project)


def _filings(db: Connection, found: list[Project]) -> dict[int, Filing]:
    """The filing in force of each, or its latest."""
    keys = [one.id for one in found]
    shown: dict[int, Filing] = {}
    for at in range(0, len(keys), 500):
        query = (
            select(filings)
            .join(projects, projects.c.id == filings.c.project)
            .where(filings.c.project.in_(keys[at : at + 500]))
            .where(filings.c.version == func.coalesce(func.nullif(projects.c.approved, 0), projects.c.latest))
        )
        shown.update({row.project: Filing(*row) for row in db.execute(query)})
    return shown


def _issued(db: Connection, found: list[Project]) -> dict[int, int]:
    keys = [one.id for one in found]
    sums: dict[int, int] = {}
    for at in range(0, len(keys), 500):
        query = select(lanes.c.project, func.sum(lanes.c.issued).label("issued")).where(
            lanes.c.project.in_(keys[at : at + 500])
        )
        sums.update({row.project: int(row.issued) for row in db.execute(query.group_by(lanes.c.project))})
    return sums
