"""Random disputes: opened, proposed, checked, decided and carried out as the contract does."""

from dataclasses import dataclass, field

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
    EnergyCorrected,
    Event,
    Frozen,
    RetirementUndone,
    Serials,
    TradeUndone,
    Unfrozen,
)
from tests.ledger.pieces import DEDUCTED, FROZEN, HELD, RETIRED, Certificate, Pieces, word

OFFICIAL = "0x" + "0c" * 20
OPENED, PROPOSED, CHECKED, DECIDED, CLOSED = 1, 2, 3, 4, 5
REJECTED, ADDED, DEDUCTION, UNDONE = 1, 2, 3, 4


@dataclass
class Dispute:
    """A case of the naive model."""

    id: int
    batch: int
    stage: int
    since: int
    doubtful: list[tuple[int, int]]
    wh: int = 0
    outcome: int = 0
    owed: int = 0


@dataclass
class Disputes(Pieces):
    """Cases over batches of the pieces."""

    disputes: list[Dispute] = field(default_factory=list)

    def dispute(self, which: int, low: int, high: int) -> None:
        """Some steps of one case: of an open one as a rule, else of a new one."""
        for turn in range(1 + high % 7):
            self.step_case(which, low + turn * which, high >> turn)

    def step_case(self, which: int, low: int, high: int) -> None:
        if not self.batches:
            return
        opened = sorted(case.batch for case in self.disputes if case.stage != CLOSED)
        batches = opened if opened and which % 4 else sorted(self.batches)
        batch = batches[which % len(batches)]
        case = next((case for case in self.disputes if case.batch == batch and case.stage != CLOSED), None)
        if case is None:
            self.open_case(batch, low, high)
        elif high % 17 == 16 and not case.owed:
            self.close(case)
        elif case.stage == OPENED:
            case.wh = (0, 1, -1)[low % 3] * (1 + high * 7919 % 3_400_000)
            self.enter(case, PROPOSED)
            self.log(CaseProposed(case.id, OFFICIAL, case.wh, word(case.id * 100 + 1), "更正"))
        elif case.stage == PROPOSED:
            self.enter(case, CHECKED if low % 4 else OPENED)
            self.log(CaseChecked(case.id, OFFICIAL, bool(low % 4), word(case.id * 100 + 2), "核实"))
        elif case.stage == CHECKED:
            self.decide(case, low)
        else:
            self.execute(case, low, high)

    def enter(self, case: Dispute, stage: int) -> None:
        case.stage, case.since = stage, self.now

    def open_case(self, batch: int, low: int, high: int) -> None:
        owner = self.owners[batch >> 16]
        held = self.alive(batch, lambda item: item.state == HELD and item.owner == owner)
        doubtful = [self.within(batch, held[low % len(held)], low, high)[1:]] if held and low % 3 else []
        case = Dispute(self.count("case"), batch, OPENED, self.now, doubtful)
        self.disputes.append(case)
        events: list[Event] = []
        for start, end in doubtful:
            for item in self.change(batch, start, end, "frozen"):
                item.state = FROZEN
            events.append(Frozen(batch, start, end, word(case.id)))
        parts = tuple(Serials(*part) for part in doubtful)
        self.log(CaseOpened(case.id, batch, owner, parts, word(case.id * 100), "电量有误"), *events)

    def alive(self, batch: int, wanted: object) -> list[int]:
        """Pieces of a batch whose certificates are wanted."""
        assert callable(wanted)
        return list(dict.fromkeys(item.piece for item in self.batches[batch] if wanted(item)))

    def decide(self, case: Dispute, low: int) -> None:
        fitting = ADDED if case.wh > 0 else DEDUCTION if case.wh < 0 else UNDONE
        case.outcome = (0, REJECTED, fitting, fitting, fitting)[low % 5]
        events: list[Event] = []
        certificates = 0
        if case.outcome >= ADDED and case.wh:
            certificates = self.correct(case, events)
        self.enter(case, DECIDED if case.outcome else OPENED)
        reason = (case.id, OFFICIAL, case.outcome, certificates, word(case.id * 100 + 3), "决定")
        events.append(CaseDecided(*reason))
        if certificates > 0:
            self.add(case, certificates, events)
        case.owed = max(-certificates, 0)
        if case.outcome in (REJECTED, ADDED) or (case.outcome == DEDUCTION and not certificates):
            self.close(case, events)
        else:
            self.log(*events)

    def correct(self, case: Dispute, events: list[Event]) -> int:
        project, month, electricity = case.batch >> 16, case.batch >> 4 & 0xFFF, case.batch >> 1 & 7
        key = (project, electricity)
        self.metered += case.wh
        certificates = 0
        carry = self.carry[key] + case.wh
        while carry < 0:
            carry, certificates = carry + 1_000_000, certificates - 1
        while carry >= 1_000_000:
            carry, certificates = carry - 1_000_000, certificates + 1
        self.carry[key] = carry
        self.owed[key] = self.owed.get(key, 0) + max(-certificates, 0)
        events.append(EnergyCorrected(project, month, electricity, case.id, case.wh, certificates))
        return certificates

    def add(self, case: Dispute, amount: int, events: list[Event]) -> None:
        certificates, holder = self.batches[case.batch], self.first_holders[case.batch]
        start = len(certificates)
        self.pieces += 1
        certificates += [Certificate(holder, HELD, False, self.pieces, ["added"]) for _ in range(amount)]
        basis = word(case.id * 100 + 1)
        events.append(Added(case.batch, start, start + amount, holder, case.id, basis))
        events.append(self.echo(case.batch, start, start + amount, NO_ACCOUNT, holder))

    def execute(self, case: Dispute, low: int, high: int) -> None:
        unsold = self.alive(case.batch, lambda item: item.state in (HELD, FROZEN) and not item.traded)
        events: list[Event] = []
        if case.outcome == DEDUCTION and unsold:
            self.deduct(case, self.within(case.batch, unsold[low % len(unsold)], low, high % case.owed), events)
        elif case.outcome == UNDONE or not self.alive(case.batch, lambda item: item.state == 2):
            self.undo(case, low, high, events)
        if case.outcome == DEDUCTION and not case.owed:
            self.close(case, events)
        else:
            self.log(*events)

    def deduct(self, case: Dispute, found: tuple[int, int, int], events: list[Event]) -> None:
        batch, start, end = found
        end = min(end, start + case.owed)
        holder = self.batches[batch][start].owner
        for item in self.change(batch, start, end, "deducted"):
            item.state = DEDUCTED
        case.owed -= end - start
        self.owed[batch >> 16, batch >> 1 & 7] -= end - start
        events.append(Deducted(batch, start, end, holder, case.id))
        events.append(self.echo(batch, start, end, holder, NO_ACCOUNT))

    def undo(self, case: Dispute, low: int, high: int, events: list[Event]) -> None:
        sold = self.alive(case.batch, lambda item: item.state == HELD and item.traded)
        retired = self.alive(case.batch, lambda item: item.state == RETIRED)
        if sold and (low % 2 or not retired):
            batch, start, end = self.within(case.batch, sold[low % len(sold)], low, high)
            buyer, seller = self.batches[batch][start].owner, self.first_holders[batch]
            for item in self.change(batch, start, end, "trade_undone"):
                item.owner, item.traded = seller, False
            events.append(TradeUndone(batch, start, end, buyer, seller, case.id))
            events.append(self.echo(batch, start, end, buyer, seller))
        elif retired:
            batch, start, end = self.within(case.batch, retired[low % len(retired)], low, high)
            holder = self.batches[batch][start].owner
            for item in self.change(batch, start, end, "retirement_undone"):
                item.state = HELD
            events.append(RetirementUndone(batch, start, end, holder, case.id))
            events.append(self.echo(batch, start, end, NO_ACCOUNT, holder))

    def close(self, case: Dispute, events: list[Event] | None = None) -> None:
        """Ends the doubt piece by piece, then the case."""
        events = events if events is not None else []
        self.enter(case, CLOSED)
        for first, last in case.doubtful:
            while first < last:
                item = self.batches[case.batch][first]
                serials = [n for n, other in enumerate(self.batches[case.batch]) if other.piece == item.piece]
                end = min(serials[-1] + 1, last)
                if item.state == FROZEN:
                    for changed in self.change(case.batch, first, end, "unfrozen"):
                        changed.state = HELD
                    events.append(Unfrozen(case.batch, first, end, word(case.id)))
                first = end
        self.log(*events, CaseClosed(case.id, OFFICIAL))

    def set_deadlines(self, which: int, low: int, high: int) -> None:
        self.log(DeadlinesSet(1 + which, 1 + low, 1 + high % 100, 20))
