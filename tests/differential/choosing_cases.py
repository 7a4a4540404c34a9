"""Random calls of `Cases`, most of them right."""

from collections.abc import Callable

from gecchain.chain.deploying import Role
from gecchain.ledger import Case, Segment
from gecchain.rules import CaseStage, CertificateState, Outcome
from tests.differential.chance import Chance
from tests.differential.choosing_ranges import range_of, segment_where
from tests.differential.operations import Call, Remedied
from tests.differential.people import NOBODY

__all__ = ["check", "close", "decide", "execute", "open_case", "propose", "set_deadlines"]

HELD, LISTED, FROZEN, RETIRED, DEDUCTED = list(CertificateState)[1:]
UNDO_RETIREMENT, UNDO_TRADE, DEDUCT = range(3)


def open_case(chance: Chance) -> Call:
    """By the owner of the project, about some of what it holds; seldom about what is not doubtful."""
    known = chance.known
    projects, sold = known.state.projects, chance.one_in(2)

    def suits(segment: Segment) -> bool:
        own = projects[segment.batch >> 16].owner
        acting = known.actor(own) != NOBODY
        return acting and (segment.traded or segment.state == RETIRED if sold else segment.owner == own)

    segment = segment_where(chance, suits)
    batch = segment.batch if segment and not chance.one_in(30) else chance.integer(0, (1 << 64) - 1)
    if segment and chance.one_in(25):
        batch = segment.batch ^ 1
    project = projects.get(batch >> 16)
    doubtful: list[tuple[int, int]] = []
    for part in known.state.segments_of(batch) if segment and segment.batch == batch else ():
        held = project is not None and part.owner == project.owner and part.state == HELD
        if (held and not chance.one_in(3)) or chance.one_in(30):
            doubtful.append(range_of(chance, part)[1:])
    claimant = project.owner if project else chance.account()
    args = (batch, doubtful[:4], chance.basis(), chance.reason())
    return Call(chance.operator(claimant), "Cases", "open", args)


def _case(chance: Chance, *stages: CaseStage) -> tuple[int, Case | None]:
    """One of a stage, seldom of another or none."""
    cases = chance.known.state.cases
    if chance.one_in(25):
        return chance.pick((0, len(cases) + 1)), None
    found = [case for case in cases.values() if case.stage in stages or chance.one_in(60)]
    if not found:
        return chance.integer(0, len(cases)), None
    case = chance.pick(found)
    return case.id, case


def _watt_hours(chance: Chance, case: Case) -> int:
    """More, fewer or none; seldom so many that no account has them."""
    if chance.one_in(20):
        return chance.pick((-(1 << 63), (1 << 63) - 1, 10**15 - 1, -(10**12), 1 << 51, -999_999, 1))
    count = chance.known.state.batches[case.batch].count
    kind = chance.integer(0, 4)
    if kind == 0:
        return 0
    wh = chance.integer(1, count * 1_000_000) if chance.one_in(2) else chance.integer(1, 3_000_000)
    return wh if kind == 1 else -wh


def propose(chance: Chance) -> Call:
    number, case = _case(chance, CaseStage.OPENED)
    wh = _watt_hours(chance, case) if case else 1
    args = (number, wh, chance.basis(), chance.reason())
    return Call(chance.staff(Role.EXCHANGE), "Cases", "propose", args)


def check(chance: Chance) -> Call:
    number, _found = _case(chance, CaseStage.PROPOSED)
    args = (number, not chance.one_in(6), chance.basis(), chance.reason())
    return Call(chance.staff(Role.REGIONAL_OFFICE), "Cases", "check", args)


def decide(chance: Chance) -> Call:
    number, case = _case(chance, CaseStage.CHECKED)
    wh = case.watt_hours if case else 0
    outcome = Outcome.ADDED if wh > 0 else Outcome.DEDUCTED if wh < 0 else Outcome.UNDONE
    if chance.one_in(6):
        outcome = chance.pick((Outcome.NONE, Outcome.REJECTED))
    elif chance.one_in(8):
        outcome = chance.pick(list(Outcome))
    args = (number, int(outcome), chance.basis(), chance.reason())
    return Call(chance.staff(Role.AUTHORITY), "Cases", "decide", args)


def _parts(chance: Chance, case: Case, suits: Callable[[Segment], bool]) -> list[Segment]:
    found = [part for part in chance.known.state.segments_of(case.batch) if suits(part)]
    chance.random.shuffle(found)
    return found


def _deductions(chance: Chance, case: Case) -> list[Remedied]:
    """The unsold first, then what is traded or retired and undone before, as many as are owed."""
    owed, steps = case.owed, list[Remedied]()
    unsold = _parts(chance, case, lambda part: part.state in (HELD, FROZEN) and not part.traded)
    sold = _parts(chance, case, lambda part: part.state == RETIRED or (part.traded and part.state == HELD))
    for part in [*unsold, *sold]:
        piece = part.start, min(part.end, part.start + owed)
        if piece[0] < piece[1]:
            remedies = [DEDUCT] if part.traded and chance.one_in(3) else _remedies(part)
            steps += [Remedied(remedy, *piece) for remedy in remedies]
            owed -= piece[1] - piece[0]
    return steps if not chance.one_in(5) else steps[: chance.integer(1, 3)]


def _remedies(part: Segment) -> list[int]:
    """What leads to its deduction."""
    undone = [UNDO_RETIREMENT] if part.state == RETIRED else []
    return [*undone, *([UNDO_TRADE] if part.traded else []), DEDUCT]


def _undoings(chance: Chance, case: Case) -> list[Remedied]:
    """A retirement that is undone, a trade, or both of one range."""
    traded = _parts(chance, case, lambda part: part.traded and part.state == HELD)
    retired = _parts(chance, case, lambda part: part.state == RETIRED)
    steps = []
    if traded:
        steps.append(Remedied(UNDO_TRADE, *range_of(chance, traded[0])[1:]))
    if retired and (not steps or chance.one_in(2)):
        piece = range_of(chance, retired[0])[1:]
        steps.append(Remedied(UNDO_RETIREMENT, *piece))
        if retired[0].traded:
            steps.append(Remedied(UNDO_TRADE, *piece))
    return steps


def execute(chance: Chance) -> Call:
    number, case = _case(chance, CaseStage.DECIDED)
    steps: list[Remedied] = []
    if case is not None:
        steps = _undoings(chance, case) if case.outcome == Outcome.UNDONE else _deductions(chance, case)
        if not steps or chance.one_in(8):
            steps = _undoings(chance, case)[:1]
        if chance.one_in(6):
            part = chance.pick(chance.known.state.segments_of(case.batch))
            steps.append(Remedied(chance.integer(0, 2), *range_of(chance, part)[1:]))
        if chance.one_in(10):
            steps = [Remedied(DEDUCT, 0, case.owed + 1)]
        elif chance.one_in(6):
            untraded = _parts(chance, case, lambda part: part.state == HELD and not part.traded)[:1]
            steps = [Remedied(UNDO_TRADE, part.start, part.end) for part in untraded]
    return Call(chance.staff(Role.AUTHORITY), "Cases", "execute", (number, steps))


def close(chance: Chance) -> Call:
    """Mostly decided ones, else seldom a case would be decided."""
    stages = [CaseStage.DECIDED] if not chance.one_in(4) else list(CaseStage)[1:5]
    number, case = _case(chance, *stages)
    caller = chance.staff(Role.AUTHORITY)
    if case is not None and (case.stage != CaseStage.DECIDED or chance.one_in(8)):
        caller = chance.operator(case.claimant)
    return Call(caller, "Cases", "close", (number,))


def set_deadlines(chance: Chance) -> Call:
    days = [chance.integer(0, 90) for _ in range(4)]
    return Call(chance.staff(Role.AUTHORITY), "Cases", "setDeadlines", tuple(days))
