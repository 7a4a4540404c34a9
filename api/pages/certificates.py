"""Pages about one certificate: paste and verify, look at it, follow its way."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.credits import credits_of
from api.language import catalogue
from api.pages.rendering import language_of, page
from api.pages.scanning import qr_code
from api.registry import registry_of
from api.tiles import flow
from api.tracing import trace_answer
from api.verifying import Answered, verify
from api.viewing import seen
from gecchain.answers import TraceStepAnswer
from gecchain.errors import BadInput
from gecchain.proofs import parse_claim
from gecchain.rules import ProjectKey, parse_number
from gecchain.store import browsing, queries

__all__ = ["router"]

router = APIRouter()

_TONES: Final = {
    "held": ("good", "check"),
    "traded": ("good", "check"),
    "listed": ("good", "check"),
    "retired": ("calm", "done"),
    "frozen": ("caution", "pause"),
    "expired": ("caution", "clock"),
    "deducted": ("bad", "cross"),
    "unknown": ("bad", "cross"),
    "tampered": ("bad", "cross"),
    "disputed": ("bad", "cross"),
    "malformed": ("caution", "question"),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """The verdict as it is shown: key of its words in the catalogue, colour and icon."""

    key: str
    tone: str
    icon: str


@router.get("/")
def home(request: Request) -> Response:
    """Paste a number or hash."""
    with registry_of(request).snapshot(request) as snapshot:
        totals = queries.registry_totals(snapshot.db)
    return page(request, "home.html", current="verify", totals=totals)


@router.get("/verify")
def ask(request: Request, q: Annotated[str, Query(max_length=2000)] = "") -> Response:
    """The answer to what was pasted into the form; without anything, the form."""
    if not q.strip():
        return RedirectResponse(f"/{language_of(request)}/", status_code=303)
    return _answer(request, q)


@router.get("/verify/{claim}")
def answer(request: Request, claim: str) -> Response:
    """The answer under an address of its own: where QR codes lead."""
    return _answer(request, claim)


def _answer(request: Request, claim: str) -> Response:
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        answered = verify(registry, snapshot, claim, ask_chain=True)
        token = answered.verification.token_id
        shown = seen(registry, snapshot, token) if answered.genuine and token is not None else None
    return page(
        request,
        "verify.html",
        current="verify",
        claim=claim,
        answered=answered,
        found=answered.verification,
        sentence=_sentence(answered),
        fault=_fault(claim),
        certificate=shown.answer if shown else None,
        credits=credits_of(shown.view.filing.document) if shown else (),
    )


def _fault(claim: str) -> str | None:
    """The part of a claim that cannot be read, as the catalogue names it, or None."""
    try:
        parse_claim(claim)
    except BadInput as error:
        part = error.field.lower().replace(" ", "_")
        return part if f"part.{part}" in catalogue() else "other"
    return None


def _sentence(answered: Answered) -> Sentence:
    found = answered.verification
    key = answered.verdict
    if key == "valid":
        key = found.status.value if found.status else "unknown"
        key = "traded" if key == "held" and found.traded else key
    return Sentence(key, *_TONES[key])


@router.get("/certificates/{number}")
def certificate(request: Request, number: str) -> Response:
    """The certificate with the fields of Q14 and the QR code that leads to its verification."""
    registry, token = registry_of(request), parse_number(number)
    with registry.snapshot(request) as snapshot:
        shown = seen(registry, snapshot, token)
        answered = verify(registry, snapshot, shown.answer.hash, ask_chain=False)
    address = f"{registry.settings.base_url}/verify/{shown.answer.hash}"
    return page(
        request,
        "certificate.html",
        current="verify",
        certificate=shown.answer,
        sentence=_sentence(answered),
        qr=qr_code(address),
        address=address,
        credits=credits_of(shown.view.filing.document),
    )


@router.get("/trace/{number}")
def trace(request: Request, number: str) -> Response:
    """The way of a certificate as a timeline, with a picture of where each trade and move went."""
    token = parse_number(number)
    with registry_of(request).snapshot(request) as snapshot:
        found = trace_answer(snapshot, token)
        takers = {address for step in found.steps if (address := _taker(step))}
        known = browsing.provinces_of(snapshot.db, takers)
    origin = ProjectKey.from_id(token >> 48).province
    flows = [flow(origin, known.get(taker, 0)) if (taker := _taker(step)) else None for step in found.steps]
    return page(request, "trace.html", current="verify", trace=found, flows=flows)


def _taker(step: TraceStepAnswer) -> str:
    """Who a trade or move goes to, or nothing."""
    if step.name.code not in ("traded", "moved"):
        return ""
    return next((one.address for one in step.parties if one.role in ("buyer", "receiver")), "")
