"""Who takes part in the demonstration: made-up institutions and buyers with development keys, made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from gecchain.chain.writer import Writer
from gecchain.cli.context import Context
from gecchain.cli.filing import identity_key
from gecchain.cli.roles import Roles, load_roles, save_roles
from gecchain.filing import Opening, open_accounts
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.plants import FilingDraft
from gecchain.rules import PROVINCES, AccountKind, account_address, identity_hash
from gecchain.signer import create_keystore, development_signer

__all__ = [
    "AGENT",
    "BUYERS",
    "EXCHANGE",
    "GRID",
    "METER",
    "OFFICE",
    "PLATFORMS",
    "account_of",
    "buyer",
    "buyer_key",
    "open_everybody",
    "prepare",
    "signing",
]

GRID: Final = "示例电网数据公司 Example Grid Data (derived readings)"
METER: Final = "示例计量公司 Example Metering (NREL SERF East, time moved by ten years)"
PLATFORMS: Final = ("示例交易平台甲 Example Platform A", "示例交易平台乙 Example Platform B")
BUYERS: Final = (
    ("示例电子制造 Example Electronics", 44),
    ("示例云计算 Example Cloud", 52),
    ("示例汽车 Example Motors", 31),
    ("示例会展 Example Exhibitions", 11),
)
EXCHANGE: Final = "示例电力交易中心 Example Power Exchange"
OFFICE: Final = "示例派出机构 Example Regional Office"
AGENT: Final = "示例代理机构 Example Agent"
_PERSON: Final = "DEMO-NATURAL-PERSON-1"
_AGENT_KEY: Final = "agent"
_PASSWORD: Final = "development"  # noqa: S105 - development keys protect nothing


@contextmanager
def signing(context: Context, key: str) -> Iterator[Writer]:
    """A writer that no other process of this home signs beside."""
    with context.alone(key):
        yield context.writer(key)


def account_of(context: Context, draft: FilingDraft) -> str:
    """Account of a plant's owner."""
    return account_address(identity_hash(identity_key(context), draft.owner_code)).lower()


def buyer(context: Context, at: int) -> str:
    """Account of a buyer, counted round and round."""
    return context.roles.accounts[BUYERS[at % len(BUYERS)][0]].lower()


def buyer_key(at: int) -> str:
    """Key of a buyer, counted round and round."""
    return f"dev:buyer-{at % len(BUYERS)}"


def prepare(context: Context) -> None:
    """Keys and roles of a development registry, made once; what a home of an earlier version lacks is added."""
    home = context.settings.home
    path = home / "roles.json"
    found = load_roles(path) if path.exists() else _roles()
    exchanges, offices = {EXCHANGE: "exchange"} | found.exchanges, {OFFICE: "regional-office"} | found.offices
    wanted = replace(found, exchanges=exchanges, offices=offices)
    if not path.exists() or wanted != found:
        save_roles(path, wanted)
    password = home / "keys" / "password"
    if not password.exists():
        password.parent.mkdir(parents=True, exist_ok=True)
        password.touch(mode=0o600)
        password.write_text(_PASSWORD)
    for name in _names(wanted):
        if not name.startswith("dev:") and not context.key_file(name).exists():
            create_keystore(context.key_file(name), _PASSWORD, development=name)


def _roles() -> Roles:
    return Roles(
        provinces={str(code): f"dev:province-{code}" for code in PROVINCES},
        providers={GRID: "provider-grid", METER: "provider-meter"},
        platforms=dict(zip(PLATFORMS, ("platform-a", "platform-b"), strict=True)),
        development=True,
    )


def _names(roles: Roles) -> list[str]:
    """Keys that get a keystore file."""
    offices = (roles.governance, roles.authority, roles.information_centre, roles.registrar, roles.ccer_registry)
    groups: tuple[Mapping[str, str], ...] = (roles.providers, roles.platforms, roles.exchanges, roles.offices)
    return [*offices, roles.guardian, roles.relay, _AGENT_KEY, *(name for group in groups for name in group.values())]


def open_everybody(context: Context) -> None:
    """Accounts of provinces, providers, platforms, the agent and buyers; those that are open are left alone."""
    identity = identity_key(context)
    roles = context.roles
    operators = {name: context.signer(key).address for name, key in {**roles.providers, **roles.platforms}.items()}
    openings = [
        *(_opening(identity, f"{PROVINCES[code].zh}绿证专用账户 Provincial account of {PROVINCES[code].en}",
                   AccountKind.PROVINCE, code, _operator(f"province-{code}")) for code in PROVINCES),
        *(_opening(identity, name, AccountKind.PROVIDER, 0, operators[name]) for name in roles.providers),
        *(_opening(identity, name, AccountKind.PLATFORM, 0, operators[name]) for name in roles.platforms),
        _opening(identity, AGENT, AccountKind.AGENT, 0, _operator(_AGENT_KEY)),
    ]  # fmt: skip
    buyers = [_opening(identity, name, AccountKind.BUYER, code, _operator(f"buyer-{i}"))
              for i, (name, code) in enumerate(BUYERS)]  # fmt: skip
    person = Opening(account_address(identity_hash(identity, _PERSON)), AccountKind.BUYER, 0, _operator("person"), "")
    open_accounts(context.writer(roles.authority), context.reader, openings)
    open_accounts(context.writer(roles.registrar), context.reader, [*buyers, person])
    accounts = {opening.name: opening.account for opening in [*openings, *buyers]}
    if roles.accounts != accounts:
        save_roles(context.settings.home / "roles.json", replace(roles, accounts=accounts))
        context.roles = replace(roles, accounts=accounts)


def _opening(identity: bytes, name: str, kind: AccountKind, province: int, operator: str) -> Opening:
    return Opening(account_address(identity_hash(identity, made_up_uscc(name))), kind, province, operator, name)


def _operator(name: str) -> str:
    return development_signer(name).address
