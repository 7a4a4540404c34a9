"""Errors as the public sees them: RFC 9457 problem details, one kind for each branch of the error tree.

`type` leads to the paragraph of the reference page that explains the kind; `field`, `value` and `remedy` say what to
change. Nothing of a stack trace, a statement or a path on our machine leaves with an answer.
"""

from dataclasses import dataclass
from typing import Final

import orjson
from starlette.responses import Response

from api.negotiation import NotAcceptable
from gecchain.answers import Problem
from gecchain.errors import (
    BadInput,
    BrokenProof,
    EvidenceDamaged,
    GecError,
    NotEntitled,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    Unsigned,
)

__all__ = ["KINDS", "ProblemKind", "kind_of", "problem_of", "problem_response"]


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """A kind of problem: its name in `type`, its HTTP status and its title."""

    name: str
    status: int
    title: str


BAD_INPUT: Final = ProblemKind("bad-input", 400, "What was handed in cannot be read")
UNSIGNED: Final = ProblemKind("unsigned", 401, "The request must be signed")
NOT_ENTITLED: Final = ProblemKind("not-entitled", 403, "Whoever signed may not have it")
NOT_FOUND: Final = ProblemKind("not-found", 404, "There is no such thing in the registry")
METHOD: Final = ProblemKind("method-not-allowed", 405, "This address answers other methods")
NOT_ACCEPTABLE: Final = ProblemKind("not-acceptable", 406, "There is no answer of a type that was accepted")
REFUSED: Final = ProblemKind("refused", 409, "A rule forbids it")
TOO_MANY: Final = ProblemKind("too-many", 429, "Asked too often")
INTERNAL: Final = ProblemKind("internal", 500, "Something went wrong on our side")
BROKEN: Final = ProblemKind("broken-proof", 500, "Chain and store disagree")
DAMAGED: Final = ProblemKind("evidence-damaged", 500, "The kept file is not the one that was handed in")
UNAVAILABLE: Final = ProblemKind("unavailable", 503, "Out of reach at the moment")
NOT_YET: Final = ProblemKind("not-yet-indexed", 504, "The block asked for is not indexed yet")

KINDS: Final = (
    BAD_INPUT,
    UNSIGNED,
    NOT_ENTITLED,
    NOT_FOUND,
    METHOD,
    NOT_ACCEPTABLE,
    REFUSED,
    TOO_MANY,
    INTERNAL,
    BROKEN,
    DAMAGED,
    UNAVAILABLE,
    NOT_YET,
)
# A branch stands after its twigs.
_BRANCHES: Final = (
    (Unsigned, UNSIGNED),
    (NotEntitled, NOT_ENTITLED),
    (EvidenceDamaged, DAMAGED),
    (NotAcceptable, NOT_ACCEPTABLE),
    (BadInput, BAD_INPUT),
    (NotFound, NOT_FOUND),
    (Refused, REFUSED),
    (TooMany, TOO_MANY),
    (Unavailable, UNAVAILABLE),
    (BrokenProof, BROKEN),
)
_LONGEST_VALUE: Final = 200
_RETRY_SECONDS: Final = "5"


class NotYetIndexed(Unavailable):
    """`min_block` was not reached within the time that a request may wait."""


def kind_of(error: Exception) -> ProblemKind:
    """Which kind of problem an error is; what is not of our tree is `internal`."""
    if isinstance(error, NotYetIndexed):
        return NOT_YET
    return next((kind for branch, kind in _BRANCHES if isinstance(error, branch)), INTERNAL)


def problem_of(error: Exception, instance: str) -> Problem:
    """The problem details of an error. Of an unforeseen one nothing is told but that it happened."""
    kind = kind_of(error)
    ours = error if isinstance(error, GecError) else GecError(kind.title + ".", remedy="Try again later.")
    return Problem(
        type=f"/docs#problem-{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=ours.message,
        instance=instance,
        field=getattr(ours, "field", ""),
        value=getattr(ours, "value", "")[:_LONGEST_VALUE],
        remedy=ours.remedy,
    )


def problem_response(problem: Problem) -> Response:
    """The problem as `application/problem+json`."""
    body = orjson.dumps(problem.model_dump())
    headers = {"Retry-After": _RETRY_SECONDS} if problem.status in (UNAVAILABLE.status, NOT_YET.status) else None
    return Response(body, status_code=problem.status, media_type="application/problem+json", headers=headers)
