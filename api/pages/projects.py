"""The page of a project: its filing, the versions before it, and what it generated."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.charts import columns
from api.credits import credits_of
from api.pages.rendering import page
from api.proceedings import ccer_answer
from api.registry import registry_of
from api.shapes import project_answer
from gecchain.store import ccer, queries
from gecchain.store.basis import batches_of_project

__all__ = ["router"]

router = APIRouter()


@router.get("/projects/{code}")
def project(request: Request, code: str) -> Response:
    """Filing facts, filing versions, and months issued with a chart."""
    with registry_of(request).snapshot(request) as snapshot:
        view = queries.project(snapshot.db, code)
        batches = batches_of_project(snapshot.db, view.project.id)
        linkage = ccer_answer(ccer.ccer(snapshot.db, view.project.id))
    found = project_answer(view, batches)
    latest = view.filing or view.history[-1]
    return page(
        request,
        "project.html",
        project=found,
        ccer=linkage,
        latest=found.filing or found.history[-1],
        chart=columns([row.month for row in found.months], [(row.count,) for row in found.months]),
        credits=credits_of(latest.document),
    )
