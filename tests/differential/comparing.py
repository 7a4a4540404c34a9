"""The fold's state held against the contracts' own answers: what one call touched, or everything."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple
from typing import Any

from gecchain.events import (
    NO_ACCOUNT,
    Added,
    CommitmentApproved,
    DealCancelled,
    DealFilled,
    DeclarationChecked,
    DeclarationRechecked,
    Declared,
    Deducted,
    EnergyCorrected,
    Event,
    Frozen,
    Issued,
    Listed,
    Moved,
    Relayed,
    Retired,
    RetirementUndone,
    Traded,
    TradeUndone,
    Unfrozen,
    Withdrawn,
)
from gecchain.rules import CertificateState, Month
from tests.differential.asking import Asking, Difference
from tests.differential.chain import Chain
from tests.differential.known import Known
from tests.differential.people import ACCOUNTS, PROVINCES

__all__ = ["everything", "touched"]

_ACCOUNTS = ("account", "principal", "agent", "from_", "to", "seller", "buyer", "holder", "owner", "claimant")
_OF_RANGES = (
    Moved | Frozen | Unfrozen | Retired | Listed | Withdrawn | Traded | Deducted | TradeUndone | RetirementUndone
)


def touched(chain: Chain, known: Known, events: tuple[Event, ...]) -> Iterator[Difference]:
    """What the entities that these events name have become."""
    ask = Asking(chain, known)
    for event in events:
        for name in _ACCOUNTS:
            if hasattr(event, name) and isinstance(getattr(event, name), str):
                yield from ask.account(getattr(event, name))
        if hasattr(event, "project"):
            yield from ask.project(event.project)
            yield from ask.ccer(event.project, (getattr(event, "month", 0), getattr(event, "to", 0)))
        if isinstance(event, _OF_RANGES):
            yield from ask.segment(event.batch, event.start)
            yield from ask.segment(event.batch, event.end - 1)
        if hasattr(event, "case_id"):
            yield from ask.case(event.case_id)
        yield from _named(ask, event)
    yield from ask.counters()


def _named(ask: Asking, event: Event) -> Iterator[Difference]:
    """What an event names by a number or hash of its own."""
    match event:
        case Listed() | Withdrawn() | Traded():
            yield from ask.listing(event.listing)
        case Issued() | CommitmentApproved():
            yield from ask.commitment(event.commitment)
        case Declared() | DeclarationChecked() | DeclarationRechecked():
            yield from ask.declaration(event.declaration)
        case DealFilled() | DealCancelled():
            yield from ask.deal(event.deal)
        case Relayed():
            yield from ask.request(event.request)
        case Added():
            yield from ask.batch(event.batch)
        case EnergyCorrected():
            yield from ask.lanes(event.project)
        case _:
            return


def everything(chain: Chain, known: Known) -> Iterator[Difference]:
    """Every entity there is, some that are not, and the sums over all of them (I2 to I4)."""
    ask, state = Asking(chain, known), known.state
    months = range(Month.at(known.now).index - 30, Month.at(known.now).index, 4)
    each: tuple[tuple[Callable[[Any], Iterator[Difference]], Iterable[Any]], ...] = (
        (ask.account, {*ACCOUNTS, *state.accounts, NO_ACCOUNT}),
        (ask.project, state.projects),
        (ask.lanes, state.projects),
        (lambda project: ask.ccer(project, months), state.projects),
        (ask.commitment, state.commitments),
        (ask.batch, state.batches),
        (ask.listing, range(len(state.listings) + 2)),
        (ask.case, range(len(state.cases) + 2)),
        (ask.declaration, state.declarations),
        (ask.deal, state.deals),
        (ask.request, state.relayed),
        (ask.province, {*PROVINCES, *range(9, 14)}),
    )
    for question, entities in each:
        for entity in entities:
            yield from question(entity)
    yield from ask.counters()
    yield from _sums(known)


def _sums(known: Known) -> Iterator[Difference]:
    totals, state = known.state.totals[1], known.state
    held = sum(balance.holding for balance in state.balances.values())
    retired, deducted = (
        sum(segment.end - segment.start for segment in state.segments.values() if segment.state == end)
        for end in (CertificateState.RETIRED, CertificateState.DEDUCTED)
    )
    if (totals.issued, totals.retired, totals.deducted) != (held + retired + deducted, retired, deducted):
        yield Difference("issued = held + retired + deducted", list(astuple(totals)), [held, retired, deducted])
    carried = sum(energy.carry for energy in known.energy.values())
    owed = sum(case.owed for case in state.cases.values())
    certified = totals.issued - totals.deducted - owed
    if totals.metered_wh != 1_000_000 * certified + carried:
        yield Difference("metered = certified + carry", [totals.metered_wh], [1_000_000 * certified + carried])
