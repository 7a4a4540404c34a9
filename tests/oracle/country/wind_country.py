"""A register for the process that reads ahead: some wind parks, and codes that bring it down."""

import os
import signal
from collections.abc import Collection, Iterator

from gecchain.errors import BadInput, Unavailable
from gecchain.oracle.checks import ProjectFacts, Register
from gecchain.rules.classes import ProjectType, Technology
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

KEYS = [ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.of(2015, 3), 15, at) for at in range(1, 9)]


class Country(Register):
    """Every project but the last; dies, or breaks, when a code is asked for that tells it to."""

    def __init__(self) -> None:
        self._known = {
            one.code: ProjectFacts(one.code, one.id, one.technology, True, Month.of(2016, 1), 1000, 15)
            for one in KEYS[:-1]
        }

    def __getitem__(self, code: str) -> ProjectFacts:
        return self._known[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def prepare(self, codes: Collection[str]) -> None:
        if "DIE" in codes:
            os.kill(os.getpid(), signal.SIGKILL)
        if "AWAY" in codes:
            raise Unavailable("the node is away", remedy="Start it.")


def absent() -> Country:
    raise BadInput("no such registry", field="home", value="nowhere", remedy="Name another.")
