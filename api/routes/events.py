"""The feed: every event of the chain, in its total order, for whoever keeps books of their own."""

from typing import Annotated, Any, Final

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response, StreamingResponse

from api.answering import AnswerRoute
from api.cursors import closed, opened
from api.heads import is_head
from api.lists import LISTS, Asked, Listing, answered
from api.negotiation import STREAM, require_acceptable
from api.parameters import Account, account_address, project_id
from api.registry import registry_of
from api.shapes import event_answer
from api.streams import EventStream, Streams
from api.waiting import Waits
from gecchain.answers import EventAnswer, PageAnswer
from gecchain.errors import BadInput
from gecchain.events import EVENTS
from gecchain.store import feed
from gecchain.store.views import EventView

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["events"], dependencies=[Waits])

_PAGE: Final = 100
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {STREAM.media_type: {"schema": {"type": "string"}}}}
}
Kinds = Annotated[
    list[str] | None, Query(alias="kind", max_length=50, description="Only events of this kind; may be given again")
]
Project = Annotated[str | None, Query(max_length=400, description="Only events about the project with this code")]
Named = Annotated[Account, Query(description="Only events that name this account or key, or issue to it")]


@router.get("/events", response_model=PageAnswer[EventAnswer], responses=LISTS)
def events(
    request: Request, asked: Asked, kind: Kinds = None, project: Project = None, account: Named = None
) -> Response:
    """Events after a cursor, oldest first, 100 in a page unless `limit` says otherwise.

    Each event carries its own cursor: keep the last one and ask with it again later. Filters leave events out and
    change neither order nor cursors. ERC-2309 transfers are left out; each repeats the event beside it.

    A chain can take blocks back. Where the block of your cursor was, the next item is of the kind `RolledBack`: drop
    what you kept of blocks after `data.kept`, and go on; the events of the chain as it is now follow.
    """
    wanted = _wanted(kind, project, account)
    listing = Listing(
        "event",
        EventAnswer,
        lambda snapshot, after, limit: feed.event_feed(snapshot.db, **wanted, after=after, limit=limit),
        _shaped,
        usual=_PAGE,
        bound=False,
    )
    return answered(request, asked, listing)


@router.get("/events/stream", responses=_STREAM, response_class=StreamingResponse)
async def stream(
    request: Request,
    kind: Kinds = None,
    project: Project = None,
    account: Named = None,
    after: Annotated[str | None, Query(max_length=200, description="Cursor to begin after; without it, all")] = None,
    last: Annotated[
        str | None,
        Header(alias="Last-Event-ID", max_length=200, description="The last `id` that was received; before `after`"),
    ] = None,
) -> Response:
    """The same events as server-sent events, first what there is, then each as its block is indexed.

    `id` is the event's cursor and `data` the event as `/v1/events` has it, `RolledBack` included. A comment comes at
    least every 15 seconds. Who is cut off comes back with `Last-Event-ID`, as browsers do by themselves.
    """
    require_acceptable(request.headers.get("accept"), STREAM)
    wanted, begin = _wanted(kind, project, account), last if last else after

    def read(cursor: str | None) -> tuple[list[tuple[str, bytes]], bool]:
        with registry_of(request).snapshot(request) as snapshot:
            page = feed.event_feed(snapshot.db, **wanted, after=opened("event", cursor), limit=_PAGE)
        return [(closed("event", view.cursor) or "", _body(view)) for view in page.items], page.next is not None

    streams: Streams = request.app.state.streams
    with streams.place():
        first = await run_sync(read, begin)  # a cursor that cannot be is told as a problem, not in the stream
    if is_head(request):
        return Response(media_type=STREAM.media_type)
    return EventStream(streams, read, begin, first)


def _wanted(kinds: list[str] | None, project: str | None, account: str | None) -> dict[str, Any]:
    unknown = next((kind for kind in kinds or () if kind not in EVENTS), None)
    if unknown is not None:
        raise BadInput(
            f"There are no events of the kind {unknown!r}.",
            field="kind",
            value=unknown,
            remedy="Choose among " + ", ".join(EVENTS) + ".",
        )
    return {
        "kinds": tuple(kinds or ()),
        "project": None if project is None else project_id(project),
        "account": None if account is None else account_address(account),
    }


def _shaped(view: EventView) -> EventAnswer:
    return event_answer(view, closed("event", view.cursor) or "")


def _body(view: EventView) -> bytes:
    return orjson.dumps(_shaped(view).model_dump(mode="json"))
