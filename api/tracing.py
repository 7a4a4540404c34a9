"""The way of a certificate with the names of its kinds and events in both languages."""

from functools import cache, partial

from starlette.requests import Request

from api.credits import is_derived
from api.language import say
from api.registry import Registry, Snapshot
from api.shapes import labelled, trace_step
from gecchain.answers import Named, TraceAnswer
from gecchain.rules import Label, number_of, split_token_id
from gecchain.store.tracing import issued, trace_at, whole_trace
from gecchain.store.views import CertificateTrace

__all__ = ["trace_answer", "trace_at_a_glance"]


def trace_answer(snapshot: Snapshot, token: int) -> TraceAnswer:
    """Every event that concerns a certificate, in the chain's order; NotFound if it was never issued."""
    return _answer(token, whole_trace(snapshot.db, token))


async def trace_at_a_glance(registry: Registry, request: Request, token: int) -> TraceAnswer:
    """The same, without a transaction."""
    _block, found = await registry.glance(request, partial(trace_at, token))
    return _answer(token, issued(found))


def _answer(token: int, found: CertificateTrace) -> TraceAnswer:
    steps = [trace_step(step, _named("kind", step.kind), _named("event", step.name)) for step in found.steps]
    return TraceAnswer.model_validate(
        {
            "number": number_of(token),
            "serial": split_token_id(token)[1],
            "batch_count": found.batch_count,
            "derived": is_derived(found.provider, found.filing),
            "steps": steps,
        }
    )


@cache
def _named(list_: str, code: str) -> Named:
    key = f"{list_}.{code}"
    return labelled(code, Label(say("zh", key), say("en", key)))
