"""Disputes and what they put in doubt."""

from dataclasses import dataclass

__all__ = ["Case", "Doubt"]


@dataclass(frozen=True, slots=True)
class Case:
    """A dispute over a batch (Q95). `stage` is a CaseStage, `outcome` an Outcome.

    `watt_hours` and `evidence` are the latest proposal's; `certificates` is what the energy's correction came to;
    `owed` have yet to be deducted. `since` is when it came to its stage, UTC seconds; `opened`, `closed` positions.
    """

    id: int
    batch: int
    claimant: str
    stage: int
    outcome: int
    owed: int
    since: int
    watt_hours: int
    evidence: str
    certificates: int
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """A range that a case put in doubt; `number` counts within the case."""

    case_id: int
    number: int
    start: int
    end: int
