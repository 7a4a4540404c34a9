"""Random calls of `Registry` and `Readings`, most of them right."""

from itertools import repeat

from gecchain.chain.deploying import Role
from gecchain.rules import AccountKind, Month
from tests.differential.chance import Chance
from tests.differential.operations import Call, Opened, Papers
from tests.differential.people import KEYS, NOBODY, PLATFORM_KEYS, PROVINCES, STAFF
from tests.differential.predicting_issues import NEW_HYDRO
from tests.differential.trees import PlainTree, leaf_word

__all__ = [
    "approve",
    "commit",
    "energy",
    "month_of",
    "open_buyers",
    "open_institutions",
    "projects",
    "review",
    "set_frozen",
    "set_operator",
    "set_quorum",
    "submit",
]

_KINDS = (AccountKind.PROVINCE, AccountKind.AGENT, AccountKind.PLATFORM, AccountKind.PROVIDER)
_KEYS_OF_KIND = {AccountKind.PROVINCE.value: STAFF[Role.PROVINCE], AccountKind.PLATFORM.value: PLATFORM_KEYS}
_TECHNOLOGIES = (1, 2, 3, 3, 4, 5, 5, 6, 6, 6, 6, 7, 8, 9, 10, 11, 12)
_APPROVED = 1400


def projects() -> tuple[int, ...]:
    """The plants of a run: every technology, hydro and those for CCER more than once, in four provinces."""
    return tuple(
        (index % 3 + 1) << 44 | technology << 39 | _APPROVED << 27 | PROVINCES[index % 4] << 20 | index
        for index, technology in enumerate(_TECHNOLOGIES * 3)
    )


_PROJECTS = projects()


def _opening(chance: Chance, account: str, kind: int, province: int) -> Opened:
    keys = _KEYS_OF_KIND.get(kind, KEYS)
    own = kind == AccountKind.PROVINCE.value and province in PROVINCES
    operator = keys[PROVINCES.index(province)] if own else chance.pick(keys)
    return Opened(account, kind, province, operator, chance.text(chance.integer(0, 40)))


def _province(chance: Chance) -> int:
    return chance.pick((0, 10, 83, 255)) if chance.one_in(12) else chance.pick(PROVINCES)


def open_institutions(chance: Chance) -> Call:
    """A few of every kind, seldom of one that is not opened this way, seldom so many platforms that they run out."""
    kinds = [chance.pick(_KINDS).value for _ in range(chance.integer(1, 3))]
    provinces = [_province(chance) for _ in kinds]
    if chance.one_in(12):
        kinds[-1] = chance.pick((0, 1, 2))
    if chance.one_in(6):
        kinds, provinces = [AccountKind.PLATFORM.value] * chance.integer(1, 16), [0] * 16
    openings = list(map(_opening, repeat(chance), chance.fresh_ones(len(kinds)), kinds, provinces))
    return Call(chance.staff(Role.AUTHORITY), "Registry", "openInstitutions", (openings,))


def open_buyers(chance: Chance) -> Call:
    kind = chance.integer(0, 6) if chance.one_in(12) else AccountKind.BUYER.value
    province = 0 if chance.one_in(2) else _province(chance)
    openings = [_opening(chance, account, kind, province) for account in chance.fresh_ones(chance.integer(1, 2))]
    return Call(chance.staff(Role.REGISTRAR), "Registry", "openBuyers", (openings,))


def set_operator(chance: Chance) -> Call:
    account = chance.account()
    found = chance.known.state.accounts.get(account)
    keys = _KEYS_OF_KIND.get(found.kind, KEYS) if found else KEYS
    operator = NOBODY if chance.one_in(15) else chance.pick(KEYS if chance.one_in(6) else keys)
    return Call(chance.staff(Role.AUTHORITY), "Registry", "setOperator", (account, operator))


def set_frozen(chance: Chance) -> Call:
    """Frozen accounts are mostly freed, so that most are free."""
    frozen = [address for address, account in chance.known.state.accounts.items() if account.frozen]
    free = len(frozen) > 4 and not chance.one_in(3)
    args = (chance.pick(frozen) if free else chance.account(), not free, chance.text(chance.integer(0, 50)))
    return Call(chance.staff(Role.AUTHORITY), "Registry", "setFrozen", args)


def _in_operation(chance: Chance) -> int:
    """Around 2023-01, from which hydro may be tradable, or around now."""
    now = Month.at(chance.known.now).index
    return NEW_HYDRO + chance.integer(-2, 1) if chance.one_in(2) else now - chance.integer(-2, 24)


def _papers(chance: Chance) -> Papers:
    project = chance.pick(_PROJECTS)
    if chance.one_in(20):
        project = chance.pick((0, 4 << 44 | project % (1 << 44), project >> 20 << 20 | 0xFFFFF, 1 << 44 | 13 << 39))
    before = chance.known.state.projects.get(project)
    keeps = before is not None and before.approved and not chance.one_in(4)
    owner = before.owner if before is not None and keeps else (NOBODY if chance.one_in(20) else chance.fresh())
    return Papers(
        project=project,
        owner=owner,
        operator=chance.pick(KEYS),
        owner_name=chance.text(chance.integer(0, 30)),
        in_operation=_in_operation(chance),
        capacity_kw=0 if chance.one_in(25) else chance.integer(1, (1 << 32) - 1),
        market_based=chance.one_in(2),
        document=chance.text(chance.pick((0, 4097, 4096)) if chance.one_in(20) else chance.integer(1, 120)),
    )


def submit(chance: Chance) -> Call:
    if chance.one_in(25):  # the most versions that a project can have
        project = _PROJECTS[0]
        filing = _papers(chance)._replace(project=project, capacity_kw=5, document="{}", owner=STAFF[Role.PROVIDER][0])
        return Call(chance.staff(Role.REGISTRAR), "Registry", "submit", ([filing] * 128,))
    filings = [_papers(chance) for _ in range(chance.integer(1, 3))]
    return Call(chance.staff(Role.REGISTRAR), "Registry", "submit", (filings,))


def review(chance: Chance) -> Call:
    """One filing or several of one province, as they wait or with something changed."""
    waiting = [papers for papers in chance.known.pending.values() if papers is not None]
    ready = [papers for papers in waiting if papers.project >> 20 & 127 in chance.known.state.provinces]
    waiting = waiting if chance.one_in(8) else ready or waiting
    filings = [chance.pick(waiting) if waiting and not chance.one_in(12) else _papers(chance)]
    province = filings[0].project >> 20 & 127
    if chance.one_in(3):
        filings += [papers for papers in waiting if papers.project >> 20 & 127 == province and papers != filings[0]][:2]
    if chance.one_in(12):
        filings[-1] = filings[-1]._replace(capacity_kw=filings[-1].capacity_kw ^ 1)
    if chance.one_in(12):
        filings.append(filings[0])
    args = (filings, not chance.one_in(5), chance.text(chance.integer(0, 30)))
    own = chance.known.state.provinces.get(province, NOBODY)
    caller = chance.operator(own) if not chance.one_in(6) else chance.pick(STAFF[Role.PROVINCE])
    return Call(caller, "Registry", "review", args)


def energy(chance: Chance) -> int:
    kind = chance.integer(0, 19)
    if kind == 0:
        return chance.pick((0, 999_999, 1_000_000, 999_999_999 * 1_000_000))
    if kind == 1:
        return chance.integer(10**15, (1 << 64) - 1)
    return chance.integer(0, 2_000_000) if kind < 5 else chance.integer(0, 60_000_000)


def _leaves(chance: Chance) -> tuple[int, ...]:
    """Up to a dozen readings, seldom hundreds; in order, seldom not."""
    known = [project for project, filed in chance.known.state.projects.items() if filed.approved]
    words = []
    for _ in range(chance.integer(1, 12)):
        project = chance.pick(known) if known and not chance.one_in(10) else chance.pick(_PROJECTS)
        electricity = chance.pick((4, 7, 255)) if chance.one_in(25) else chance.pick((0, 0, 0, 0, 1, 2, 3))
        words.append(leaf_word(project, electricity, energy(chance), chance.integer(0, (1 << 136) - 1)))
    if chance.one_in(10):
        words.append(words[0] ^ 1)
    if chance.one_in(30):
        words += [leaf_word(7, 0, number, 1) for number in range(chance.integer(200, 700))]
        words.sort()
    return tuple(words)


def month_of(chance: Chance) -> int:
    """Mostly one of the last months, seldom long ago or not over."""
    now = Month.at(chance.known.now).index
    if chance.one_in(12):
        return chance.pick((now, now + 1, 0, 839, 1450, 4095, 65_535))
    return now - chance.integer(1, 48 if chance.one_in(3) else 6)


def commit(chance: Chance) -> Call:
    """New readings, or a revision of earlier ones, now and then with something missing."""
    tree = PlainTree.over(_leaves(chance))
    chance.known.forest[tree.root] = tree
    count = len(tree.leaves) + (chance.pick((-1, 1)) if chance.one_in(20) else 0)
    month, root, evidence, replaces = month_of(chance), tree.root, chance.word(), 0
    caller = chance.staff(Role.PROVIDER)
    if chance.one_in(4):
        replaces, month, caller = _replacing(chance, month, caller)
    flaw = chance.integer(0, 40)
    if flaw == 0:
        root = bytes(32)
    elif flaw == 1:
        evidence = bytes(32)
    elif flaw == 2:
        root = chance.word()
    elif flaw == 3:
        count = 0
    total = sum(word >> 136 & 0xFFFFFFFFFFFFFFFF for word in tree.leaves)
    return Call(caller, "Readings", "commit", (month, root, count, total, evidence, replaces))


def _replacing(chance: Chance, month: int, caller: str) -> tuple[int, int, str]:
    made = len(chance.known.state.commitments)
    replaces = chance.integer(max(1, made - 12), made + 1)
    replaced = [number for number, old in chance.known.state.commitments.items() if old.replaced_by]
    if replaced and chance.one_in(5):
        replaces = chance.pick(replaced[-12:])
    old = chance.known.state.commitments.get(replaces)
    if old is None:
        return replaces, month, caller
    return (
        replaces,
        old.month if not chance.one_in(6) else month,
        old.provider if old.provider in KEYS and not chance.one_in(6) else caller,
    )


def approve(chance: Chance) -> Call:
    """Mostly of a recent commitment that needs it, by an officer who has not yet; now and then of another root."""
    known = chance.known
    made = list(known.state.commitments.values())[-12:]
    wanted = [one for one in made if not one.replaced_by and len(known.officers_of(one.id)) < known.quorum]
    if not made or chance.one_in(25):
        return Call(chance.staff(Role.OFFICER), "Readings", "approve", (chance.integer(0, 5_000), bytes(32)))
    one = chance.pick(made if chance.one_in(6) else wanted or made)
    root = chance.word() if chance.one_in(12) else bytes.fromhex(one.root[2:])
    fresh = [key for key in STAFF[Role.OFFICER] if key not in known.officers_of(one.id)]
    caller = chance.pick(fresh) if fresh and not chance.one_in(5) else chance.staff(Role.OFFICER)
    return Call(caller, "Readings", "approve", (one.id, root))


def set_quorum(chance: Chance) -> Call:
    """None, one or two officers; seldom so many that nothing is issued, which does not last."""
    most = chance.known.quorum > len(STAFF[Role.OFFICER])
    officers = chance.integer(3, 255) if chance.one_in(20) and not most else chance.pick((0, 0, 1, 1, 2))
    return Call(chance.staff(Role.ADMIN), "Readings", "setQuorum", (officers,))
