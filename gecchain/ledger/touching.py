"""What an event needs to know: the keys of the entities that must be loaded before it is applied.

With them the indexer folds over a handful of rows instead of the whole registry, and still runs the same `apply`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from gecchain import events as e
from gecchain.events import Event, Recorded
from gecchain.ledger.counting import consumption_key, turnover_key
from gecchain.ledger.issuing import issued_leaves
from gecchain.ledger.ranges import tally_key
from gecchain.ledger.state import State

__all__ = ["Keys", "reached", "touches"]


# Fields that name the accounts whose balance a range event changes.
_SIDES: Final[dict[type, tuple[str, ...]]] = {
    e.Moved: ("from_", "to"),
    e.Retired: ("holder",),
    e.Traded: ("seller", "buyer"),
    e.Added: ("holder",),
    e.Deducted: ("holder",),
    e.TradeUndone: ("buyer", "seller"),
    e.RetirementUndone: ("holder",),
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by entity (attribute of State), and the ranges `(batch, start, end)` whose segments are needed."""

    entities: dict[str, set[Any]] = field(default_factory=dict)
    ranges: set[tuple[int, int, int]] = field(default_factory=set)

    def add(self, kind: str, *keys: Any) -> None:
        """Adds keys of one entity."""
        self.entities.setdefault(kind, set()).update(keys)


def touches(recorded: Iterable[Recorded]) -> Keys:
    """Keys that the events name themselves. Provinces' accounts, totals and parameters are always needed, not listed.

    Nor are the trades of an order or settlement: they were made in the same transaction.
    """
    keys = Keys()
    for at in recorded:
        _touch(keys, at.event)
        if isinstance(at.event, e.Traded):
            keys.add("turnovers", turnover_key(at.event.batch, at.event.way, at.time))
    return keys


def reached(state: State, events: Iterable[Event]) -> Keys:
    """Keys that events reach through projects, filings, commitments, cases and segments, which are loaded by now."""
    keys = Keys()
    keys.add("balances", *state.provinces.values())
    keys.add("balances", *(project.owner for project in state.projects.values()))
    keys.add("balances", *(filing.owner for filing in state.filings.values()))
    keys.add("batches", *(case.batch for case in state.cases.values()))
    months = {commitment.id: commitment.month for commitment in state.commitments.values()}
    for event in events:
        if isinstance(event, e.ReadingsCommitted):
            months[event.commitment] = event.month
        if isinstance(event, e.Issued):
            month = months.get(event.commitment, 0)
            keys.add("tallies", *_tallies(event, month))
        if isinstance(event, e.TradeUndone):
            keys.add("trades", *(segment.trade for segment in state.segments_of(event.batch) if segment.trade))
        if isinstance(event, e.RetirementUndone):
            keys.add("retirements", *(segment.since for segment in state.segments_of(event.batch)))
    return keys


def _tallies(event: e.Issued, month: int) -> set[Any]:
    batches = {
        leaf.project << 16 | month << 4 | leaf.electricity << 1 | tradable
        for leaf in issued_leaves(event)
        for tradable in (0, 1)
    }
    return {tally_key(batch) for batch in batches}


def _touch(keys: Keys, event: Event) -> None:
    match event:
        case e.Issued():
            _touch_issued(keys, event)
        case e.AccountOpened() | e.PlatformAdmitted() | e.OperatorChanged() | e.AccountFrozen() | e.AccountClosed():
            keys.add("accounts", event.account)
            keys.add("balances", event.account)
        case e.MandateFiled() | e.MandateRevoked():
            keys.add("accounts", event.principal, event.agent)
            keys.add("mandates", event.principal)
        case _:
            _touch_readings(keys, event)


def _touch_readings(keys: Keys, event: Event) -> None:
    match event:
        case e.ReadingsCommitted():
            keys.add("commitments", event.commitment, event.replaces)
        case e.LeafRefused():
            keys.add("commitments", event.commitment)
        case e.CommitmentApproved():
            keys.add("commitments", event.commitment)
            keys.add("approvals", (event.commitment, event.officer))
        case e.Declared() | e.DeclarationChecked():
            keys.add("declarations", event.declaration)
        case e.DeclarationRechecked():
            keys.add("declarations", event.declaration)
            keys.add("commitments", event.commitment)
        case _:
            _touch_numbered(keys, event)


def _touch_numbered(keys: Keys, event: Event) -> None:
    match event:
        case e.ExpiryNear():
            keys.add("expiry_warnings", event.month)
        case e.DealFilled() | e.DealCancelled():
            keys.add("deals", event.deal)
        case e.Relayed():
            keys.add("relayed", event.request)
        case _:
            _touch_project(keys, event)


def _touch_issued(keys: Keys, event: e.Issued) -> None:
    keys.add("commitments", event.commitment)
    keys.add("chunks", (event.commitment, event.chunk))
    for leaf in issued_leaves(event):
        keys.add("projects", leaf.project)
        keys.add("lanes", (leaf.project, leaf.electricity))


def _touch_project(keys: Keys, event: Event) -> None:
    match event:
        case e.FilingSubmitted():
            keys.add("projects", event.project)
            keys.add("filings", (event.project, event.version), (event.project, event.version - 1))
            keys.add("project_names", event.project)
            keys.add("balances", event.owner)
        case e.FilingReviewed():
            keys.add("projects", event.project)
            keys.add("filings", (event.project, event.version))
            keys.add("project_names", event.project)
        case e.CcerChosen():
            keys.add("projects", event.project)
        case e.CcerRegistered():
            keys.add("projects", event.project)
            keys.add("ccer_registrations", event.number)
            keys.add("ccer_months", *((event.project, month) for month in range(event.from_, event.to)))
        case e.Settled():
            keys.add("settlements", (event.contract_id, event.project, event.month))
        case _:
            _touch_case(keys, event)


def _touch_case(keys: Keys, event: Event) -> None:
    if number := getattr(event, "case_id", 0):
        keys.add("cases", number)
    match event:
        case e.CaseOpened():
            keys.add("batches", event.batch)
        case e.EnergyCorrected():
            keys.add("lanes", (event.project, event.electricity))
        case _:
            _touch_range(keys, event)


def _touch_range(keys: Keys, event: Event) -> None:
    batch = getattr(event, "batch", 0)
    if not batch:
        return
    keys.ranges.add((batch, getattr(event, "start", 0), getattr(event, "end", 0)))
    keys.add("tallies", tally_key(batch))
    keys.add("projects", batch >> 16)
    keys.add("ccer_months", (batch >> 16, batch >> 4 & 0xFFF))
    keys.add("balances", *(getattr(event, name) for name in _SIDES.get(type(event), ())))
    match event:
        case e.Moved():
            keys.add("accounts", event.to)
        case e.Retired() | e.RetirementUndone():
            keys.add("accounts", event.holder)
            keys.add("consumptions", consumption_key(event.holder, batch))
        case e.Traded():
            keys.add("listings", event.listing)
            keys.add("trades", event.trade)
        case e.Listed() | e.Withdrawn():
            keys.add("listings", event.listing)
        case e.Added() | e.Deducted() | e.TradeUndone():
            keys.add("batches", batch)
            keys.add("lanes", (batch >> 16, batch >> 1 & 7))
        case _:
            return
