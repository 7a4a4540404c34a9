"""What the fold knows: every entity by its key, and the few answers that follow from several of them."""

from bisect import bisect_right, insort
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

from gecchain.events import NO_ACCOUNT
from gecchain.ledger.values import (
    Account,
    Addition,
    Approval,
    Balance,
    Batch,
    Case,
    CcerMonth,
    CcerRegistration,
    Chunk,
    Commitment,
    Consumption,
    Deal,
    Declaration,
    Deduction,
    Doubt,
    ExpiryWarning,
    Filing,
    LaneAccount,
    Listing,
    Mandate,
    Parameters,
    Project,
    ProjectName,
    RelayedRequest,
    Retirement,
    Segment,
    Settlement,
    Step,
    Tally,
    Totals,
    Trade,
    Turnover,
    UndoneRetirement,
    UndoneTrade,
)

__all__ = ["ENTITIES", "State", "key_of"]

DAY: Final = 86_400

# Attribute of State -> (value, its key's fields). The order satisfies foreign keys.
ENTITIES: Final[dict[str, tuple[type[Any], tuple[str, ...]]]] = {
    "accounts": (Account, ("address",)),
    "projects": (Project, ("id",)),
    "mandates": (Mandate, ("principal",)),
    "filings": (Filing, ("project", "version")),
    "commitments": (Commitment, ("id",)),
    "approvals": (Approval, ("commitment", "officer")),
    "declarations": (Declaration, ("id",)),
    "chunks": (Chunk, ("commitment", "chunk")),
    "lanes": (LaneAccount, ("project", "electricity")),
    "ccer_registrations": (CcerRegistration, ("number",)),
    "ccer_months": (CcerMonth, ("project", "month")),
    "batches": (Batch, ("id",)),
    "additions": (Addition, ("batch", "start")),
    "segments": (Segment, ("batch", "start")),
    "steps": (Step, ("position",)),
    "listings": (Listing, ("id",)),
    "trades": (Trade, ("id",)),
    "retirements": (Retirement, ("position",)),
    "undone_trades": (UndoneTrade, ("position",)),
    "undone_retirements": (UndoneRetirement, ("position",)),
    "deductions": (Deduction, ("position",)),
    "deals": (Deal, ("id",)),
    "settlements": (Settlement, ("contract_id", "project", "month")),
    "cases": (Case, ("id",)),
    "doubts": (Doubt, ("case_id", "number")),
    "expiry_warnings": (ExpiryWarning, ("month",)),
    "balances": (Balance, ("account",)),
    "tallies": (Tally, ("month", "province", "technology", "electricity", "tradable")),
    "consumptions": (Consumption, ("account", "year")),
    "turnovers": (Turnover, ("month", "province", "technology", "way")),
    "project_names": (ProjectName, ("project",)),
    "totals": (Totals, ("id",)),
    "parameters": (Parameters, ("id",)),
    "relayed": (RelayedRequest, ("request",)),
}


def key_of(kind: str, value: object) -> Any:
    """A value's key in its dict of State: one field bare, several as a tuple."""
    names = ENTITIES[kind][1]
    return getattr(value, names[0]) if len(names) == 1 else tuple(getattr(value, name) for name in names)


@dataclass(slots=True)
class State:
    """Everything known, or the part of it that some events touch. Only the fold writes here.

    `cuts` holds the sorted starts of batches that are cut; a batch without an entry is one segment from 0.
    `provinces` maps a province to its one account (Q87). `transfers` are ERC-2309 logs still owed (+) or not yet
    explained (-) within `transaction`.
    """

    accounts: MutableMapping[str, Account] = field(default_factory=dict)
    projects: MutableMapping[int, Project] = field(default_factory=dict)
    filings: MutableMapping[tuple[int, int], Filing] = field(default_factory=dict)
    commitments: MutableMapping[int, Commitment] = field(default_factory=dict)
    approvals: MutableMapping[tuple[int, str], Approval] = field(default_factory=dict)
    chunks: MutableMapping[tuple[int, int], Chunk] = field(default_factory=dict)
    lanes: MutableMapping[tuple[int, int], LaneAccount] = field(default_factory=dict)
    batches: MutableMapping[int, Batch] = field(default_factory=dict)
    segments: MutableMapping[tuple[int, int], Segment] = field(default_factory=dict)
    steps: MutableMapping[int, Step] = field(default_factory=dict)
    listings: MutableMapping[int, Listing] = field(default_factory=dict)
    trades: MutableMapping[int, Trade] = field(default_factory=dict)
    retirements: MutableMapping[int, Retirement] = field(default_factory=dict)
    mandates: MutableMapping[str, Mandate] = field(default_factory=dict)
    declarations: MutableMapping[str, Declaration] = field(default_factory=dict)
    ccer_registrations: MutableMapping[str, CcerRegistration] = field(default_factory=dict)
    ccer_months: MutableMapping[tuple[int, int], CcerMonth] = field(default_factory=dict)
    additions: MutableMapping[tuple[int, int], Addition] = field(default_factory=dict)
    undone_trades: MutableMapping[int, UndoneTrade] = field(default_factory=dict)
    undone_retirements: MutableMapping[int, UndoneRetirement] = field(default_factory=dict)
    deductions: MutableMapping[int, Deduction] = field(default_factory=dict)
    deals: MutableMapping[str, Deal] = field(default_factory=dict)
    settlements: MutableMapping[tuple[str, int, int], Settlement] = field(default_factory=dict)
    cases: MutableMapping[int, Case] = field(default_factory=dict)
    doubts: MutableMapping[tuple[int, int], Doubt] = field(default_factory=dict)
    expiry_warnings: MutableMapping[int, ExpiryWarning] = field(default_factory=dict)
    balances: MutableMapping[str, Balance] = field(default_factory=dict)
    tallies: MutableMapping[tuple[int, int, int, int, bool], Tally] = field(default_factory=dict)
    consumptions: MutableMapping[tuple[str, int], Consumption] = field(default_factory=dict)
    turnovers: MutableMapping[tuple[int, int, int, int], Turnover] = field(default_factory=dict)
    project_names: MutableMapping[int, ProjectName] = field(default_factory=dict)
    totals: MutableMapping[int, Totals] = field(default_factory=lambda: {1: Totals()})
    parameters: MutableMapping[int, Parameters] = field(default_factory=lambda: {1: Parameters()})
    relayed: MutableMapping[str, RelayedRequest] = field(default_factory=dict)
    cuts: MutableMapping[int, list[int]] = field(default_factory=dict)
    provinces: dict[int, str] = field(default_factory=dict)
    transfers: dict[tuple[int, int, str, str], int] = field(default_factory=dict)
    transaction: str = ""

    def segments_of(self, batch: int) -> list[Segment]:
        """The known segments of a batch, in order."""
        return [self.segments[batch, start] for start in self.cuts.get(batch, (0,)) if (batch, start) in self.segments]

    def segment_at(self, batch: int, serial: int) -> Segment | None:
        """The segment that holds a serial, or None where none is known."""
        starts = self.cuts.get(batch)
        if starts is None:
            segment = self.segments.get((batch, 0))
        else:
            at = bisect_right(starts, serial)
            segment = self.segments.get((batch, starts[at - 1])) if at else None
        return segment if segment is not None and segment.start <= serial < segment.end else None

    def put_segment(self, segment: Segment) -> None:
        """Adds or replaces the segment that begins at `segment.start`."""
        key = (segment.batch, segment.start)
        if key not in self.segments and (segment.start or segment.batch in self.cuts):
            starts = self.cuts.setdefault(segment.batch, [0] if (segment.batch, 0) in self.segments else [])
            insort(starts, segment.start)
            self.cuts[segment.batch] = starts
        self.segments[key] = segment

    def put_account(self, account: Account, *, provincial: bool) -> None:
        """Adds or replaces an account; a provincial one becomes the province's."""
        self.accounts[account.address] = account
        if provincial:
            self.provinces[account.province] = account.address

    # Answers that follow from several entities

    def actor_of(self, address: str, now: int) -> str:
        """Key that may act for an account at a time (UTC seconds), or no account (I7, Q36, Q40).

        Its operator; while a mandate lasts the agent's; nobody for an account that is unknown, frozen or closed.
        """
        account = self.accounts.get(address)
        if account is None or account.frozen or account.closed:
            return NO_ACCOUNT
        mandate = self.mandates.get(address)
        if mandate is None or mandate.revoked or not mandate.begins <= now < mandate.until:
            return account.operator
        agent = self.accounts.get(mandate.agent)
        return NO_ACCOUNT if agent is None or agent.frozen or agent.closed else agent.operator

    def stands_still(self, batch: int) -> bool:
        """Whether what is untraded of a batch stands still: its project turned to CCER, or its month is registered."""
        project = self.projects.get(batch >> 16)
        return (project is not None and project.ccer) or (batch >> 16, batch >> 4 & 0xFFF) in self.ccer_months

    def due_at(self, case: int) -> int:
        """When the present stage of a case should be over, UTC seconds; 0 for a closed one."""
        found, days = self.cases[case], self.parameters[1]
        allowed = (days.proposal_days, days.check_days, days.decision_days, days.execution_days)
        return 0 if found.closed else found.since + allowed[found.stage - 1] * DAY
