"""What `Cases` must do, and what it has the other contracts do, from `ICases`, check by check."""

from collections.abc import Iterator, Sequence

from gecchain.events import (
    NO_ACCOUNT,
    Added,
    CaseChecked,
    CaseClosed,
    CaseDecided,
    CaseOpened,
    CaseProposed,
    DeadlinesSet,
    EnergyCorrected,
    Event,
    Frozen,
    Serials,
    Unfrozen,
)
from gecchain.ledger import Case
from gecchain.rules import CaseStage, CertificateState, Outcome
from tests.differential.known import Energy, Known, Unlike, require
from tests.differential.predicting_issues import MOST, OPEN_MONTHS
from tests.differential.predicting_ranges import echo, require_state

__all__ = ["case_at", "check", "close", "closed", "decide", "open_", "propose", "setDeadlines"]

AUTHORITY, EXCHANGE, REGIONAL_OFFICE = 1, 6, 7
HELD, FROZEN = CertificateState.HELD, CertificateState.FROZEN
OPENED, PROPOSED, CHECKED, DECIDED, CLOSED = list(CaseStage)[1:]


def _require_arguments(evidence: bytes, reason: str) -> None:
    require(any(evidence), "EvidenceZero")
    require(reason, "ReasonEmpty")


def case_at(known: Known, number: int, stage: CaseStage) -> Case:
    found = known.state.cases.get(number)
    if found is None:
        raise Unlike("CaseUnknown", number)
    require(found.stage == stage, "CaseStageIs", number, found.stage)
    return found


def _basis(number: int) -> str:
    return f"0x{number:064x}"


def open_(
    known: Known, caller: str, batch: int, doubtful: Sequence[tuple[int, int]], evidence: bytes, reason: str
) -> list[Event]:
    known.require_open(caller)
    filed = known.state.projects.get(batch >> 16)
    claimant = filed.owner if filed else NO_ACCOUNT
    require(known.may_act(claimant, caller), "MayNotAct", claimant, caller)
    _require_arguments(evidence, reason)
    require(not known.open_case(batch), "CaseStands", batch, known.open_case(batch))
    require(batch in known.state.batches, "BatchUnknown", batch)
    number = len(known.state.cases) + 1

    def doubt(trial: Known, part: tuple[int, int]) -> list[Event]:
        segment = trial.segment(batch, *part)
        require(segment.owner == claimant, "NotHolder", batch, part[0], segment.owner)
        require_state(segment, part[0], HELD)
        return [Frozen(batch, *part, _basis(number))]

    parts = tuple(Serials(*part) for part in doubtful)
    opened = CaseOpened(number, batch, claimant, parts, "0x" + evidence.hex(), reason)
    return [opened, *known.in_turn(doubtful, doubt, whole=True)]


def propose(known: Known, caller: str, number: int, wh: int, evidence: bytes, reason: str) -> list[Event]:
    known.require_role(caller, EXCHANGE)
    case_at(known, number, OPENED)
    _require_arguments(evidence, reason)
    return [CaseProposed(number, caller, wh, "0x" + evidence.hex(), reason)]


def check(known: Known, caller: str, number: int, confirmed: bool, evidence: bytes, reason: str) -> list[Event]:
    known.require_role(caller, REGIONAL_OFFICE)
    case_at(known, number, PROPOSED)
    _require_arguments(evidence, reason)
    return [CaseChecked(number, caller, confirmed, "0x" + evidence.hex(), reason)]


def decide(known: Known, caller: str, number: int, outcome: int, evidence: bytes, reason: str) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    case = case_at(known, number, CHECKED)
    _require_arguments(evidence, reason)
    wh = case.watt_hours
    fitting: dict[int, bool] = {Outcome.ADDED: wh > 0, Outcome.DEDUCTED: wh < 0, Outcome.UNDONE: wh == 0}
    require(fitting.get(outcome, True), "OutcomeNotProposed", outcome, wh)
    correction = _corrected(known, case) if outcome >= Outcome.ADDED and wh else []
    change = correction[0].certificates if correction else 0
    decided = CaseDecided(number, caller, outcome, change, "0x" + evidence.hex(), reason)
    added = _added(known, case, change) if change > 0 else []
    over = outcome in (Outcome.REJECTED, Outcome.ADDED) or (outcome == Outcome.DEDUCTED and not change)
    return [*correction, decided, *added, *(closed(known, case, caller) if over else ())]


def _corrected(known: Known, case: Case) -> list[EnergyCorrected]:
    """The month was issued, as far back as can be known, and the batch has what is to be deducted."""
    project, month, electricity = case.batch >> 16, case.batch >> 4 & 0xFFF, case.batch >> 1 & 7
    energy = known.energy.get((project, electricity), Energy())
    change = (energy.carry + case.watt_hours) // 1_000_000
    ended = sum(one.end - one.start for one in known.state.deductions.values() if one.batch == case.batch)
    reached = month in energy.months and max(energy.months) - month < OPEN_MONTHS and change < 1 << 31
    left = known.state.batches[case.batch].count - ended
    require(reached and -change <= left, "CorrectionOutOfReach", project, case.watt_hours)
    return [EnergyCorrected(project, month, electricity, case.id, case.watt_hours, change)]


def _added(known: Known, case: Case, amount: int) -> list[Event]:
    count, holder = known.state.batches[case.batch].count, known.first_holders[case.batch]
    require(count + amount <= MOST, "RangeEmpty", count, count + amount)
    added = Added(case.batch, count, count + amount, holder, case.id, case.evidence)
    return [added, echo(case.batch, count, count + amount, NO_ACCOUNT, holder)]


def closed(known: Known, case: Case, caller: str) -> Iterator[Event]:
    """What of the doubtful is still frozen is held again, segment by segment."""
    for part in [doubt for doubt in known.state.doubts.values() if doubt.case_id == case.id]:
        for segment in known.state.segments_of(case.batch):
            start, end = max(segment.start, part.start), min(segment.end, part.end)
            if start < end and segment.state == FROZEN:
                yield Unfrozen(case.batch, start, end, _basis(case.id))
    yield CaseClosed(case.id, caller)


def close(known: Known, caller: str, number: int) -> list[Event]:
    known.require_open(caller)
    found = known.state.cases.get(number)
    if found is None:
        raise Unlike("CaseUnknown", number)
    require(found.stage != CLOSED, "CaseStageIs", number, found.stage)
    decided = found.stage == DECIDED
    allowed = known.is_authority(caller) if decided else known.may_act(found.claimant, caller)
    require(allowed, "MayNotAct", found.claimant, caller)
    require(not found.owed, "StillOwed", number, found.owed)
    return list(closed(known, found, caller))


def setDeadlines(  # noqa: N802
    known: Known, caller: str, proposal: int, check_: int, decision: int, execution: int
) -> list[Event]:
    known.require_role(caller, AUTHORITY)
    return [DeadlinesSet(proposal, check_, decision, execution)]
