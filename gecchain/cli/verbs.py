"""Every verb, put on the application in the order in which a registry needs them."""

from __future__ import annotations

import typer

from gecchain.cli import (
    access,
    agent,
    backup,
    bench,
    bilateral,
    case,
    ccer,
    declare,
    demo,
    documents,
    evidence,
    filing,
    following,
    governance,
    ingest,
    issue,
    keys,
    move,
    network,
    proving,
    relay,
    retire,
    settle,
    sweep,
    webhooks,
)

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add all commands to `gec`, once."""
    if app.registered_commands:
        return
    app.command("demo")(demo.demo)
    app.command("chain")(network.chain)
    app.command("deploy")(network.deploy_contracts)
    app.add_typer(keys.app, name="keys")
    app.add_typer(governance.app, name="roles")
    app.command("pause")(governance.pause_everything)
    app.command("resume")(governance.resume)
    app.add_typer(filing.accounts, name="accounts")
    app.add_typer(filing.app, name="filing")
    app.command("ingest")(ingest.ingest)
    app.add_typer(ingest.refusals, name="refusals")
    app.add_typer(evidence.app, name="evidence")
    app.command("declare")(declare.declare_table)
    app.add_typer(declare.app, name="declarations")
    app.command("issue")(issue.issue)
    app.add_typer(bilateral.app, name="market")
    app.command("settle")(settle.settle_table)
    app.add_typer(move.app, name="move")
    app.command("distribute")(move.distribute_plan)
    app.command("retire")(retire.retire)
    app.command("sweep")(sweep.sweep)
    app.add_typer(agent.app, name="agent")
    app.add_typer(ccer.app, name="ccer")
    app.add_typer(case.app, name="case")
    app.add_typer(access.app, name="access")
    app.command("relay")(relay.relay)
    app.command("webhooks")(webhooks.webhooks)
    app.command("index")(following.index)
    app.command("serve")(following.serve)
    app.command("verify")(proving.verify)
    app.command("trace")(proving.trace)
    app.command("fsck")(proving.fsck)
    app.add_typer(documents.app, name="documents")
    app.command("backup")(backup.backup)
    app.command("restore")(backup.restore)
    app.add_typer(bench.app, name="bench")
