"""`gec chain` runs the embedded chain, `gec deploy` puts the contracts on a chain."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import Annotated

import typer

from gecchain.chain.deploying import Role, deploy, grants, is_deployed, lacking
from gecchain.chain.deployment import save_deployment
from gecchain.chain.node import is_up, start_node, stop_node
from gecchain.cli.context import Context
from gecchain.cli.roles import save_roles
from gecchain.errors import BadInput

__all__ = ["chain", "deploy_contracts", "ensure_deployed", "grant_roles"]


def chain(call: typer.Context) -> None:
    """Run the embedded chain (anvil) until it is interrupted; its state is kept in the home folder."""
    context: Context = call.obj
    url = context.settings.rpc_url
    if is_up(url):
        raise BadInput("a node answers at this address already", field="rpc", value=url, remedy="Use it, or stop it.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also while the node begins
    with suppress(KeyboardInterrupt):
        process = start_node(url, context.settings.home / "chain")
        try:
            context.screen.say(
                f"The chain answers at {url}; its state is in {context.settings.home / 'chain'}. Ctrl-C stops it."
            )
            process.wait()
        finally:
            stop_node(process)


def deploy_contracts(
    call: typer.Context,
    again: Annotated[bool, typer.Option("--again", help="Deploy anew although there is a deployment.")] = False,
) -> None:
    """Deploy the contracts and give the keys of roles.json their roles.

    The governance key signs. The addresses go to deployment.json in the home folder; hand that file to everybody who
    wants to read or verify.
    """
    context: Context = call.obj
    if again:
        context.settings.deployment_file.unlink(missing_ok=True)
    ensure_deployed(context)
    grant_roles(context)
    context.screen.say(f"Contracts: {context.settings.deployment_file}")
    context.screen.document({"deployment": str(context.settings.deployment_file)})


def ensure_deployed(context: Context) -> None:
    """Deploy unless the deployment of the home folder is on this chain."""
    path = context.settings.deployment_file
    if path.exists() and is_deployed(context.rpc, context.deployment):
        return
    if path.exists():
        raise BadInput(
            f"the contracts of {path} are not on this chain",
            field="deployment",
            remedy="Point --rpc at its chain, or deploy anew with gec deploy --again.",
        )
    base_uri = f"{context.settings.base_url}/v1/certificates/"
    with context.alone(context.roles.governance):
        made = deploy(context.writer(context.roles.governance), context.rpc, base_uri)
    save_deployment(path, made)
    if not (context.settings.home / "roles.json").exists():
        save_roles(context.settings.home / "roles.json", context.roles)


def grant_roles(context: Context) -> None:
    """Give the keys that roles.json names their roles; those that have them already are left alone.

    CCER registry and guardian may keep their keys elsewhere: then governance gives them their roles by address.
    """
    roles = context.roles
    members = {
        Role.AUTHORITY: [roles.authority],
        Role.INFO_CENTRE: [roles.information_centre],
        Role.REGISTRAR: [roles.registrar, *roles.platforms.values()],
        Role.PROVINCE: list(roles.provinces.values()),
        Role.PROVIDER: list(roles.providers.values()),
        Role.EXCHANGE: list(roles.exchanges.values()),
        Role.REGIONAL_OFFICE: list(roles.offices.values()),
        Role.CCER_REGISTRY: _keys_here(context, Role.CCER_REGISTRY, roles.ccer_registry),
        Role.GUARDIAN: _keys_here(context, Role.GUARDIAN, roles.guardian),
    }
    addresses = {role: [context.signer(name).address for name in names] for role, names in members.items()}
    missing = lacking(context.rpc, context.deployment, addresses)
    if not missing:
        return
    with context.alone(roles.governance):
        writer = context.writer(roles.governance)
        writer.send_all(grants(context.deployment, missing))


def _keys_here(context: Context, role: Role, name: str) -> list[str]:
    """The key if it is in this home; else nothing, and what to do instead is said."""
    if name.startswith("dev:") or context.key_file(name).exists():
        return [name]
    verb = f"gec roles grant {role.name.lower().replace('_', '-')} ADDRESS"
    context.screen.say(f"There is no key {name} here; give the role to its address: {verb}")
    return []
