"""Random calls of `Registry` about agents, accounts' ends and CCER, most of them right."""

from gecchain.chain.deploying import Role
from gecchain.ledger import Project
from gecchain.rules import AccountKind, Month, Technology
from tests.differential.chance import Chance
from tests.differential.operations import Call
from tests.differential.people import KEYS

__all__ = ["choose_ccer", "close", "file_mandate", "register_ccer", "revoke_mandate", "set_ccer_linkage"]

_DAY = 86_400
_CCER = (Technology.DEEP_SEA_WIND, Technology.SOLAR_THERMAL)
_INSTITUTIONS = (AccountKind.PROVINCE, AccountKind.PLATFORM)


def close(chance: Chance) -> Call:
    """Seldom a province or platform: without them little goes on."""
    account = chance.account()
    found = chance.known.state.accounts.get(account)
    if found is not None and found.kind in _INSTITUTIONS and not chance.one_in(10):
        account = chance.kin(AccountKind.OWNER if chance.one_in(2) else AccountKind.BUYER)
    shut = [address for address, one in chance.known.state.accounts.items() if one.closed]
    if shut and chance.one_in(6):
        account = chance.pick(shut)
    return Call(chance.staff(Role.AUTHORITY), "Registry", "close", (account, chance.text(chance.integer(0, 30))))


def file_mandate(chance: Chance) -> Call:
    """Mostly of some weeks from now; seldom later, over, or without an end."""
    now = chance.known.now
    principal, agent = chance.account(), chance.kin(AccountKind.AGENT)
    if principal in chance.known.state.provinces.values() and not chance.one_in(6):
        principal = chance.kin(AccountKind.OWNER)
    mandates = chance.known.state.mandates.values()
    standing = [one.principal for one in mandates if not one.revoked and now < one.until]
    if standing and chance.one_in(8):
        principal = chance.pick(standing)
    begins = now + chance.integer(-_DAY, 0 if chance.one_in(2) else 40 * _DAY)
    until = begins + chance.integer(1, 60 * _DAY)
    if chance.one_in(8):
        until = chance.pick((0, begins, begins - 1, now, (1 << 40) - 1))
    args = (principal, agent, begins, until, chance.basis())
    return Call(chance.operator(principal), "Registry", "fileMandate", args)


def revoke_mandate(chance: Chance) -> Call:
    standing = [one for one in chance.known.state.mandates.values() if not one.revoked and chance.known.now < one.until]
    if not standing or chance.one_in(10):
        return Call(chance.pick(KEYS), "Registry", "revokeMandate", (chance.account(),))
    mandate = chance.pick(standing)
    accounts = chance.known.state.accounts
    right = (accounts[mandate.principal].operator, accounts[mandate.agent].operator, chance.staff(Role.AUTHORITY))
    caller = chance.pick(KEYS) if chance.one_in(6) else chance.pick(right)
    return Call(caller, "Registry", "revokeMandate", (mandate.principal,))


def _project(chance: Chance, *, chosen: bool | None = None) -> Project | None:
    """A project that can choose, and has or has not; seldom any."""
    projects = [one for one in chance.known.state.projects.values() if one.approved or chance.one_in(6)]
    if not chance.one_in(10):
        able = [one for one in projects if one.id >> 39 & 31 in _CCER]
        projects = [one for one in able if chosen in (None, one.ccer)] or able or projects
    return chance.pick(projects) if projects else None


def choose_ccer(chance: Chance) -> Call:
    """Mostly back to certificates, so that most projects have some that move."""
    chosen = chance.one_in(2)
    project = _project(chance, chosen=None if chance.one_in(10) else not chosen)
    if project is None:
        return Call(chance.pick(KEYS), "Registry", "chooseCcer", (1, chosen))
    return Call(chance.operator(project.owner), "Registry", "chooseCcer", (project.id, chosen))


def register_ccer(chance: Chance) -> Call:
    """A few months of the last years, in which certificates may be left."""
    project = _project(chance, chosen=True)
    begins = Month.at(chance.known.now).index - chance.integer(0, 40)
    ends = begins + chance.integer(1, 3)
    if chance.one_in(10):
        begins, ends = chance.pick(((begins, begins), (ends, begins), (begins, begins + 121), (65_000, 65_120)))
    number = f"CCER-{chance.integer(0, 1 << 40)}"
    if chance.one_in(5):
        number = chance.pick(list(chance.known.state.ccer_registrations)[-5:] or [""]) if chance.one_in(2) else ""
    args = (project.id if project else 1, begins, ends, number)
    return Call(chance.staff(Role.CCER_REGISTRY), "Registry", "registerCcer", args)


def set_ccer_linkage(chance: Chance) -> Call:
    """Mostly no end, seldom one that is over or comes."""
    ends = chance.known.now + chance.integer(-1, 40 * _DAY) if chance.one_in(2) else 0
    return Call(chance.staff(Role.AUTHORITY), "Registry", "setCcerLinkage", (ends,))
