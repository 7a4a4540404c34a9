"""Certificates or CCER: what a project chose, and which of its months are registered (Q12, Q66, Q79)."""

from dataclasses import replace

from gecchain.events import CcerChosen, CcerLinkageSet, CcerRegistered, Recorded
from gecchain.ledger.ranges import broken
from gecchain.ledger.state import State
from gecchain.ledger.values import CcerMonth, CcerRegistration
from gecchain.rules.classes import Technology

__all__ = ["CAN_CHOOSE", "apply_chosen", "apply_linkage", "apply_registered"]

CAN_CHOOSE = frozenset({Technology.DEEP_SEA_WIND, Technology.SOLAR_THERMAL})


def apply_chosen(state: State, at: Recorded, event: CcerChosen) -> None:
    """The project turns to CCER, or back to certificates."""
    project = state.projects.get(event.project)
    if project is None or not project.approved or project.ccer == event.chosen:
        raise broken(f"Project {event.project} is not approved, or has chosen so already.", at)
    if event.project >> 39 & 0x1F not in CAN_CHOOSE:
        raise broken(f"Project {event.project} cannot choose CCER.", at)
    ends = state.parameters[1].ccer_ends
    if event.chosen and 0 < ends <= at.time:
        raise broken(f"The choice ended at {ends}.", at)
    state.projects[event.project] = replace(project, ccer=event.chosen)


def apply_registered(state: State, at: Recorded, event: CcerRegistered) -> None:
    """Months are registered once, under a number that is used once."""
    project = state.projects.get(event.project)
    if project is None or not project.ccer or not event.from_ < event.to:
        raise broken(f"Project {event.project} did not choose CCER, or no month is registered.", at)
    if event.number in state.ccer_registrations:
        raise broken(f"The number {event.number!r} is used already.", at)
    state.ccer_registrations[event.number] = CcerRegistration(
        event.number, event.project, event.from_, event.to, at.position
    )
    for month in range(event.from_, event.to):
        if (event.project, month) in state.ccer_months:
            raise broken(f"Month {month} of project {event.project} is registered twice.", at)
        state.ccer_months[event.project, month] = CcerMonth(event.project, month, event.number)


def apply_linkage(state: State, at: Recorded, event: CcerLinkageSet) -> None:
    """When the choice ends."""
    state.parameters[1] = replace(state.parameters[1], ccer_ends=event.ends)
