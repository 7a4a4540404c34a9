"""Pages about projects: find one; its filing, the versions before it, and what it generated."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.charts import columns, every_month
from api.credits import credits_of
from api.cursors import closed, opened
from api.language import say
from api.pages.rendering import language_of, page
from api.proceedings import ccer_answer
from api.registry import registry_of
from api.shapes import named, project_answer, province
from api.sheets import csv_answer
from gecchain.rules import ProjectKey
from gecchain.store import browsing, ccer, queries
from gecchain.store.basis import batches_of_project

__all__ = ["router"]

router = APIRouter()
_PROJECTS: Final = 50


@router.get("/projects")
def projects(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Projects by a part of their name or the beginning of their code."""
    words = q.strip()
    with registry_of(request).snapshot(request) as snapshot:
        found = browsing.find_projects(snapshot.db, words, after=opened("projects", after), limit=_PROJECTS)
    rows = [(item, ProjectKey.from_id(item.named.project)) for item in found.items]
    return page(
        request,
        "projects.html",
        current="projects",
        words=words,
        rows=[(item, named(key.technology), province(key.province)) for item, key in rows],
        next=closed("projects", found.next),
    )


@router.get("/projects/{code}")
def project(request: Request, code: str) -> Response:
    """Filing facts, filing versions, and months issued with a chart."""
    with registry_of(request).snapshot(request) as snapshot:
        view = queries.project(snapshot.db, code)
        batches = batches_of_project(snapshot.db, view.project.id)
        linkage = ccer_answer(ccer.ccer(snapshot.db, view.project.id))
    found = project_answer(view, batches)
    latest = view.filing or view.history[-1]
    sums: dict[str, tuple[int]] = {}
    for row in found.months:
        sums[row.month] = (sums.get(row.month, (0,))[0] + row.count,)
    labels, counted = every_month(sums, (0,))
    return page(
        request,
        "project.html",
        current="projects",
        project=found,
        ccer=linkage,
        latest=found.filing or found.history[-1],
        chart=columns(labels, counted) if labels else None,
        credits=credits_of(latest.document),
    )


@router.get("/projects/{code}/months.csv")
def months_csv(request: Request, code: str) -> Response:
    """What was issued to a project, month by month and class by class."""
    language = language_of(request)
    with registry_of(request).snapshot(request) as snapshot:
        view = queries.project(snapshot.db, code)
        months = project_answer(view, batches_of_project(snapshot.db, view.project.id)).months
    fields = ("month", "electricity", "count", "first_number", "last_number")
    header = [say(language, f"field.{name}") for name in fields]
    rows = [
        (row.month, getattr(row.electricity, language), row.count, row.first_number, row.last_number) for row in months
    ]
    return csv_answer(f"project-{view.code}", header, rows)
