"""Random calls of `Declarations`, most of them right."""

from gecchain.chain.deploying import Role
from gecchain.ledger import Declaration
from gecchain.rules import DeclarationStage, Month
from tests.differential.chance import Chance
from tests.differential.choosing_registry import energy, month_of, projects
from tests.differential.operations import Call
from tests.differential.people import KEYS
from tests.differential.trees import PlainTree, leaf_word

__all__ = ["check", "declare", "recheck"]

_WAITING = 40


def declare(chance: Chance) -> Call:
    """A reading of the owner's, or one that was declared before."""
    known = [one for one in chance.known.state.projects.values() if one.approved]
    if not known or chance.one_in(8):
        leaf = leaf_word(chance.pick(projects()), 0, energy(chance), 1)
        return Call(chance.pick(KEYS), "Declarations", "declare", (month_of(chance), leaf, chance.word()))
    project = chance.pick(known)
    leaf = leaf_word(project.id, chance.pick((0, 1, 1, 2, 3)), energy(chance), chance.integer(0, (1 << 136) - 1))
    month = Month.at(chance.known.now).index if chance.one_in(15) else month_of(chance)
    args = month, leaf, chance.basis()
    back = _waiting(chance, DeclarationStage.SENT_BACK)
    if chance.one_in(5):
        back = _waiting(chance, DeclarationStage.DECLARED)
    if back and chance.one_in(4):
        again = chance.pick(back)
        args = again.month, again.leaf, bytes.fromhex(again.evidence[2:])
        project = chance.known.state.projects[again.leaf >> 208]
    return Call(chance.operator(project.owner), "Declarations", "declare", args)


def _waiting(chance: Chance, stage: DeclarationStage) -> list[Declaration]:
    return [one for one in chance.known.state.declarations.values() if one.stage == stage][-_WAITING:]


def _some(chance: Chance, found: list[Declaration], most: int) -> list[Declaration]:
    chosen = chance.random.sample(found, min(len(found), chance.integer(1, most)))
    return [*chosen, chosen[0]] if chosen and chance.one_in(20) else chosen


def check(chance: Chance) -> Call:
    stage = DeclarationStage.CHECKED if chance.one_in(20) else DeclarationStage.DECLARED
    chosen = _some(chance, _waiting(chance, stage), 3)
    numbers = [bytes.fromhex(one.id[2:]) for one in chosen]
    if chance.one_in(20):
        numbers = chance.pick(([], [*numbers, chance.word()]))
    passed = not chance.one_in(4)
    return Call(chance.staff(Role.INFO_CENTRE), "Declarations", "check", (numbers, passed, _reason(chance, passed)))


def _reason(chance: Chance, passed: bool) -> str:
    return "" if passed or chance.one_in(4) else chance.reason()


def recheck(chance: Chance) -> Call:
    """Those of one month; seldom of none, of too many, or with less evidence."""
    found = _waiting(chance, DeclarationStage.DECLARED if chance.one_in(25) else DeclarationStage.CHECKED)
    month = chance.pick(found).month if found else month_of(chance)
    chosen = _some(chance, [one for one in found if one.month == month], 6)
    leaves, evidence = [one.leaf for one in chosen], [bytes.fromhex(one.evidence[2:]) for one in chosen]
    flaw = chance.integer(0, 12)
    if flaw == 0:
        leaves, evidence = [1] * 257, [bytes(32)] * 257
    elif flaw == 1:
        evidence = [*evidence, bytes(32)]
    elif flaw == 2:
        month ^= 1
    passed = not chance.one_in(6)
    if leaves:
        tree = PlainTree.over(tuple(leaves))
        chance.known.forest[tree.root] = tree
    args = (month, leaves, evidence, passed, _reason(chance, passed))
    return Call(chance.staff(Role.AUTHORITY), "Declarations", "recheck", args)
