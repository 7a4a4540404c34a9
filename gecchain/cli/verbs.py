"""Every verb, put on the application in the order in which a registry needs them."""

from __future__ import annotations

import typer

from gecchain.cli import demo, filing, following, ingest, issue, keys, market, network, proving, retire

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add all commands to `gec`, once."""
    if app.registered_commands:
        return
    app.command("demo")(demo.demo)
    app.command("chain")(network.chain)
    app.command("deploy")(network.deploy_contracts)
    app.add_typer(keys.app, name="keys")
    app.add_typer(filing.accounts, name="accounts")
    app.add_typer(filing.app, name="filing")
    app.command("ingest")(ingest.ingest)
    app.add_typer(ingest.refusals, name="refusals")
    app.command("issue")(issue.issue)
    app.add_typer(market.app, name="market")
    app.command("retire")(retire.retire)
    app.command("expire")(retire.expire)
    app.command("index")(following.index)
    app.command("serve")(following.serve)
    app.command("verify")(proving.verify)
    app.command("trace")(proving.trace)
    app.command("fsck")(proving.fsck)
