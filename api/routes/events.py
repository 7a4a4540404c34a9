"""The feed: every event of the chain, in its total order, for whoever keeps books of their own."""

from fastapi import APIRouter, Request

from api.cursors import closed, opened
from api.parameters import After, Limit
from api.registry import registry_of
from api.schemas import EventAnswer, PageAnswer
from api.shapes import event_answer
from api.waiting import Waits
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["events"], dependencies=[Waits])


@router.get("/events")
def events(request: Request, after: After = None, limit: Limit = 100) -> PageAnswer[EventAnswer]:
    """Events after a cursor, oldest first.

    Each event carries its own cursor: keep the last one and ask with it again later. ERC-2309 transfers are left out;
    each repeats the event beside it.
    """
    with registry_of(request).snapshot(request) as snapshot:
        page = queries.event_feed(snapshot.db, after=opened("event", after), limit=limit)
    items = [event_answer(view, closed("event", view.cursor) or "") for view in page.items]
    return PageAnswer(items=items, next=closed("event", page.next))
