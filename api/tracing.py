"""The way of a certificate with the names of its kinds and events in both languages."""

from api.credits import is_derived
from api.language import say
from api.registry import Snapshot
from api.shapes import trace_step
from gecchain.answers import TraceAnswer
from gecchain.rules import Label, number_of, split_token_id
from gecchain.store import queries

__all__ = ["trace_answer"]


def trace_answer(snapshot: Snapshot, token: int) -> TraceAnswer:
    """Every event that concerns a certificate, in the chain's order; NotFound if it was never issued."""
    steps = queries.trace(snapshot.db, token)
    count, provider, filing = queries.source(snapshot.db, token)
    return TraceAnswer(
        number=number_of(token),
        serial=split_token_id(token)[1],
        batch_count=count,
        derived=is_derived(provider, filing),
        steps=[trace_step(step, _label(f"kind.{step.kind}"), _label(f"event.{step.name}")) for step in steps],
    )


def _label(key: str) -> Label:
    return Label(say("zh", key), say("en", key))
