"""Every list of `/v1` alike: pages by cursor, chosen fields, and the whole as CSV or NDJSON in one snapshot.

A route says what it lists (`Listing`) and hands it to `answered` with what was asked (`Asked`).
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from api.conditional import is_known
from api.cursors import closed, opened
from api.exporting import Export, csv_head, csv_rows, ndjson_rows, written_items
from api.negotiation import CSV, JSON, NDJSON, Form, chosen_form
from api.registry import Snapshot, registry_of
from gecchain.answers import Answer
from gecchain.errors import BadInput, Unavailable
from gecchain.store.views import Page

__all__ = ["EXPORTS", "LISTS", "Asked", "Asking", "Listing", "answered"]

T = TypeVar("T")
USUAL: Final = 50
CHUNK: Final = 500
EXPORTS: Final = 4  # at once in a process; each keeps a connection and a snapshot of the database
_OWN: Final = frozenset({"after", "limit", "fields", "format", "min_block"})
LISTS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            CSV.media_type: {"schema": {"type": "string"}},
            NDJSON.media_type: {"schema": {"type": "string"}},
        }
    }
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What every list can be asked for; `limit` is None where nothing was said."""

    after: str | None
    limit: int | None
    fields: str | None
    form: Form


async def asking(
    request: Request,
    after: Annotated[
        str | None, Query(max_length=200, description="`next` of the page before, asked with the same filters")
    ] = None,
    limit: Annotated[
        int | None,
        Query(ge=1, le=CHUNK, description="How many items at the most: 50 in a page without it, all in CSV and NDJSON"),
    ] = None,
    fields: Annotated[
        str | None, Query(max_length=400, description="Only these fields of each item, with commas between: `a,b`")
    ] = None,
    format: Annotated[  # noqa: A002
        Literal["json", "csv", "ndjson"] | None,
        Query(
            description="A page as JSON, or everything from `after` on as CSV or NDJSON; without it `Accept` decides"
        ),
    ] = None,
) -> Asking:
    """The parameters of a list. NotAcceptable if `Accept` names none of the three forms."""
    return Asking(after, limit, fields, chosen_form(format, request.headers.get("accept")))


Asked = Annotated[Asking, Depends(asking)]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list: its name in cursors and file names, the shape of an item, how a page is found and an item is shaped.

    `bound` ties a cursor to the filters; the feed's is a place in the whole order and serves any filter.
    """

    name: str
    answer: type[Answer]
    page: Callable[[Snapshot, str | None, int], Page[T]]
    shape: Callable[[T], Answer]
    usual: int = USUAL
    bound: bool = True


def answered(request: Request, asked: Asking, listing: Listing[T]) -> Response:
    """The page or the export that was asked for. BadInput names a field or cursor that the list does not have."""
    fields, kind = _fields(asked.fields, listing.answer), _kind(request, listing)
    after = opened(kind, asked.after)
    if asked.form is not JSON:
        return _export(request, asked, listing, fields, after)
    with registry_of(request).snapshot(request) as snapshot:
        found = listing.page(snapshot, after, asked.limit or listing.usual)
        items = [listing.shape(view) for view in found.items]
    written = b",".join(written_items(items, None if asked.fields is None else fields))
    body = b'{"items":[%b],"next":%b}' % (written, orjson.dumps(closed(kind, found.next)))
    return Response(body, media_type=JSON.media_type, headers={"Vary": "Accept"})


def _fields(text: str | None, answer: type[Answer]) -> frozenset[str]:
    known = answer.model_fields
    names = tuple(known) if text is None else tuple(name.strip() for name in text.split(","))
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise BadInput(
            f"The items of this list have no field {unknown!r}.",
            field="fields",
            value=unknown,
            remedy="Choose among " + ", ".join(known) + ".",
        )
    return frozenset(names)


def _kind(request: Request, listing: Listing[Any]) -> str:
    """The list together with its filters: a cursor of another order would leave items out without a word."""
    if not listing.bound:
        return listing.name
    filters = sorted((name, value) for name, value in request.query_params.multi_items() if name not in _OWN)
    return f"{listing.name}-{hashlib.sha256(repr(filters).encode()).hexdigest()[:8]}"


def _export(
    request: Request, asked: Asking, listing: Listing[T], fields: frozenset[str], after: str | None
) -> Response:
    with ExitStack() as stack:
        _take_turn(request, stack)
        snapshot = stack.enter_context(registry_of(request).snapshot(request))
        tag = _tag(request, asked, snapshot.health.hash if snapshot.health else "")
        headers = {"ETag": tag, "Vary": "Accept"}
        if is_known(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        pages = _pages(snapshot, listing, after, asked.limit)
        first = next(pages)  # what can be wrong with the question is told before the first byte
        chunks = _chunks(asked.form, listing.answer, fields, first, pages)
        headers["Content-Disposition"] = f'attachment; filename="{listing.name}.{asked.form.word}"'
        return Export(chunks, stack.pop_all(), media_type=_typed(asked.form), headers=headers)


def _take_turn(request: Request, stack: ExitStack) -> None:
    turns = request.app.state.exports
    if not turns.acquire(blocking=False):
        raise Unavailable(
            f"{EXPORTS} exports are under way here.", remedy="Try again in a moment, or read page by page."
        )
    stack.callback(turns.release)


def _tag(request: Request, asked: Asking, block_hash: str) -> str:
    """A weak tag: the same question of the same block has the same answer, byte by byte or nearly."""
    about = f"{request.url.path}?{request.url.query} {asked.form.word} {block_hash}"
    return f'W/"{hashlib.sha256(about.encode()).hexdigest()[:32]}"'


def _pages(snapshot: Snapshot, listing: Listing[T], after: str | None, limit: int | None) -> Iterator[list[Answer]]:
    found = listing.page(snapshot, after, limit or CHUNK)
    yield [listing.shape(view) for view in found.items]
    while found.next is not None and limit is None:
        found = listing.page(snapshot, found.next, CHUNK)
        yield [listing.shape(view) for view in found.items]


def _chunks(
    form: Form, answer: type[Answer], fields: frozenset[str], first: list[Answer], rest: Iterator[list[Answer]]
) -> Iterator[bytes]:
    if form is CSV:
        yield csv_head(answer, fields)
    write = csv_rows if form is CSV else ndjson_rows
    yield write(answer, fields, first)
    for part in rest:
        yield write(answer, fields, part)


def _typed(form: Form) -> str:
    return "text/csv; charset=utf-8; header=present" if form is CSV else form.media_type
