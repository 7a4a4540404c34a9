"""Certificates: look at one, verify it, follow its way."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.answering import AnswerRoute
from api.registry import registry_of
from api.tracing import trace_at_a_glance
from api.verifying import verify_answer, verify_at_a_glance
from api.viewing import seen
from api.waiting import Waits
from gecchain.answers import CertificateAnswer, TraceAnswer, VerifyAnswer
from gecchain.rules import parse_number

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["certificates"], dependencies=[Waits])

Number = Annotated[str, Path(max_length=400, description="Certificate number (绿证编码), 32 characters")]
Claim = Annotated[str, Path(max_length=400, description="Certificate number, or certificate hash (64 hex digits)")]


@router.get("/verify/{claim}")
async def verify_claim(
    request: Request,
    claim: Claim,
    chain: Annotated[bool, Query(description="Ask the contract too, as one more step")] = False,
) -> VerifyAnswer:
    """Whether a number or hash is genuine, in numbered steps (Q18).

    It answers 200 for every claim, also for one that cannot be read: the verdict is the answer.
    """
    registry = registry_of(request)
    answered = await verify_at_a_glance(registry, request, claim, ask_chain=chain)
    return verify_answer(answered, registry.settings.base_url)


@router.get("/certificates/{number}")
def certificate(request: Request, number: Number) -> CertificateAnswer:
    """Everything about one certificate (Q14)."""
    registry, token = registry_of(request), parse_number(number)
    with registry.snapshot(request) as snapshot:
        return seen(registry, snapshot, token).answer


@router.get("/trace/{number}")
async def trace(request: Request, number: Number) -> TraceAnswer:
    """The whole way of a certificate, from filing and reading to its end, in five kinds of event (Q11)."""
    return await trace_at_a_glance(registry_of(request), request, parse_number(number))
