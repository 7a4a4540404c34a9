"""The OpenAPI document: what FastAPI finds in the routes, and what it cannot know.

Examples are answers of a small registry, kept in `examples.json`; a test asks the same questions again and holds the
file to the answers. Every problem is documented with its status, every answer with its headers, every list with the
shape that `fields=` leaves.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from api.headers import INDEXED
from api.negotiation import CSV, JSON, NDJSON, STREAM
from api.problems import KINDS
from gecchain.answers import Problem

__all__ = ["described", "examples", "success_of"]

_REF: Final = "#/components/schemas/"
_PROBLEM: Final = "application/problem+json"
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    INDEXED: {
        "description": "Newest indexed block of what is answered, or `none` while nothing is indexed",
        "required": True,
        "schema": {"type": "string", "pattern": "^([0-9]+|none)$"},
    },
    "ETag": {
        "description": "Names this answer: send it as `If-None-Match`, and 304 says that you have it already",
        "schema": {"type": "string"},
    },
    "Vary": {"description": "Request headers that the answer depends on", "schema": {"type": "string"}},
    "RateLimit-Limit": {"description": "Requests in a window of time", "schema": {"type": "string"}},
    "RateLimit-Remaining": {"description": "How many of them are left", "schema": {"type": "string"}},
    "RateLimit-Reset": {"description": "Seconds until one more is", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before asking again", "schema": {"type": "string"}},
}
_ALWAYS: Final = (400, 429, 500, 503, 504)
_RATES: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


@cache
def examples() -> dict[str, Any]:
    """`paths`: for each path the question that was asked and its answers; `problems`: an answer for each status."""
    found: dict[str, Any] = orjson.loads(resources.files("api").joinpath("examples.json").read_bytes())
    return found


def described(app: FastAPI, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The document of an application and its routes for platforms, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            license_info=app.license_info,
            routes=routes,
        )
        _complete(made)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    shapes["Problem"] = Problem.model_json_schema()
    for name in sorted(set(_chosen_from(document))):
        _let_fields_be_chosen(shapes, name)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _describe(path, method, operation)


def _chosen_from(document: dict[str, Any]) -> Iterator[str]:
    """Shapes of the lists that take `fields`."""
    for methods in document["paths"].values():
        for operation in methods.values():
            if any(one["name"] == "fields" for one in operation.get("parameters", [])):
                answer = operation["responses"][success_of(operation["responses"])]["content"][JSON.media_type]
                yield answer["schema"]["$ref"].removeprefix(_REF)


def _let_fields_be_chosen(shapes: dict[str, Any], name: str) -> None:
    """Items of a list are whole, or hold what `fields` names."""
    items = shapes[name]["properties"]["items"]
    whole = items["items"]["$ref"].removeprefix(_REF)
    part = deepcopy(shapes[whole])
    part.pop("required", None)
    part["title"] = f"{whole}Part"
    part["description"] = f"{whole} with only those fields that `fields` names."
    shapes[f"{whole}Part"] = part
    items["items"] = {"anyOf": [{"$ref": _REF + whole}, {"$ref": f"{_REF}{whole}Part"}]}


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    responses, known = operation["responses"], examples()["paths"].get(path, {}) if method == "get" else {}
    responses.pop("422", None)
    success = success_of(responses)
    contents = responses[success].get("content", {})
    kept = {JSON.media_type: "json", CSV.media_type: "csv", NDJSON.media_type: "ndjson", STREAM.media_type: "stream"}
    for media_type, word in kept.items():
        if media_type in contents and word in known:
            contents[media_type]["example"] = known[word]
    tagged = method == "get" and STREAM.media_type not in contents
    responses[success]["headers"] = _headers(INDEXED, "Vary", *_RATES, *(("ETag",) if tagged else ()))
    if tagged:
        responses["304"] = {
            "description": "`If-None-Match` names the answer that there is",
            "headers": _headers(INDEXED, "ETag", "Vary"),
        }
    _exemplify(path, known, operation)
    negotiated = CSV.media_type in contents or STREAM.media_type in contents
    for status in _statuses(path, negotiated=negotiated, known="security" in operation, reads=method == "get"):
        responses[str(status)] = _problem(status)


def success_of(responses: dict[str, Any]) -> str:
    """The status with which an operation answers when all is well."""
    return next(status for status in responses if status.startswith("2"))


def _headers(*names: str) -> dict[str, Any]:
    return {name: _HEADERS[name] for name in names}


def _exemplify(path: str, known: dict[str, Any], operation: dict[str, Any]) -> None:
    """Parts of the path as they were asked for."""
    asked = str(known.get("ask", "")).partition("?")[0].split("/")
    parts = {part.strip("{}"): at for at, part in enumerate(path.split("/")) if part.startswith("{")}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path" and len(asked) == len(path.split("/")):
            parameter["example"] = asked[parts[parameter["name"]]]


def _statuses(path: str, *, negotiated: bool, known: bool, reads: bool) -> list[int]:
    found = set(_ALWAYS)
    if known:
        found |= {401, 403, 404}
    if path.startswith("/v1/session"):
        found |= {401, 404}
    if not reads:
        found.add(409)
    if "{" in path:
        found.add(404)
    if negotiated:
        found.add(406)
    if path.startswith("/v1/evidence/"):
        found |= {401, 403, 404}
    return sorted(found)


def _problem(status: int) -> dict[str, Any]:
    titles = [kind.title for kind in KINDS if kind.status == status]
    content: dict[str, Any] = {"schema": {"$ref": _REF + "Problem"}}
    example = examples()["problems"].get(str(status))
    if example is not None:
        content["example"] = example
    headers = _headers(INDEXED, *(("Retry-After",) if status in (429, 503, 504) else ()))
    return {"description": "; ".join(titles) + ".", "content": {_PROBLEM: content}, "headers": headers}
