"""The verb: file, ingest, issue, trade, retire, live on, verify, serve."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gecchain.chain.node import embedded_node
from gecchain.cli.context import Context
from gecchain.cli.demo.life import live_on
from gecchain.cli.demo.parties import open_everybody, prepare
from gecchain.cli.demo.readings import by_hand, ingest, last_months, photovoltaic, some
from gecchain.cli.demo.telling import explain
from gecchain.cli.demo.trading import trade_and_retire
from gecchain.cli.filing import file_drafts
from gecchain.cli.following import index_now, serve_until_stopped
from gecchain.cli.issue import issue_one
from gecchain.cli.network import ensure_deployed, grant_roles
from gecchain.cli.proving import check_everything
from gecchain.errors import NotFound
from gecchain.oracle.plants import FilingDraft, PlantList, read_plants

__all__ = ["demo"]

_STEPS = 7


def demo(
    call: typer.Context,
    leave: Annotated[bool, typer.Option("--exit", help="End after the run instead of serving the pages.")] = False,
    data: Annotated[Path, typer.Option(help="Folder with plants_cn.csv and the photovoltaic series.")] = Path("data"),
    plants: Annotated[int, typer.Option(min=0, help="File only this many plants; 0 for all.")] = 0,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
) -> None:
    """Set up a registry on this machine and run it once through: file, ingest, issue, trade, retire, dispute, verify.

    Plants are real (World Resources Institute, CC BY 4.0), one meter series is real (NREL); all other readings are
    derived and say so, and owners, buyers, platforms and provinces' keys are made up. Keys are development keys.
    """
    context: Context = call.obj
    if not (data / "plants_cn.csv").exists():
        raise NotFound(f"there is no plants_cn.csv in {data}", remedy="Run it in the project's folder or set --data.")
    busy = f"another gec demo is at work in {context.settings.home}"
    node = embedded_node(context.settings.rpc_url, context.settings.home / "chain")
    with context.locked("demo", busy), node:
        prepare(context)
        drafts = _build(context, data, plants)
        _step(context, 6, "trading and retiring")
        examples = trade_and_retire(context, drafts)
        _step(context, 7, "orders, settlements, free moves, disputes, mandates")
        examples |= live_on(context, drafts)
        index_now(context)
        check_everything(context, sample=200)
        explain(context, examples, by_hand(context, drafts, last_months()), f"http://{host}:{port}/", serves=not leave)
        if not leave:
            context.screen.flush()
            serve_until_stopped(context, host, port)


def _build(context: Context, data: Path, limit: int) -> Sequence[FilingDraft]:
    _step(context, 1, "contracts and roles")
    ensure_deployed(context)
    grant_roles(context)
    _step(context, 2, "accounts of provinces, providers, platforms, an agent and buyers")
    open_everybody(context)
    _step(context, 3, "filings")
    found = read_plants(data / "plants_cn.csv")
    drafts = [*some(found.drafts, limit), photovoltaic()]
    file_drafts(context, drafts)
    context.screen.say(f"{len(drafts):,} plants are filed, the last of them the measured photovoltaic system")
    _say_unfiled(context, found)
    _step(context, 4, "readings")
    months = last_months()
    ingest(context, data, drafts, months)
    _step(context, 5, "issuing")
    for month in months:
        issue_one(context, month)
    return drafts


def _step(context: Context, number: int, what: str) -> None:
    context.screen.say(f"[{number}/{_STEPS}] {what}")


def _say_unfiled(context: Context, found: PlantList) -> None:
    """For every plant that cannot be filed, why; the whole list goes to a file."""
    path = context.settings.home / "demo" / "not-filed.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("row", "code", "field", "value", "remedy"))
        writer.writerows((one.row, one.code.name, one.field, one.value, one.remedy) for one in found.refusals)
    context.screen.say(f"{len(found.refusals)} of the list cannot be filed, and why is in {path}")
