"""Puts the contracts on a chain and gives every role exactly the calls it needs (docs/architecture.md, section 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any, Final

from gecchain.chain.contracts import calldata, creation, selector
from gecchain.chain.deployment import Deployment
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.chain.writer import Action, Writer
from gecchain.errors import NotFound

__all__ = ["RIGHTS", "Role", "deploy", "grants", "is_deployed", "lacking"]


class Role(IntEnum):
    """Role numbers in the AccessManager; `PROVINCE` acts for its own province alone.

    `PUBLIC` is everybody; its calls are named so that closing a contract stops them too.
    """

    AUTHORITY = 1
    INFO_CENTRE = 2
    PROVINCE = 3
    PROVIDER = 4
    REGISTRAR = 5
    EXCHANGE = 6
    REGIONAL_OFFICE = 7
    CCER_REGISTRY = 8
    GUARDIAN = 9
    MARKET = 10
    CERTIFICATES = 11
    DECLARATIONS = 12
    CASES = 13
    OFFICER = 14
    ADMIN = 0
    PUBLIC = 2**64 - 1


RIGHTS: Final[Mapping[Role, Mapping[str, Sequence[str]]]] = {
    Role.AUTHORITY: {
        "Registry": ("openInstitutions", "setOperator", "setFrozen", "close", "setCcerLinkage"),
        "Certificates": ("issue", "move", "freeze", "unfreeze"),
        "Declarations": ("recheck",),
        "Cases": ("decide", "execute", "setDeadlines"),
    },
    Role.INFO_CENTRE: {"Declarations": ("check",)},
    Role.PROVINCE: {"Registry": ("review",)},
    Role.PROVIDER: {"Readings": ("commit",)},
    Role.REGISTRAR: {"Registry": ("openBuyers", "submit")},
    Role.EXCHANGE: {"Market": ("settle",), "Cases": ("propose",)},
    Role.REGIONAL_OFFICE: {"Cases": ("check",)},
    Role.CCER_REGISTRY: {"Registry": ("registerCcer",)},
    Role.MARKET: {"Certificates": ("list", "unlist", "trade", "sell")},
    Role.CERTIFICATES: {"Readings": ("draw",), "Registry": ("credit",)},
    Role.OFFICER: {"Readings": ("approve",)},
    Role.ADMIN: {"Readings": ("setQuorum",)},
    Role.DECLARATIONS: {"Readings": ("commitDeclared",)},
    Role.CASES: {
        "Registry": ("correct",),
        "Certificates": ("doubt", "trust", "add", "deduct", "undoTrade", "undoRetirement"),
    },
    Role.PUBLIC: {
        "Registry": ("fileMandate", "revokeMandate", "chooseCcer"),
        "Certificates": ("distribute", "retire", "retireDue", "sweep", "warn"),
        "Market": ("cancel",),
        "Declarations": ("declare",),
        "Cases": ("open", "close"),
    },
}
_NO_DELAY: Final = 0


def deploy(writer: Writer, rpc: Rpc, base_uri: str) -> Deployment:
    """Create the contracts with `writer`'s address as governance, and set the roles' rights.

    `base_uri` comes before a certificate's number in `tokenURI`. A deployment that was cut off leaves contracts that
    nobody knows; a new one begins afresh.
    """
    first_block = int(rpc.request("eth_blockNumber"), 16)

    def create(name: str, *args: Any) -> str:
        return writer.send(Action(f"creating {name}", "", creation(name, args))).created

    manager = create("AccessManager", writer.sender)
    relay = create("Relay")
    registry = create("Registry", manager, relay)
    readings = create("Readings", manager, relay)
    certificates = create("Certificates", manager, relay, registry, readings, base_uri)
    market = create("Market", manager, relay, registry, certificates)
    declarations = create("Declarations", manager, relay, registry, readings)
    cases = create("Cases", manager, relay, registry, certificates)
    guardian = create("Guardian", manager, relay, [registry, readings, certificates, market, declarations, cases])
    lookup = create("Lookup")
    deployment = Deployment(
        chain_id=int(rpc.request("eth_chainId"), 16),
        block=first_block,
        relay=relay,
        registry=registry,
        readings=readings,
        certificates=certificates,
        market=market,
        declarations=declarations,
        cases=cases,
        guardian=guardian,
        access_manager=manager,
        lookup=lookup,
    )
    writer.send_all(_rights(deployment))
    members = {
        Role.MARKET: [market],
        Role.CERTIFICATES: [certificates],
        Role.DECLARATIONS: [declarations],
        Role.CASES: [cases],
        Role.ADMIN: [guardian],
    }
    writer.send_all(grants(deployment, members))
    return deployment


def grants(deployment: Deployment, members: Mapping[Role, Sequence[str]]) -> Iterator[Action]:
    """Actions that give roles to addresses, signed by governance."""
    for role, addresses in members.items():
        for address in addresses:
            yield Action.call(
                f"granting {role.name} to {address}",
                "AccessManager",
                deployment.access_manager,
                "grantRole",
                [int(role), address, _NO_DELAY],
            )


def lacking(rpc: Rpc, deployment: Deployment, members: Mapping[Role, Sequence[str]]) -> dict[Role, list[str]]:
    """The addresses that do not have the role they should have, by role."""
    wanted = [(role, address) for role, addresses in members.items() for address in addresses]
    calls = [
        Call(
            "eth_call",
            [
                {
                    "to": deployment.access_manager,
                    "data": calldata("AccessManager", "hasRole", [int(role), address]),
                },
                "latest",
            ],
        )
        for role, address in wanted
    ]
    missing: dict[Role, list[str]] = {}
    for (role, address), answer in zip(wanted, rpc.batch(calls), strict=True):
        if isinstance(answer, RpcError):
            raise answer
        if int(answer[2:66], 16) == 0:
            missing.setdefault(role, []).append(address)
    return missing


def is_deployed(rpc: Rpc, deployment: Deployment) -> bool:
    """Whether this chain is the one of the deployment and has its contracts."""
    if int(rpc.request("eth_chainId"), 16) != deployment.chain_id:
        raise NotFound("the node runs another chain than the deployment was made on")
    return str(rpc.request("eth_getCode", deployment.certificates, "latest")) not in ("0x", "")


def _rights(deployment: Deployment) -> Iterator[Action]:
    places = {
        "Registry": deployment.registry,
        "Readings": deployment.readings,
        "Certificates": deployment.certificates,
        "Market": deployment.market,
        "Declarations": deployment.declarations,
        "Cases": deployment.cases,
    }
    for role, rights in RIGHTS.items():
        for name, functions in rights.items():
            yield Action.call(
                f"giving {role.name} its calls of {name}",
                "AccessManager",
                deployment.access_manager,
                "setTargetFunctionRole",
                [places[name], [selector(name, function) for function in functions], int(role)],
            )
