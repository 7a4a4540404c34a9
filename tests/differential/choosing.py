"""Which operation comes next: kinds by weight, each drawn by its own function."""

from collections.abc import Callable
from random import Random
from typing import Final

from gecchain.rules import Month
from tests.differential import choosing_agents as agents
from tests.differential import choosing_cases as cases
from tests.differential import choosing_deals as deals
from tests.differential import choosing_declarations as declarations
from tests.differential import choosing_market as market
from tests.differential import choosing_moves as moves
from tests.differential import choosing_ranges as ranges
from tests.differential import choosing_registry as registry
from tests.differential import choosing_relay as relay
from tests.differential import choosing_views as views
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
    if kind < 5:
        until = month_end(month) + chance.integer(-1, 1)
    elif kind < 6 and chance.known.batches:
        until = expiry_of(chance.pick(chance.known.batches[-20:])) + chance.integer(-1, 0)
    elif kind < 9:
        until = month_end(month + chance.integer(0, 3))
    return Wait(max(1, until - now) if month < _LAST_MONTH else 1)


CHOICES: Final[dict[str, tuple[int, Callable[[Chance], Operation]]]] = {
    "open institutions": (4, registry.open_institutions),
    "open buyers": (4, registry.open_buyers),
    "set operator": (4, registry.set_operator),
    "set frozen": (5, registry.set_frozen),
    "close account": (3, agents.close),
    "file mandate": (5, agents.file_mandate),
    "revoke mandate": (4, agents.revoke_mandate),
    "submit": (7, registry.submit),
    "review": (8, registry.review),
    "choose ccer": (5, agents.choose_ccer),
    "register ccer": (6, agents.register_ccer),
    "set ccer linkage": (2, agents.set_ccer_linkage),
    "commit": (11, registry.commit),
    "approve": (14, registry.approve),
    "set quorum": (3, registry.set_quorum),
    "declare": (8, declarations.declare),
    "check declarations": (6, declarations.check),
    "recheck declarations": (4, declarations.recheck),
    "issue": (24, ranges.issue),
    "move": (8, moves.move),
    "distribute": (5, moves.distribute),
    "freeze": (6, moves.freeze),
    "unfreeze": (5, moves.unfreeze),
    "retire": (10, moves.retire),
    "retire due": (7, moves.retire_due),
    "sweep": (4, moves.sweep),
    "warn": (3, moves.warn),
    "list": (22, market.offer),
    "withdraw": (5, market.withdraw),
    "withdraw all": (3, market.withdraw_all),
    "take": (14, market.take),
    "take across": (7, market.take_across),
    "fill": (14, deals.fill),
    "cancel": (4, deals.cancel),
    "settle": (7, deals.settle),
    "open case": (12, cases.open_case),
    "propose": (11, cases.propose),
    "check case": (10, cases.check),
    "decide": (12, cases.decide),
    "execute": (15, cases.execute),
    "close case": (4, cases.close),
    "set deadlines": (1, cases.set_deadlines),
    "forbidden": (8, views.forbidden),
    "pause": (1, views.pause),
    "look": (14, views.look),
    "wait": (3, wait),
}
_FOUNDING: Final = ("open institutions", "open buyers", "submit", "submit", "review", "review", "commit", "issue")
_FOUNDED: Final = 40
_KINDS: Final = tuple(kind for kind, (weight, _draw) in CHOICES.items() for _ in range(weight))


def choose(random: Random, known: Known) -> Operation:
    """The next operation of a long run, which begins with plants and certificates for the others to meet."""
    chance = Chance(random, known)
    founding = len(known.batches) < _FOUNDED and not chance.one_in(5)

    def drawn() -> Operation:
        return CHOICES[chance.pick(_FOUNDING if founding else _KINDS)][1](chance)

    return relay.handed(chance, drawn(), drawn)
