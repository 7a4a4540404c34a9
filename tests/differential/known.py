"""What the model knows: the fold's state, and the few things that calls carry and events do not.

The energy lanes and the first holders are kept here again in the plainest form, so that issuing is predicted without
the fold's own arithmetic.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, TypeVar

from gecchain.events import (
    NO_ACCOUNT,
    CommitmentApproved,
    ConsecutiveTransfer,
    EnergyCorrected,
    Event,
    Issued,
    ItemRefused,
    PlatformAdmitted,
    QuorumSet,
    Recorded,
)
from gecchain.ledger import Case, Segment, State, apply
from tests.differential.chain import reason_of
from tests.differential.operations import Call, Signed
from tests.differential.trees import PlainTree

__all__ = ["Energy", "Known", "Unlike", "expiry_of", "month_end", "month_expiry", "month_warning", "require"]

T = TypeVar("T")
_WARNING_MONTHS = 3
_AUTHORITY, _CLOSED = 1, 5
_BEIJING = timezone(timedelta(hours=8))


class Unlike(Exception):
    """The rules refuse the call: the custom error's name and values."""

    def __init__(self, name: str, *values: Any) -> None:
        super().__init__(name, values)
        self.name = name
        self.values = values


def require(condition: object, name: str, *values: Any) -> None:
    """Refuse unless the condition holds."""
    if not condition:
        raise Unlike(name, *values)


@cache
def month_end(month: int) -> int:
    """First second after a month that counts from 1900-01, Beijing time."""
    after = month + 1
    return int(datetime(1900 + after // 12, after % 12 + 1, 1, tzinfo=_BEIJING).timestamp())


def _last_month(month: int) -> int:
    """The last month of validity: 24 months after the production month; before 2024 December 2025 (Q28)."""
    return month + 24 if month >= (2024 - 1900) * 12 else (2025 - 1900) * 12 + 11


def month_expiry(month: int) -> int:
    """First second at which certificates of a month are no longer valid."""
    return month_end(_last_month(month))


def month_warning(month: int) -> int:
    """First second at which holders are warned of that, three months ahead (Q96)."""
    return month_end(_last_month(month) - _WARNING_MONTHS)


def expiry_of(batch: int) -> int:
    """First second at which a batch is no longer valid."""
    return month_expiry(batch >> 4 & 0xFFF)


@dataclass(frozen=True, slots=True)
class Energy:
    """One project's electricity of one kind: every month that was ever issued, and the Wh left over."""

    months: frozenset[int] = frozenset()
    carry: int = 0

    def plus(self, month: int, wh: int) -> "Energy":
        """With a month's energy, or a correction of it."""
        return Energy(self.months | {month}, (self.carry + wh) % 1_000_000)


@dataclass(slots=True)
class Known:
    """Everything a prediction may look at.

    `roles` are an address's role numbers, `forest` the trees by their roots, `orders` the arguments of orders that
    were filled or cancelled, `handed` some requests that were relayed, `approved` the officers of each commitment;
    `closed` is set once the guardian has closed the contracts.
    """

    roles: Mapping[str, frozenset[int]]
    forest: dict[bytes, PlainTree]
    addresses: Mapping[str, str]
    now: int
    state: State = field(default_factory=State)
    pending: dict[int, Any] = field(default_factory=dict)
    energy: dict[tuple[int, int], Energy] = field(default_factory=dict)
    first_holders: dict[int, str] = field(default_factory=dict)
    batches: list[int] = field(default_factory=list)
    platforms: list[str] = field(default_factory=list)
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    handed: list[Signed] = field(default_factory=list)
    approved: dict[int, frozenset[str]] = field(default_factory=dict)
    quorum: int = 0
    closed: bool = False
    steps: int = 0
    logged: int = 0

    def require_open(self, caller: str) -> None:
        """What everybody may call, or a contract through its own rights: nobody does once all is closed."""
        require(not self.closed, "AccessManagedUnauthorized", caller)

    def require_role(self, caller: str, role: int) -> None:
        allowed = role in self.roles.get(caller, ()) and not self.closed
        require(allowed, "AccessManagedUnauthorized", caller)

    def is_authority(self, caller: str) -> bool:
        return _AUTHORITY in self.roles.get(caller, ())

    def actor(self, account: str) -> str:
        """I7: the operator of an open account that is not frozen, while a mandate lasts the agent's (Q36, Q40)."""
        found = self.state.accounts.get(account)
        if found is None or found.frozen or found.closed:
            return NO_ACCOUNT
        mandate = self.state.mandates.get(account)
        if mandate is None or mandate.revoked or not mandate.begins <= self.now < mandate.until:
            return found.operator
        agent = self.state.accounts[mandate.agent]
        return NO_ACCOUNT if agent.frozen or agent.closed else agent.operator

    def may_act(self, account: str, caller: str) -> bool:
        """I7: whether the caller's is the key that acts for an account now."""
        return caller != NO_ACCOUNT and self.actor(account) == caller

    def may_receive(self, account: str) -> bool:
        """Whether there is such an account, and it is not closed."""
        found = self.state.accounts.get(account)
        return found is not None and not found.closed

    def ccer(self, batch: int) -> tuple[bool, bool]:
        """Whether a batch's project turned to CCER, and whether its month is registered there (Q12, Q66, Q79)."""
        filed = self.state.projects.get(batch >> 16)
        return filed is not None and filed.ccer, (batch >> 16, batch >> 4 & 0xFFF) in self.state.ccer_months

    def open_case(self, batch: int) -> int:
        """The case of a batch that is not closed, or 0."""
        numbers = [case.id for case in self.state.cases.values() if case.batch == batch and case.stage != _CLOSED]
        return numbers[0] if numbers else 0

    def due_at(self, case: Case) -> int:
        """When the stage of a case should be over; 0 for a closed one."""
        days = self.state.parameters[1]
        allowed = (days.proposal_days, days.check_days, days.decision_days, days.execution_days)
        return 0 if case.stage == _CLOSED else case.since + allowed[case.stage - 1] * 86_400

    def officers_of(self, commitment: int) -> frozenset[str]:
        """Who approved a commitment."""
        return self.approved.get(commitment, frozenset())

    def drawn(self, commitment: int, chunk: int) -> int:
        found = self.state.chunks.get((commitment, chunk))
        return found.issued if found else 0

    def segment(self, batch: int, start: int, end: int) -> Segment:
        """The one segment that holds a range: BatchUnknown, RangeEmpty, RangeNotUniform."""
        require(batch in self.state.batches, "BatchUnknown", batch)
        require(start < min(end, self.state.batches[batch].count), "RangeEmpty", start, end)
        found = self.state.segment_at(batch, start)
        assert found is not None, "the fold lost a segment"
        require(end <= found.end, "RangeNotUniform", batch, start, end, found.end)
        return found

    def in_turn(self, items: Iterable[T], one: Callable[["Known", T], list[Event]], *, whole: bool) -> list[Event]:
        """What a call with many items comes to, each after those before it.

        `whole`: one that is refused refuses all of it. Else it is told by an event and the others go on.
        """
        trial, events = self._trial(), list[Event]()
        for index, item in enumerate(items):
            try:
                found = one(trial, item)
            except Unlike as unlike:
                if whole:
                    raise
                found = [ItemRefused(index, reason_of(unlike.name, unlike.values))]
            trial.fold(found)
            events += found
        return events

    def _trial(self) -> "Known":
        """A copy to try things on."""
        parts = {part.name: getattr(self.state, part.name) for part in fields(self.state)}
        copies: dict[str, Any] = {name: part.copy() if isinstance(part, dict) else part for name, part in parts.items()}
        copies["cuts"] = {batch: starts.copy() for batch, starts in self.state.cuts.items()}
        return replace(self, state=State(**copies), steps=self.steps + 1, logged=0)

    def fold(self, events: Iterable[Event]) -> None:
        """Applies events of one call."""
        for event in events:
            apply(self.state, Recorded(self.steps, self.logged, "", str(self.steps), self.now, event))
            self.logged += 1

    def learn(self, call: Call, events: tuple[Event, ...]) -> None:
        """Folds what happened, and remembers what the events do not tell."""
        self.steps += 1
        self.logged = 0
        for event in events:
            self.fold([event])
            self._remember(event)
        match call.function:
            case "submit" | "review":
                for filing in call.args[0]:
                    self.pending[filing.project] = filing if call.function == "submit" else None
            case "fill" | "cancel":
                self.orders.append(call.args)
            case "pause":
                self.closed = True

    def _remember(self, event: Event) -> None:
        match event:
            case PlatformAdmitted():
                self.platforms.append(event.account)
            case ConsecutiveTransfer(from_address=giver) if giver == NO_ACCOUNT:
                self._meet(event)
            case Issued():
                self._burn(event)
            case CommitmentApproved():
                self.approved[event.commitment] = self.officers_of(event.commitment) | {event.officer}
            case QuorumSet():
                self.quorum = event.quorum
            case EnergyCorrected():
                key = event.project, event.electricity
                self.energy[key] = self.energy[key].plus(event.month, event.watt_hours)
            case _:
                return

    def _meet(self, event: ConsecutiveTransfer) -> None:
        """A batch is new if it was not heard of before; what is added later or given back is not."""
        batch = event.from_token_id >> 32
        if batch not in self.first_holders:
            self.first_holders[batch] = event.to_address
            self.batches.append(batch)

    def _burn(self, event: Issued) -> None:
        month = self.state.commitments[event.commitment].month
        for index, leaf in enumerate(event.leaves):
            if event.issued >> index & 1:
                key = leaf >> 208, leaf >> 200 & 0xFF
                self.energy[key] = self.energy.get(key, Energy()).plus(month, leaf >> 136 & 0xFFFFFFFFFFFFFFFF)
