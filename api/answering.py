"""Routes that answer with values of `gecchain.answers`, written as JSON once, in the thread that made them.

FastAPI would validate such a value again and write it in another thread. It was checked when it was made, so that is
left out; what the OpenAPI document says of it still comes from the route's annotation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.routing import APIRoute
from starlette.responses import Response

from gecchain.answers import Answer

__all__ = ["AnswerRoute"]


class AnswerRoute(APIRoute):
    """A route whose endpoint may return an `Answer`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        plain = iscoroutinefunction(endpoint) or options.get("status_code") is not None
        super().__init__(path, endpoint if plain else _written(endpoint), **options)


def _written(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(endpoint)
    def answering(*args: Any, **values: Any) -> Any:
        found = endpoint(*args, **values)
        if not isinstance(found, Answer):
            return found
        return Response(found.__pydantic_serializer__.to_json(found, by_alias=True), media_type="application/json")

    return answering
