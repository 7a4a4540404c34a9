"""Disputes of the demonstration (Q95): each goes on from the stage in which the chain has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gecchain import cases
from gecchain.chain.logs import logs_of
from gecchain.cli.context import Context
from gecchain.cli.demo.papers import paper
from gecchain.cli.demo.parties import EXCHANGE, OFFICE, signing
from gecchain.errors import BrokenProof
from gecchain.events import Added
from gecchain.rules import CaseStage, Outcome, Range

__all__ = ["Dispute", "first_added", "go_through", "undo"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """A dispute and how it ends. `name` tells it from others of its batch; `key` acts for the account `claimant`."""

    name: str
    batch: int
    claimant: str
    key: str
    reason: str
    finding: str
    outcome: Outcome
    watt_hours: int = 0
    doubtful: tuple[Range, ...] = ()


def go_through(context: Context, dispute: Dispute) -> cases.CaseState:
    """Open the case if it is not, propose, check and decide what is yet to be; the case as it then stands."""
    number = _open(context, dispute)
    found = cases.case_of(context.reader, number)
    while found.stage in _TURNS:
        _TURNS[found.stage](context, number, dispute)
        found = cases.case_of(context.reader, number)
    return found


def undo(context: Context, case: cases.CaseState, serials: Range) -> None:
    """Undo the trade of these serials as a case decided, unless it is undone, and close the case."""
    if case.stage != CaseStage.DECIDED:
        return
    with signing(context, context.roles.authority) as authority:
        if context.reader.segment_at(case.batch, serials.start).traded:
            plan = cases.plan_execution(context.reader, case, [serials])
            cases.execute(authority, context.deployment, case.id, plan)
        cases.close(authority, context.deployment, case.id)


def first_added(context: Context, case: cases.CaseState) -> Added:
    """What a case added to its batch."""
    for one in logs_of(context.reader, "certificates", [Added], case.batch, case.id):
        if isinstance(one.event, Added):
            return one.event
    raise BrokenProof(f"case {case.id} added nothing", where="Certificates")


def _open(context: Context, dispute: Dispute) -> int:
    key = f"case:demo:{dispute.batch}:{dispute.name}"
    with signing(context, dispute.key) as owner:
        name = f"dispute-{dispute.batch:016x}-{dispute.name}"
        proof = paper(context, name, dispute.reason, dispute.claimant)
        doubtful, deployment = dispute.doubtful, context.deployment
        number, _receipt = cases.open_case(owner, deployment, dispute.batch, doubtful, proof, dispute.reason, key)
    return number


def _propose(context: Context, case: int, dispute: Dispute) -> None:
    key, text = context.roles.exchanges[EXCHANGE], f"核对意见 Proposal: {dispute.finding}"
    proof = _said(context, case, "proposal", text, key, dispute)
    with signing(context, key) as exchange:
        cases.propose(exchange, context.deployment, case, dispute.watt_hours, proof, text)


def _check(context: Context, case: int, dispute: Dispute) -> None:
    key, text = context.roles.offices[OFFICE], f"现场核实属实 Checked on the spot: {dispute.finding}"
    proof = _said(context, case, "check", text, key, dispute)
    with signing(context, key) as office:
        cases.check(office, context.deployment, case, confirmed=True, evidence=proof, reason=text)


def _decide(context: Context, case: int, dispute: Dispute) -> None:
    key, text = context.roles.authority, f"决定 Decision ({dispute.outcome.label.en}): {dispute.finding}"
    proof = _said(context, case, "decision", text, key, dispute)
    with signing(context, key) as authority:
        cases.decide(authority, context.deployment, case, dispute.outcome, proof, text)


def _said(context: Context, case: int, what: str, text: str, key: str, dispute: Dispute) -> bytes:
    """Evidence of an institution, which the claimant may read."""
    account = context.signer(key).address
    return paper(context, f"case-{case}-{what}", f"Case {case}. {text}", account, [dispute.claimant])


_TURNS: Final[Mapping[CaseStage, Callable[[Context, int, Dispute], None]]] = {
    CaseStage.OPENED: _propose,
    CaseStage.PROPOSED: _check,
    CaseStage.CHECKED: _decide,
}
