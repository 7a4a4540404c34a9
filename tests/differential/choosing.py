"""Which operation comes next: kinds by weight, each drawn by its own function."""

from collections.abc import Callable
from random import Random
from typing import Final

from gecchain.rules import Month
from tests.differential import choosing_ranges as ranges
from tests.differential import choosing_registry as registry
from tests.differential.chance import Chance
from tests.differential.known import Known, expiry_of, month_end
from tests.differential.operations import Operation, Wait

__all__ = ["CHOICES", "choose"]

_LAST_MONTH: Final = 2600


def wait(chance: Chance) -> Wait:
    """A second, a month's end or a batch's end to the second, or months; none of it past the year 2116."""
    now = chance.known.now
    month = Month.at(now).index
    kind = chance.integer(0, 9)
    until = now + 1
    if kind < 4:
        until = month_end(month) + chance.integer(-1, 1)
    elif kind < 7 and chance.known.batches:
        until = expiry_of(chance.pick(chance.known.batches[-20:])) + chance.integer(-1, 0)
    elif kind < 9:
        until = month_end(month + chance.integer(0, 3))
    return Wait(max(1, until - now) if month < _LAST_MONTH else 1)


CHOICES: Final[dict[str, tuple[int, Callable[[Chance], Operation]]]] = {
    "open institutions": (2, registry.open_institutions),
    "open buyers": (2, registry.open_buyers),
    "set operator": (2, registry.set_operator),
    "set frozen": (3, registry.set_frozen),
    "submit": (4, registry.submit),
    "review": (5, registry.review),
    "commit": (5, lambda chance: registry.commit(chance, declared=False)),
    "commit declared": (3, lambda chance: registry.commit(chance, declared=True)),
    "issue": (12, ranges.issue),
    "move": (7, ranges.move),
    "freeze": (5, ranges.freeze),
    "unfreeze": (4, ranges.unfreeze),
    "retire": (7, ranges.retire),
    "expire": (5, ranges.expire),
    "list": (14, ranges.offer),
    "withdraw": (4, ranges.withdraw),
    "take": (14, ranges.take),
    "forbidden": (2, ranges.forbidden),
    "look": (5, ranges.look),
    "wait": (1, wait),
}
_KINDS: Final = tuple(kind for kind, (weight, _draw) in CHOICES.items() for _ in range(weight))


def choose(random: Random, known: Known) -> Operation:
    """The next operation of a long run."""
    chance = Chance(random, known)
    return CHOICES[chance.pick(_KINDS)][1](chance)
