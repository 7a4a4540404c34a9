"""`gec ccer`: a project's choice between certificates and CCER, and what was registered there."""

from __future__ import annotations

from typing import Annotated

import typer

from gecchain.ccer import choose_ccer, register_ccer, set_linkage
from gecchain.chain.writer import Receipt
from gecchain.cli.context import Context
from gecchain.cli.named import at_text, day_ends
from gecchain.errors import BadInput
from gecchain.rules import Month, ProjectKey

__all__ = ["app"]

app = typer.Typer(
    help="""CCER: deep-sea wind and solar-thermal projects choose it or certificates (Q12, Q66).

What is not traded stands still once CCER is chosen, and is retired by gec sweep once it is registered there (Q79).""",
    no_args_is_help=True,
)
_Project = Annotated[str, typer.Argument(help="Project code, 17 characters.")]
_Key = Annotated[str, typer.Option("--as", help="Key of the owner's operator, or of its agent's.")]


@app.command("choose")
def choose(call: typer.Context, project: _Project, key: _Key) -> None:
    """Turn a project to CCER, as its owner: its untraded certificates are no longer listed, traded or retired."""
    _choose(call.obj, project, key, True)


@app.command("withdraw")
def withdraw(call: typer.Context, project: _Project, key: _Key) -> None:
    """Turn a project back to certificates, as its owner. Months that were registered meanwhile stay so."""
    _choose(call.obj, project, key, False)


@app.command("register")
def register(
    call: typer.Context,
    project: _Project,
    first: Annotated[str, typer.Option("--from", help="First month whose reductions were registered.")],
    last: Annotated[str, typer.Option("--until", help="Last month.")],
    number: Annotated[str, typer.Option(help="Registration number; each is used once.")],
) -> None:
    """Record a registration of emission reductions, as the CCER registry. gec sweep then retires what is untraded."""
    context: Context = call.obj
    months = Month.parse(first), Month.parse(last)
    key, code = context.roles.ccer_registry, ProjectKey.parse(project)
    with context.alone(key):
        receipt = register_ccer(context.writer(key), context.deployment, code.id, *months, number)
    _tell(context, f"{code.code}: {months[0]} to {months[1]} registered as {number}", receipt)


@app.command("linkage")
def linkage(
    call: typer.Context,
    until: Annotated[str, typer.Option(help="Last day on which CCER can be chosen.")] = "",
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Without end.")] = False,
) -> None:
    """Set until when projects can choose CCER, as the authority. Going back to certificates is always possible."""
    context: Context = call.obj
    if bool(until) == unlimited:
        raise BadInput("say until when", field="until", value=until, remedy="Either --until DAY or --unlimited.")
    ends = day_ends("until", until) if until else 0
    key = context.roles.authority
    with context.alone(key):
        receipt = set_linkage(context.writer(key), context.deployment, ends)
    _tell(context, f"CCER can be chosen {'until ' + at_text(ends) if ends else 'without end'}", receipt)


def _choose(context: Context, project: str, key: str, chosen: bool) -> None:
    code = ProjectKey.parse(project)
    with context.alone(key):
        receipt = choose_ccer(context.writer(key), context.deployment, code.id, chosen)
    _tell(context, f"{code.code} has chosen {'CCER' if chosen else 'certificates'}", receipt)


def _tell(context: Context, what: str, receipt: Receipt) -> None:
    context.screen.say(f"{what} (block {receipt.block})")
    context.screen.document({"block": receipt.block, "transaction": receipt.transaction})
