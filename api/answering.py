"""Routes that answer with values of `gecchain.answers`, written as JSON once, where they were made.

FastAPI would validate such a value again and write it in another thread. It was checked when it was made, so that is
left out; what the OpenAPI document says of it still comes from the route's annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial, wraps
from inspect import iscoroutinefunction, signature
from typing import Any

from anyio.to_thread import run_sync
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.waiting import Waits
from gecchain.answers import Answer

__all__ = ["AnswerRoute"]


class AnswerRoute(APIRoute):
    """A route whose endpoint may return an `Answer`.

    A request without a query is answered by the endpoint at once where that takes only words of the path. Where a route
    may wait for a block and nobody asks it to, it does not look for that parameter: it is handled by its twin, which
    knows of none. To look for parameters takes longer than the look-up in the database.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        answering = endpoint if options.get("status_code") is not None else _written(endpoint)
        others = [one for one in options.get("dependencies") or () if one is not Waits]
        self._prompt = APIRoute(path, answering, **{**options, "dependencies": others})
        super().__init__(path, answering, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, its twin's for requests that name no block, and the endpoint for those of a path."""
        waiting, prompt = super().get_route_handler(), self._prompt.get_route_handler()
        endpoint = _Endpoint.of(self._prompt)

        async def handler(request: Request) -> Response:
            words = None if endpoint is None or request.scope["query_string"] else endpoint.words(request)
            if endpoint is not None and words is not None:
                return await endpoint.answer(words)
            return await (waiting if _may_name_a_block(request.scope["query_string"]) else prompt)(request)

        return handler


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """An endpoint that answers a request by words of its path, each at most so long; the rest has its default."""

    call: Callable[..., Any]
    is_awaited: bool
    request: str
    longest: Mapping[str, int]

    @classmethod
    def of(cls, route: APIRoute) -> _Endpoint | None:
        """The route's endpoint, or None if it takes anything else, or gives what FastAPI is to write."""
        needs = route.dependant
        others = (needs.dependencies, needs.header_params, needs.cookie_params, needs.body_params)
        longest = {field.name: _longest(field) for field in needs.path_params}
        gives = signature(route.endpoint, eval_str=True).return_annotation
        is_answer = isinstance(gives, type) and issubclass(gives, Answer)
        takes_words = needs.request_param_name is not None and 0 not in longest.values()
        takes_no_more = not any(others) and not any(field.field_info.is_required() for field in needs.query_params)
        if not (is_answer and takes_words and takes_no_more):
            return None
        return cls(route.endpoint, iscoroutinefunction(route.endpoint), str(needs.request_param_name), longest)

    async def answer(self, words: Mapping[str, Any]) -> Response:
        """What it answers; where it would wait for the database itself, it does so in a thread."""
        found: Response = await (self.call(**words) if self.is_awaited else run_sync(partial(self.call, **words)))
        return found

    def words(self, request: Request) -> dict[str, Any] | None:
        """What to call it with, or None if a word is too long."""
        given: dict[str, str] = request.scope["path_params"]
        if any(len(given[name]) > most for name, most in self.longest.items()):
            return None
        return {self.request: request, **given}


def _longest(field: Any) -> int:
    """How long a word of the path may be, 0 if it has to be anything but short."""
    about = field.field_info
    most = [getattr(rule, "max_length", 0) for rule in about.metadata]
    return most[0] if about.annotation is str and field.alias == field.name and len(most) == 1 else 0


def _may_name_a_block(query: bytes) -> bool:
    return b"min_block" in query or b"%" in query


def _written(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    if iscoroutinefunction(endpoint):

        @wraps(endpoint)
        async def awaited(*args: Any, **values: Any) -> Any:
            return _as_json(await endpoint(*args, **values))

        return awaited

    @wraps(endpoint)
    def answering(*args: Any, **values: Any) -> Any:
        return _as_json(endpoint(*args, **values))

    return answering


def _as_json(found: Any) -> Any:
    if not isinstance(found, Answer):
        return found
    return Response(found.__pydantic_serializer__.to_json(found, by_alias=True), media_type="application/json")
