"""Pages about disputes: which there are, and one with every step, so that anybody can follow how it was decided."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.cursors import closed, opened
from api.pages.rendering import page
from api.parameters import serial_number
from api.proceedings import case_answer
from api.registry import registry_of
from gecchain.store import disputes

__all__ = ["router"]

router = APIRouter()
_ROWS: Final = 50
_HUMP: Final = re.compile(r"(?<!^)(?=[A-Z])")


@router.get("/cases")
def cases(request: Request, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Every dispute, oldest first."""
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        found = disputes.case_list(snapshot.db, after=opened("cases", after), limit=_ROWS)
    now = registry.now()
    return page(
        request,
        "cases.html",
        current="statistics",
        cases=[case_answer(view, now) for view in found.items],
        next=closed("cases", found.next),
    )


@router.get("/cases/{number}")
def case(request: Request, number: str) -> Response:
    """One dispute: what was claimed, proposed, checked, decided and done."""
    registry, wanted = registry_of(request), serial_number("case", number)
    with registry.snapshot(request) as snapshot:
        view = disputes.case(snapshot.db, wanted)
    return page(request, "case.html", current="statistics", case=case_answer(view, registry.now()), snake=_snake)


def _snake(kind: str) -> str:
    """`CaseOpened` as `case_opened`, the name of an event in the catalogue."""
    return _HUMP.sub("_", kind).lower()
