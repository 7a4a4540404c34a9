"""What the model knows: the fold's state, and the few things that calls carry and events do not.

The energy lanes and the first holders are kept here again in the plainest form, so that issuing is predicted without
the fold's own arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from gecchain.events import (
    NO_ACCOUNT,
    ConsecutiveTransfer,
    Event,
    Issued,
    PlatformAdmitted,
    Recorded,
)
from gecchain.ledger import Segment, State, apply
from tests.differential.operations import Call
from tests.differential.trees import PlainTree

__all__ = ["Energy", "Known", "Unlike", "expiry_of", "month_end", "require"]

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


def expiry_of(batch: int) -> int:
    """First second at which a batch is no longer valid: 24 months after its month; before 2024 with 2025 (Q28)."""
    month = batch >> 4 & 0xFFF
    year = 1900 + month // 12
    return month_end((2025 - 1900) * 12 + 11) if year < 2024 else month_end(month + 24)


@dataclass(frozen=True, slots=True)
class Energy:
    """One project's electricity of one kind: every month that was ever issued, and the Wh left over."""

    months: frozenset[int] = frozenset()
    carry: int = 0

    def plus(self, month: int, wh: int) -> "Energy":
        return Energy(self.months | {month}, (self.carry + wh) % 1_000_000)


@dataclass(slots=True)
class Known:
    """Everything a prediction may look at. `roles` are an address's role numbers, `forest` the trees by their roots."""

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
    steps: int = 0

    def require_role(self, caller: str, role: int) -> None:
        require(role in self.roles.get(caller, ()), "AccessManagedUnauthorized", caller)

    def may_act(self, account: str, caller: str) -> bool:
        """I7: the operator of an account that exists and is not frozen."""
        found = self.state.accounts.get(account)
        return found is not None and not found.frozen and found.operator == caller

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

    def learn(self, call: Call, events: tuple[Event, ...]) -> None:
        """Folds what happened, and remembers what the events do not tell."""
        self.steps += 1
        for index, event in enumerate(events):
            apply(self.state, Recorded(self.steps, index, "", str(self.steps), self.now, event))
            self._remember(event)
        if call.function in ("submit", "review"):
            for filing in call.args[0]:
                self.pending[filing.project] = filing if call.function == "submit" else None

    def _remember(self, event: Event) -> None:
        match event:
            case PlatformAdmitted():
                self.platforms.append(event.account)
            case ConsecutiveTransfer(from_address=giver) if giver == NO_ACCOUNT:
                self.first_holders[event.from_token_id >> 32] = event.to_address
                self.batches.append(event.from_token_id >> 32)
            case Issued():
                self._burn(event)
            case _:
                return

    def _burn(self, event: Issued) -> None:
        month = self.state.commitments[event.commitment].month
        for index, leaf in enumerate(event.leaves):
            if event.issued >> index & 1:
                key = leaf >> 208, leaf >> 200 & 0xFF
                self.energy[key] = self.energy.get(key, Energy()).plus(month, leaf >> 136 & 0xFFFFFFFFFFFFFFFF)
