"""Projects: the filing in force, every version before it, and what they generated."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from api.answering import AnswerRoute
from api.registry import registry_of
from api.shapes import project_answer
from api.waiting import Waits
from gecchain.answers import ProjectAnswer
from gecchain.store import queries
from gecchain.store.basis import batches_of_project

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["projects"], dependencies=[Waits])


@router.get("/projects/{code}")
def project(
    request: Request, code: Annotated[str, Path(max_length=400, description="Project code, 17 characters")]
) -> ProjectAnswer:
    """A project by its code (项目代码)."""
    with registry_of(request).snapshot(request) as snapshot:
        view = queries.project(snapshot.db, code)
        return project_answer(view, batches_of_project(snapshot.db, view.project.id))
