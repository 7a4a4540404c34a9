"""Routes that answer with values of `gecchain.answers`, written as JSON once, in the thread that made them.

FastAPI would validate such a value again and write it in another thread. It was checked when it was made, so that is
left out; what the OpenAPI document says of it still comes from the route's annotation.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.waiting import Waits
from gecchain.answers import Answer

__all__ = ["AnswerRoute"]


class AnswerRoute(APIRoute):
    """A route whose endpoint may return an `Answer`.

    Where it may wait for a block and nobody asks it to, it does not look for that parameter: it is handled by its twin,
    which knows of none. Looking for it takes as long as the look-up in the database.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        plain = iscoroutinefunction(endpoint) or options.get("status_code") is not None
        answering = endpoint if plain else _written(endpoint)
        others = [one for one in options.get("dependencies") or () if one is not Waits]
        self._prompt = APIRoute(path, answering, **{**options, "dependencies": others})
        super().__init__(path, answering, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler, and its twin's for requests that name no block."""
        waiting, prompt = super().get_route_handler(), self._prompt.get_route_handler()

        async def handler(request: Request) -> Response:
            return await (waiting if _may_name_a_block(request.scope["query_string"]) else prompt)(request)

        return handler


def _may_name_a_block(query: bytes) -> bool:
    return b"min_block" in query or b"%" in query


def _written(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def answering(*args: Any, **values: Any) -> Any:
        found = endpoint(*args, **values)
        if not isinstance(found, Answer):
            return found
        return Response(found.__pydantic_serializer__.to_json(found, by_alias=True), media_type="application/json")

    return answering
