"""The stages of a dispute."""

from dataclasses import dataclass

__all__ = [
    "CaseChecked",
    "CaseClosed",
    "CaseDecided",
    "CaseOpened",
    "CaseProposed",
    "DeadlinesSet",
    "Serials",
]


@dataclass(frozen=True, slots=True)
class Serials:
    """Certificates `[start, end)` of the batch of a case."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """The owner disputes an issued quantity (异议, Q95); what is `doubtful` is frozen."""

    case_id: int
    batch: int
    claimant: str
    doubtful: tuple[Serials, ...]
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseProposed:
    """The exchange proposes what the month's metered energy should have been more, or less."""

    case_id: int
    exchange: str
    watt_hours: int
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseChecked:
    """The regional office confirmed the proposal's facts, or sent it back to the exchange."""

    case_id: int
    office: str
    confirmed: bool
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseDecided:
    """The authority decided, or with outcome 0 sent it back. `certificates` to be added, or, negative, deducted."""

    case_id: int
    authority: str
    outcome: int
    certificates: int
    evidence: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaseClosed:
    """The case is over; `by` is the key that signed."""

    case_id: int
    by: str


@dataclass(frozen=True, slots=True)
class DeadlinesSet:
    """Days that each stage of a case may take, from `Opened` to `Decided`."""

    proposal: int
    check: int
    decision: int
    execution: int
