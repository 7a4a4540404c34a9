"""Errors on their way out: problem details for programs, a page in their language for people."""

from collections.abc import Awaitable, Callable
from typing import Final, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from api.language import say
from api.pages.rendering import language_of, page
from api.problems import METHOD, NOT_FOUND, ProblemKind, problem_of, problem_response
from gecchain.answers import Problem
from gecchain.errors import BadInput, GecError, TooMany, Unsigned

__all__ = ["add_error_handlers", "failed"]

_PROGRAMS: Final = ("/v1", "/openapi.json", "/static", "/favicon.ico")


def add_error_handlers(app: FastAPI) -> None:
    """One handler for each way in which an error can arrive."""
    app.add_exception_handler(GecError, _later(failed))
    app.add_exception_handler(RequestValidationError, _later(_unreadable))
    app.add_exception_handler(HTTPException, _later(_plain))


def failed(request: Request, error: Exception) -> Response:
    """The answer to an error of our tree, or to one that nobody foresaw."""
    answer = _told(request, problem_of(error, request.url.path))
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = str(error.after)
    if isinstance(error, Unsigned):
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _unreadable(request: Request, error: Exception) -> Response:
    first = cast("RequestValidationError", error).errors()[0]
    field = str(first["loc"][-1])
    wrong = BadInput(f"{field}: {first['msg']}.", field=field, value=str(first.get("input", "")), remedy="See /docs.")
    return failed(request, wrong)


def _plain(request: Request, error: Exception) -> Response:
    told = cast("HTTPException", error)
    kind = METHOD if told.status_code == METHOD.status else NOT_FOUND
    answer = _told(request, _problem(kind, told.status_code, request))
    answer.headers.update(told.headers or {})
    if answer.headers.get("allow") == "GET":
        answer.headers["Allow"] = "GET, HEAD"
    return answer


def _problem(kind: ProblemKind, status: int, request: Request) -> Problem:
    return Problem(
        type=f"/docs#problem-{kind.name}",
        title=kind.title,
        status=status,
        detail=f"{request.method} {request.url.path} is not answered here.",
        instance=request.url.path,
        remedy="See /docs for what is.",
    )


def _told(request: Request, problem: Problem) -> Response:
    if request.url.path.startswith(_PROGRAMS):
        return problem_response(problem)
    return _page(request, problem)


def _page(request: Request, problem: Problem) -> HTMLResponse:
    language = language_of(request)
    kind = problem.type.rpartition("problem-")[2].replace("-", "_")
    return page(
        request, "error.html", status=problem.status, problem=problem, heading=say(language, f"error.{kind}"), kind=kind
    )


def _later(answer: Callable[[Request, Exception], Response]) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        return answer(request, error)

    return handler
