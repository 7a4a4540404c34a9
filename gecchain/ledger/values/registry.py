"""Accounts, mandates, projects and their energy accounts."""

from dataclasses import dataclass
from enum import IntEnum

from gecchain.events import NO_ACCOUNT
from gecchain.rules.parameters import CHECK_DAYS, DECISION_DAYS, EXECUTION_DAYS, PROPOSAL_DAYS

__all__ = [
    "Account",
    "CcerMonth",
    "CcerRegistration",
    "Filing",
    "FilingState",
    "LaneAccount",
    "Mandate",
    "Parameters",
    "Project",
]


@dataclass(frozen=True, slots=True)
class Account:
    """An account (绿证账户, Q84). `platform` is its bit in listings, or -1; `closed` a position."""

    address: str
    kind: int
    province: int
    operator: str
    name: str
    frozen: bool
    freeze_reason: str
    platform: int
    opened: int
    closed: int = 0
    close_reason: str = ""


@dataclass(frozen=True, slots=True)
class Mandate:
    """An agent's mandate, the latest of its principal (Q36, Q40), in force in `[begins, until)`, UTC seconds.

    `document` is the agreement's hash; `filed` and `revoked` are positions.
    """

    principal: str
    agent: str
    begins: int
    until: int
    document: str
    filed: int
    revoked: int = 0


@dataclass(frozen=True, slots=True)
class Project:
    """A project and the terms in force; `approved` is the filing version they come from, 0 before the first.

    `ccer` says whether it turned to CCER, so that what is untraded stands still (Q12, Q66).
    """

    id: int
    latest: int
    approved: int
    owner: str = NO_ACCOUNT
    in_operation: int = 0
    market_based: bool = False
    ccer: bool = False


class FilingState(IntEnum):
    """Where a version of a filing stands with its province (Q91)."""

    SUBMITTED = 0
    APPROVED = 1
    SENT_BACK = 2
    REPLACED = 3


@dataclass(frozen=True, slots=True)
class Filing:
    """A version of a project's filing (Q90 to Q92). `document` is canonical JSON; its keccak256 is the filing hash."""

    project: int
    version: int
    owner: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str
    state: int
    reviewer: str
    reason: str
    submitted: int
    reviewed: int


@dataclass(frozen=True, slots=True)
class CcerRegistration:
    """Emission reductions of a project's months `[start, end)`, registered under a number (Q79, Q80)."""

    number: str
    project: int
    start: int
    end: int
    position: int


@dataclass(frozen=True, slots=True)
class CcerMonth:
    """A month of a project for which emission reductions are registered, and under which number."""

    project: int
    month: int
    number: str


@dataclass(frozen=True, slots=True)
class LaneAccount:
    """Energy account of one project and electricity: the contract's lane word, and what went through it.

    `metered_wh == 1_000_000 * (issued - deducted - owed) + carry` (I4); `owed` have yet to be
    deducted after a decided case.
    """

    project: int
    electricity: int
    lane: int
    metered_wh: int
    issued: int
    deducted: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Parameters:
    """What authority and governance have set; one row, `id` is 1. `ccer_ends` in UTC seconds, 0 for no end (Q66); days
    a stage; `quorum` is how many officers must approve a commitment before it is issued from, 0 for none.
    """

    id: int = 1
    ccer_ends: int = 0
    proposal_days: int = PROPOSAL_DAYS.value
    check_days: int = CHECK_DAYS.value
    decision_days: int = DECISION_DAYS.value
    execution_days: int = EXECUTION_DAYS.value
    quorum: int = 0
