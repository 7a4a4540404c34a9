"""`gec agent`: who acts for whom, and until when."""

from __future__ import annotations

from typing import Annotated

import typer

from gecchain.agents import file_mandate, mandate_of, revoke_mandate
from gecchain.cli.attached import EvidenceOption, attach
from gecchain.cli.context import Context
from gecchain.cli.named import account_named, at_text, day_begins, day_ends

__all__ = ["app"]

app = typer.Typer(
    help="""Mandates (授权委托, Q36, Q40): an agent acts for a principal.

While a mandate lasts, the principal's own key does not act; the account keeps what it holds.""",
    no_args_is_help=True,
)
_Principal = Annotated[str, typer.Argument(help="Account of the principal (0x…).")]


@app.command("file")
def file(
    call: typer.Context,
    principal: _Principal,
    agent: Annotated[str, typer.Argument(help="Account of the agent (0x…), or its name in roles.json.")],
    key: Annotated[str, typer.Option("--as", help="Key of the principal's operator.")],
    until: Annotated[str, typer.Option(help="Last day of the mandate, for instance 2027-06-30.")],
    evidence: EvidenceOption,
    first: Annotated[str, typer.Option("--from", help="First day; now if it is left out.")] = "",
) -> None:
    """File a mandate, as the principal; the evidence is the agreement. Days are those of Beijing."""
    context: Context = call.obj
    account, acting = account_named(context, "principal", principal), account_named(context, "agent", agent)
    begins = day_begins("from", first) if first else _now(context)
    ends = day_ends("until", until)
    with context.alone(key):
        document = attach(context, evidence, account, [acting])
        receipt = file_mandate(context.writer(key), context.deployment, account, acting, begins, ends, document)
    context.screen.say(f"{acting} acts for {account} from {at_text(begins)} until {at_text(ends)}")
    context.screen.document(
        {"principal": account, "agent": acting, "from": begins, "until": ends, "transaction": receipt.transaction}
    )


@app.command("revoke")
def revoke(
    call: typer.Context,
    principal: _Principal,
    key: Annotated[str, typer.Option("--as", help="Key of the principal's operator, the agent's, or the authority.")],
) -> None:
    """End a mandate before its day. The principal's own key acts again at once."""
    context: Context = call.obj
    account = account_named(context, "principal", principal)
    with context.alone(key):
        receipt = revoke_mandate(context.writer(key), context.deployment, account)
    context.screen.say(f"The mandate of {account} has ended")
    context.screen.document({"principal": account, "transaction": receipt.transaction})


@app.command("show")
def show(call: typer.Context, principal: _Principal) -> None:
    """The mandate of an account, and which key acts for it now."""
    context: Context = call.obj
    found = mandate_of(context.reader, account_named(context, "principal", principal))
    lasts = found.lasts(_now(context))
    period = f"from {at_text(found.from_)} until {at_text(found.until)}"
    context.screen.say(f"Agent {found.agent}, {period}, {'in force' if lasts else 'not in force'}")
    context.screen.say(f"The key {found.actor} acts now")
    context.screen.document(
        {
            "principal": found.principal,
            "agent": found.agent,
            "from": found.from_,
            "until": found.until,
            "in_force": lasts,
            "actor": found.actor,
        }
    )


def _now(context: Context) -> int:
    return context.reader.blocks([context.reader.head()])[0].time
