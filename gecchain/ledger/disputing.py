"""A dispute's stages, and what its decision does to certificates (Q53, Q95)."""

from dataclasses import replace

from gecchain.events import (
    NO_ACCOUNT,
    Added,
    CaseChecked,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    CaseProposed,
    DeadlinesSet,
    Deducted,
    Recorded,
    RetirementUndone,
    TradeUndone,
)
from gecchain.ledger.counting import consume
from gecchain.ledger.ranges import add_to, broken, carry_over, count, cut_out, echo
from gecchain.ledger.state import State
from gecchain.ledger.values import (
    Addition,
    Batch,
    Case,
    Deduction,
    Doubt,
    Segment,
    Step,
    UndoneRetirement,
    UndoneTrade,
)
from gecchain.rules.parameters import MAX_CERTIFICATES
from gecchain.rules.purposes import CaseStage, CertificateState, Outcome, RetirementReason

__all__ = [
    "apply_added",
    "apply_case_checked",
    "apply_case_closed",
    "apply_case_decided",
    "apply_case_opened",
    "apply_case_proposed",
    "apply_deadlines",
    "apply_deducted",
    "apply_retirement_undone",
    "apply_trade_undone",
]

HELD = CertificateState.HELD
_ORDERED = (CaseStage.OPENED, CaseStage.PROPOSED, CaseStage.CHECKED, CaseStage.DECIDED)


# Stages


def apply_case_opened(state: State, at: Recorded, event: CaseOpened) -> None:
    """One case a batch at a time, by the owner of its project."""
    batch = _batch(state, at, event.batch)
    if event.case_id in state.cases or batch.case_id:
        raise broken(f"Case {event.case_id} is opened twice, or batch {batch.id} has case {batch.case_id}.", at)
    state.batches[batch.id] = replace(batch, case_id=event.case_id)
    state.cases[event.case_id] = Case(
        id=event.case_id,
        batch=event.batch,
        claimant=event.claimant,
        stage=CaseStage.OPENED.value,
        outcome=Outcome.NONE.value,
        owed=0,
        since=at.time,
        watt_hours=0,
        evidence="0x" + "00" * 32,
        certificates=0,
        opened=at.position,
        closed=0,
    )
    for number, part in enumerate(event.doubtful):
        state.doubts[event.case_id, number] = Doubt(event.case_id, number, part.start, part.end)


def _case(state: State, at: Recorded, number: int, *stages: CaseStage) -> Case:
    found = state.cases.get(number)
    if found is None or found.stage not in stages:
        names = " or ".join(stage.slug for stage in stages)
        raise broken(f"Case {number} is not {names}.", at)
    return found


def _batch(state: State, at: Recorded, number: int) -> Batch:
    found = state.batches.get(number)
    if found is None:
        raise broken(f"Batch {number} is unknown.", at)
    return found


def apply_case_proposed(state: State, at: Recorded, event: CaseProposed) -> None:
    """What the month's metered energy should have been more, or less."""
    found = _case(state, at, event.case_id, CaseStage.OPENED)
    state.cases[found.id] = replace(
        found,
        stage=CaseStage.PROPOSED.value,
        since=at.time,
        watt_hours=event.watt_hours,
        evidence=event.evidence,
    )


def apply_case_checked(state: State, at: Recorded, event: CaseChecked) -> None:
    """The facts are confirmed, or the exchange proposes again."""
    found = _case(state, at, event.case_id, CaseStage.PROPOSED)
    stage = CaseStage.CHECKED if event.confirmed else CaseStage.OPENED
    state.cases[found.id] = replace(found, stage=stage.value, since=at.time)


def apply_case_decided(state: State, at: Recorded, event: CaseDecided) -> None:
    """An outcome that fits the proposal; with none the exchange proposes again."""
    found = _case(state, at, event.case_id, CaseStage.CHECKED)
    wh = found.watt_hours
    fits: dict[int, bool] = {
        Outcome.NONE: True,
        Outcome.REJECTED: True,
        Outcome.ADDED: wh > 0,
        Outcome.DEDUCTED: wh < 0,
        Outcome.UNDONE: wh == 0,
    }
    if not fits.get(event.outcome) or event.certificates != found.certificates:
        raise broken(f"Outcome {event.outcome} of {event.certificates} does not follow from {wh} Wh.", at)
    stage = CaseStage.OPENED if event.outcome == Outcome.NONE else CaseStage.DECIDED
    state.cases[found.id] = replace(
        found, stage=stage.value, outcome=event.outcome, since=at.time, owed=max(-event.certificates, 0)
    )


def apply_case_closed(state: State, at: Recorded, event: CaseClosed) -> None:
    """Over, once nothing is owed."""
    found = _case(state, at, event.case_id, *_ORDERED)
    if found.owed:
        raise broken(f"Case {found.id} still owes {found.owed} certificates.", at)
    state.cases[found.id] = replace(found, stage=CaseStage.CLOSED.value, since=at.time, closed=at.position)
    state.batches[found.batch] = replace(_batch(state, at, found.batch), case_id=0)


def apply_deadlines(state: State, _at: Recorded, event: DeadlinesSet) -> None:
    """Days a stage."""
    state.parameters[1] = replace(
        state.parameters[1],
        proposal_days=event.proposal,
        check_days=event.check,
        decision_days=event.decision,
        execution_days=event.execution,
    )


# Remedies


def _deciding(state: State, at: Recorded, number: int, batch: int, *outcomes: Outcome) -> Case:
    """The decided case over this batch that allows the remedy."""
    found = _case(state, at, number, CaseStage.DECIDED)
    if found.batch != batch or found.outcome not in outcomes:
        raise broken(f"Case {number} does not decide this about batch {batch}.", at)
    return found


def apply_added(state: State, at: Recorded, event: Added) -> None:
    """The batch's serials go on, for its first holder."""
    case = _deciding(state, at, event.case_id, event.batch, Outcome.ADDED)
    batch = _batch(state, at, event.batch)
    amount = event.end - event.start
    follows = event.start == batch.count and amount > 0 and event.end <= MAX_CERTIFICATES.value
    if not follows or (event.holder, amount, event.basis) != (batch.holder, case.certificates, case.evidence):
        raise broken(f"Case {case.id} adds {case.certificates} to [0, {batch.count}) of batch {batch.id}.", at)
    state.batches[batch.id] = replace(batch, count=event.end)
    state.additions[batch.id, event.start] = Addition(
        batch.id, event.start, event.end, event.holder, case.id, event.basis, at.position
    )
    state.steps[at.position] = Step(at.position, batch.id, event.start, event.end, 0)
    state.put_segment(Segment(batch.id, event.start, event.end, event.holder, HELD.value, 0, at.position))
    _correct_lane(state, batch.id, issued=amount)
    add_to(state, event.holder, holding=amount)
    count(state, batch.id, issued=amount)
    echo(state, batch.id, event.start, event.end, NO_ACCOUNT, event.holder)


def _correct_lane(state: State, batch: int, *, issued: int = 0, deducted: int = 0) -> None:
    """What was owed to, or by, the project's energy account is given (I4)."""
    key = (batch >> 16, batch >> 1 & 7)
    lane, change = state.lanes[key], issued - deducted
    state.lanes[key] = replace(
        lane, issued=lane.issued + issued, deducted=lane.deducted + deducted, owed=lane.owed + change
    )
    state.totals[1] = replace(state.totals[1], owed=state.totals[1].owed + change)


def apply_deducted(state: State, at: Recorded, event: Deducted) -> None:
    """The end of numbers without retirement; they are never used again."""
    case = _deciding(state, at, event.case_id, event.batch, Outcome.DEDUCTED)
    amount = event.end - event.start
    if amount > case.owed:
        raise broken(f"Case {case.id} owes {case.owed} certificates, not {amount}.", at)
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD, CertificateState.FROZEN, owner=event.holder)
    state.put_segment(replace(segment, state=CertificateState.DEDUCTED.value))
    state.cases[case.id] = replace(case, owed=case.owed - amount)
    state.deductions[at.position] = Deduction(
        at.position, event.batch, event.start, event.end, event.holder, event.case_id
    )
    _correct_lane(state, event.batch, deducted=amount)
    add_to(state, event.holder, holding=-amount, deducted=amount)
    count(state, event.batch, deducted=amount)
    echo(state, event.batch, event.start, event.end, event.holder, NO_ACCOUNT)


def apply_trade_undone(state: State, at: Recorded, event: TradeUndone) -> None:
    """The range goes back to the batch's first holder and has its trade again (Q53)."""
    _deciding(state, at, event.case_id, event.batch, Outcome.DEDUCTED, Outcome.UNDONE)
    batch = _batch(state, at, event.batch)
    segment = cut_out(state, at, event.batch, event.start, event.end, HELD, owner=event.buyer)
    trade = state.trades.get(segment.trade)
    if trade is None or event.seller != batch.holder:
        raise broken(f"[{event.start}, {event.end}) of batch {batch.id} was not traded for {event.seller}.", at)
    amount = event.end - event.start
    state.put_segment(replace(segment, owner=event.seller, trade=0))
    state.trades[trade.id] = replace(trade, undone=trade.undone + amount)
    state.undone_trades[at.position] = UndoneTrade(
        at.position, trade.id, batch.id, event.start, event.end, event.buyer, event.seller, event.case_id
    )
    count(state, batch.id, traded=-amount)
    carry_over(state, batch.id, event.start, event.end, event.buyer, event.seller)


def apply_retirement_undone(state: State, at: Recorded, event: RetirementUndone) -> None:
    """The range is its last holder's again."""
    _deciding(state, at, event.case_id, event.batch, Outcome.DEDUCTED, Outcome.UNDONE)
    whole = state.segment_at(event.batch, event.start)
    retirement = state.retirements.get(whole.since) if whole is not None else None
    segment = cut_out(state, at, event.batch, event.start, event.end, CertificateState.RETIRED, owner=event.holder)
    if retirement is None:
        raise broken(f"[{event.start}, {event.end}) of batch {event.batch} has no retirement.", at)
    amount = event.end - event.start
    state.put_segment(replace(segment, state=HELD.value))
    state.retirements[retirement.position] = replace(retirement, undone=retirement.undone + amount)
    state.undone_retirements[at.position] = UndoneRetirement(
        at.position, retirement.position, event.batch, event.start, event.end, event.holder, event.case_id
    )
    add_to(state, event.holder, holding=amount, retired=-amount)
    if retirement.reason == RetirementReason.CONSUMPTION:
        consume(state, event.holder, event.batch, -amount)
    count(state, event.batch, retired=-amount)
    echo(state, event.batch, event.start, event.end, NO_ACCOUNT, event.holder)
