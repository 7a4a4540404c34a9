"""How many subscriptions there are in which state, and what waits for their receivers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gecchain.store.hooks.tables import extras, letters, subscriptions

__all__ = ["Figures", "figures"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts: subscriptions by state, those that fail now, messages outside of the order, dead letters."""

    subscriptions: Mapping[str, int]
    failing: int
    extras: int
    letters: int


def figures(db: Connection) -> Figures:
    """The figures as they are now."""
    states = select(subscriptions.c.state, func.count()).group_by(subscriptions.c.state)
    failing = select(func.count()).where(subscriptions.c.failures > 0, subscriptions.c.state == "active")
    return Figures(
        subscriptions={state: int(count) for state, count in db.execute(states)},
        failing=int(db.execute(failing).scalar_one()),
        extras=int(db.execute(select(func.count()).select_from(extras)).scalar_one()),
        letters=int(db.execute(select(func.count()).select_from(letters)).scalar_one()),
    )
