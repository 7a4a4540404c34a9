"""The market board: open lots, oldest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.cursors import closed, opened
from api.pages.rendering import page
from api.registry import registry_of
from api.shapes import listing_answer
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter()
_LOTS = 24


@router.get("/market")
def board(request: Request, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Open lots with plant, month, quantity and price."""
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        found = queries.open_listings(snapshot.db, after=opened("lots", after), limit=_LOTS)
    now = registry.now()
    return page(
        request,
        "market.html",
        current="market",
        lots=[listing_answer(view, now) for view in found.items],
        next=closed("lots", found.next),
    )
