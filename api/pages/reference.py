"""The reference page of the API at `/docs`: the OpenAPI document written out, without a script and without a CDN."""

import json
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.openapi import examples, success_of
from api.pages.rendering import page
from api.problems import KINDS

__all__ = ["router"]

router = APIRouter()

_NAMES: Final = "#/components/schemas/"


@router.get("/docs")
def reference(request: Request) -> Response:
    """Every route with its parameters and the shape of its answer, and every kind of problem."""
    document = request.app.openapi()
    routes = [
        _route(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    shapes = {name: _fields(schema) for name, schema in document["components"]["schemas"].items()}
    return page(request, "reference.html", current="docs", routes=routes, shapes=shapes, kinds=KINDS)


def _route(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    responses = operation["responses"]
    success = success_of(responses)
    contents = responses[success].get("content", {})
    return {
        "path": path,
        "method": method.upper(),
        "description": operation.get("description", ""),
        "parameters": [_parameter(one) for one in operation.get("parameters", [])],
        "answers": [{"media_type": name, "shape": type_of(one["schema"])} for name, one in contents.items()],
        "examples": [(name, _written(one["example"])) for name, one in contents.items() if "example" in one],
        "problems": [
            (status, one["description"]) for status, one in sorted(responses.items()) if status not in (success, "304")
        ],
        "status": success,
        "body": _body(operation),
        "options": _options(method, operation),
        "ask": examples()["paths"].get(path, {}).get("ask", path),
    }


def _body(operation: dict[str, Any]) -> str:
    """The shape of what is handed in; empty where nothing is."""
    contents = operation.get("requestBody", {}).get("content", {})
    return next((type_of(one["schema"]) for one in contents.values() if "schema" in one), "")


def _options(method: str, operation: dict[str, Any]) -> str:
    """What curl is told besides the address, with a blank at its end."""
    said = "" if method in ("get", "post") and (method == "get" or _body(operation)) else f"-X {method.upper()} "
    said += "-H 'Authorization: Bearer gec_…' " if "security" in operation else ""
    return said + ("-H 'Content-Type: application/json' -d @body.json " if _body(operation) else "")


def _written(example: Any) -> str:
    return example if isinstance(example, str) else json.dumps(example, indent=2, ensure_ascii=False)


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    schema = one["schema"]
    return {
        "name": one["name"],
        "in": one["in"],
        "type": type_of(schema),
        "default": schema.get("default"),
        "description": one.get("description", ""),
    }


def _fields(schema: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": name, "type": type_of(part), "description": part.get("description", "")}
        for name, part in schema.get("properties", {}).items()
    ]


def type_of(schema: dict[str, Any]) -> str:
    """A schema in a few words: `string`, `PlaceAnswer or null`, `list of StepAnswer`."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(_NAMES)
    if "anyOf" in schema:
        return " or ".join(type_of(part) for part in schema["anyOf"])
    if schema.get("format") == "binary":
        return "file"
    if "enum" in schema:
        return " or ".join(str(word) for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {type_of(schema.get('items', {}))}"
    return str(schema.get("type", "object"))
