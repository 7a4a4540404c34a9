"""How `Cases` must carry a decision out, from `ICases` and `ICertificates`, check by check."""

from collections.abc import Sequence

from gecchain.events import NO_ACCOUNT, Deducted, Event, RetirementUndone, TradeUndone
from gecchain.ledger import Case, Segment
from gecchain.rules import CaseStage, CertificateState, Outcome
from tests.differential.known import Known, require
from tests.differential.operations import Remedied
from tests.differential.predicting_cases import case_at, closed
from tests.differential.predicting_ranges import echo, require_state

__all__ = ["execute"]

AUTHORITY = 1
UNDO_RETIREMENT, UNDO_TRADE, DEDUCT = range(3)
HELD, FROZEN, RETIRED = CertificateState.HELD, CertificateState.FROZEN, CertificateState.RETIRED


def execute(known: Known, caller: str, number: int, steps: Sequence[Remedied]) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    case = case_at(known, number, CaseStage.DECIDED)
    deducting = case.outcome == Outcome.DEDUCTED

    def one(trial: Known, index: int) -> list[Event]:
        # Where certificates are owed, the last of them closes the case.
        if index == len(steps):
            return [] if trial.state.cases[number].owed else list(closed(trial, case, caller))
        step = steps[index]
        if deducting:
            follows = index + 1 < len(steps) and steps[index + 1][1:] == step[1:]
            _require_in_order(trial, case, step, follows=follows)
        else:
            require(step.remedy != DEDUCT, "RemedyNotDecided", number, step.remedy)
        return _remedied(trial, case, step)

    return known.in_turn(range(len(steps) + deducting), one, whole=True)


def _require_in_order(known: Known, case: Case, step: Remedied, *, follows: bool) -> None:
    """The unsold is deducted first; what is undone is deducted next, and what is sold is undone before."""
    count, undoes = known.state.batches[case.batch].count, step.remedy != DEDUCT
    require(step.start < count, "RangeEmpty", step.start, count)
    first = known.state.segment_at(case.batch, step.start)
    assert first is not None, "the fold lost a segment"
    sold = first.traded and first.state < RETIRED
    for other in known.state.segments_of(case.batch) if undoes or sold else ():
        require(other.traded or other.state >= RETIRED, "UnsoldLeft", case.batch, other.start, other.end)
    owed, amount = known.state.cases[case.id].owed, max(step.end - step.start, 0)
    require(amount <= owed, "OwedExceeded", case.id, owed, amount)
    require(not undoes or follows, "StillOwed", case.id, amount)
    require(undoes or not sold, "AlreadyTraded", case.batch, step.start, step.end)


def _remedied(known: Known, case: Case, step: Remedied) -> list[Event]:
    batch, start, end = case.batch, step.start, step.end
    segment = known.segment(batch, start, end)
    holder = segment.owner
    if step.remedy == DEDUCT:
        require(segment.state in (HELD, FROZEN), "StateIs", batch, start, segment.state)
        return [Deducted(batch, start, end, holder, case.id), echo(batch, start, end, holder, NO_ACCOUNT)]
    if step.remedy == UNDO_RETIREMENT:
        require_state(segment, start, RETIRED)
        return [RetirementUndone(batch, start, end, holder, case.id), echo(batch, start, end, NO_ACCOUNT, holder)]
    return _trade_undone(known, case, segment, start, end)


def _trade_undone(known: Known, case: Case, segment: Segment, start: int, end: int) -> list[Event]:
    """The range goes back to the batch's first holder."""
    batch, buyer, seller = segment.batch, segment.owner, known.first_holders[segment.batch]
    require_state(segment, start, HELD)
    require(segment.traded, "NotTraded", batch, start)
    return [TradeUndone(batch, start, end, buyer, seller, case.id), echo(batch, start, end, buyer, seller)]
