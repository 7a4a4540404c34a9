"""Every verb, put on the application in the order in which a registry needs them.

What a verb needs is imported when it is called: all verbs together take seconds, most of them a fraction.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from types import MappingProxyType
from typing import Final

import typer

__all__ = ["register"]

# Verb -> its module in gecchain.cli, and its function or group there.
_PLACES: Final = MappingProxyType(
    {
        "demo": ("demo", "demo"),
        "chain": ("network", "chain"),
        "deploy": ("network", "deploy_contracts"),
        "keys": ("keys", "app"),
        "roles": ("governance", "app"),
        "pause": ("governance", "pause_everything"),
        "resume": ("governance", "resume"),
        "accounts": ("filing", "accounts"),
        "filing": ("filing", "app"),
        "ingest": ("ingest", "ingest"),
        "refusals": ("ingest", "refusals"),
        "evidence": ("evidence", "app"),
        "declare": ("declare", "declare_table"),
        "declarations": ("declare", "app"),
        "approve": ("approve", "approve_month"),
        "issue": ("issue", "issue"),
        "market": ("bilateral", "app"),
        "settle": ("settle", "settle_table"),
        "move": ("move", "app"),
        "distribute": ("move", "distribute_plan"),
        "retire": ("retire", "retire"),
        "sweep": ("sweep", "sweep"),
        "agent": ("agent", "app"),
        "ccer": ("ccer", "app"),
        "case": ("case", "app"),
        "access": ("access", "app"),
        "relay": ("relay", "relay"),
        "webhooks": ("webhooks", "webhooks"),
        "index": ("following", "index"),
        "serve": ("following", "serve"),
        "verify": ("proving", "verify"),
        "trace": ("proving", "trace"),
        "fsck": ("proving", "fsck"),
        "reconcile": ("reconciling", "reconcile"),
        "documents": ("documents", "app"),
        "backup": ("backup", "backup"),
        "restore": ("backup", "restore"),
        "bench": ("bench", "app"),
    }
)


def register(app: typer.Typer, words: Collection[str] = ()) -> None:
    """Add those verbs to `gec` that are among the words of a command line, or all if none is."""
    known = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    wanted = {verb for verb in _PLACES if verb in words} or set(_PLACES)
    if wanted <= known:
        return
    app.registered_commands.clear()
    app.registered_groups.clear()
    for verb, (module, attribute) in _PLACES.items():
        if verb in wanted or verb in known:
            found = getattr(import_module(f"gecchain.cli.{module}"), attribute)
            if isinstance(found, typer.Typer):
                app.add_typer(found, name=verb)
            else:
                app.command(verb)(found)
