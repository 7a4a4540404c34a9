"""Which events a subscription wants: by kind, project and account; within each list any, across lists all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from sqlalchemy import ColumnElement, or_

from gecchain.errors import BadInput
from gecchain.events import EVENTS, ConsecutiveTransfer
from gecchain.rules.numbers import ProjectKey
from gecchain.store.tables import events

__all__ = ["KINDS", "LONGEST_LIST", "Filter"]

KINDS: Final = tuple(name for name in EVENTS if name != ConsecutiveTransfer.__name__)
LONGEST_LIST: Final = 100


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty lists want everything. `projects` are ids, `accounts` addresses (0x, lower case).

    An event is of a project if it names it or a batch of it, and of an account if its document names the address.
    """

    kinds: tuple[str, ...] = ()
    projects: tuple[int, ...] = ()
    accounts: tuple[str, ...] = ()

    @classmethod
    def of(cls, *, kinds: Sequence[str] = (), projects: Sequence[str] = (), accounts: Sequence[str] = ()) -> Filter:
        """A filter of what a caller wrote: project codes and addresses. BadInput names the field and the value."""
        for name, values in (("kinds", kinds), ("projects", projects), ("accounts", accounts)):
            if len(values) > LONGEST_LIST:
                raise BadInput(
                    f"{len(values)} are more than the {LONGEST_LIST} that a list holds",
                    field=name,
                    remedy="Make several subscriptions, or leave the list empty for all.",
                )
        for kind in kinds:
            if kind not in KINDS:
                raise BadInput(
                    "there is no such event", field="kinds", value=kind, remedy=f"Kinds: {', '.join(KINDS)}."
                )
        return cls(_once(kinds), _once(_project(code) for code in projects), _once(_address(one) for one in accounts))

    @property
    def codes(self) -> tuple[str, ...]:
        """The projects by their codes."""
        return tuple(ProjectKey.from_id(number).code for number in self.projects)

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions over the table of events."""
        found: list[ColumnElement[bool]] = []
        if self.kinds:
            found.append(events.c.kind.in_(self.kinds))
        if self.projects:
            found.append(events.c.project.in_(self.projects))
        if self.accounts:
            found.append(or_(*(events.c.document.contains(f'"{address}"') for address in self.accounts)))
        return found

    def dump(self) -> str:
        """As it is kept."""
        return orjson.dumps([self.kinds, self.projects, self.accounts]).decode()

    @classmethod
    def load(cls, text: str) -> Filter:
        """As it was kept."""
        kinds, projects, accounts = orjson.loads(text)
        return cls(tuple(kinds), tuple(projects), tuple(accounts))


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(values))


def _project(code: str) -> int:
    try:
        return ProjectKey.parse(code).id
    except BadInput as error:
        raise BadInput(error.message, field="projects", value=code, remedy=error.remedy) from None


def _address(text: str) -> str:
    address = text.lower()
    digits = address.removeprefix("0x")
    if len(address) != 42 or len(digits) != 40 or set(digits) - set("0123456789abcdef"):
        raise BadInput(
            "this is no account", field="accounts", value=text, remedy="An account is 0x and 40 hexadecimal digits."
        )
    return address
