"""The stages of a dispute, one function each: whoever has the turn says something, with evidence and a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from gecchain.chain.deployment import Deployment
from gecchain.chain.items import events_in
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof
from gecchain.events import CaseDecided, CaseOpened
from gecchain.rules import Outcome, Range

__all__ = ["check", "close", "decide", "open_case", "propose", "set_deadlines"]

_E = TypeVar("_E", CaseDecided, CaseOpened)


def open_case(
    owner: Writer, deployment: Deployment, batch: int, doubtful: Sequence[Range], evidence: bytes, reason: str, key: str
) -> tuple[int, Receipt]:
    """Dispute what was issued as `batch`; the doubtful ranges, held by the owner, are frozen. The case's number."""
    args = [batch, [(part.start, part.end) for part in doubtful], evidence, reason]
    receipt = owner.send(Action.call("opening a case", "Cases", deployment.cases, "open", args, key=key))
    return _event(receipt, CaseOpened).case_id, receipt


def propose(
    exchange: Writer, deployment: Deployment, case: int, watt_hours: int, evidence: bytes, reason: str
) -> Receipt:
    """Say by how many Wh the month's metered energy was too low (positive) or too high (negative)."""
    return _send(exchange, deployment, "proposing a correction", "propose", [case, watt_hours, evidence, reason])


def check(office: Writer, deployment: Deployment, case: int, confirmed: bool, evidence: bytes, reason: str) -> Receipt:
    """Confirm the proposal's facts, or send it back to the exchange."""
    return _send(office, deployment, "checking a proposal", "check", [case, confirmed, evidence, reason])


def decide(
    authority: Writer, deployment: Deployment, case: int, outcome: Outcome, evidence: bytes, reason: str
) -> tuple[int, Receipt]:
    """Decide a checked case, or send it back with `Outcome.NONE`. Certificates to be added or (negative) deducted."""
    receipt = _send(authority, deployment, "deciding a case", "decide", [case, int(outcome), evidence, reason])
    return _event(receipt, CaseDecided).certificates, receipt


def close(by: Writer, deployment: Deployment, case: int) -> Receipt:
    """End a case: the claimant before it is decided, the authority afterwards."""
    return _send(by, deployment, f"closing case {case}", "close", [case])


def set_deadlines(
    authority: Writer, deployment: Deployment, proposal: int, check_: int, decision: int, execution: int
) -> Receipt:
    """Days that each stage may take."""
    return _send(authority, deployment, "setting deadlines", "setDeadlines", [proposal, check_, decision, execution])


def _send(writer: Writer, deployment: Deployment, what: str, function: str, args: Sequence[Any]) -> Receipt:
    return writer.send(Action.call(what, "Cases", deployment.cases, function, args))


def _event(receipt: Receipt, kind: type[_E]) -> _E:
    for event in events_in(receipt, kind):
        return event
    raise BrokenProof(f"the transaction {receipt.transaction} caused no {kind.__name__}", where=receipt.transaction)
