"""`gec retire`: a holder declares what its certificates were used for."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.serials import serials_from
from gecchain.retirement import Claim, retire_range
from gecchain.rules import Month, Purpose, certificates

__all__ = ["retire"]

_PURPOSES = ", ".join(purpose.slug for purpose in Purpose)


def retire(
    call: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the first certificate.")],
    key: Annotated[str, typer.Option("--as", help="Key of the holder's operator.")],
    beneficiary: Annotated[str, typer.Option(help="Who claims the consumption. Public and final.")],
    purpose: Annotated[str, typer.Option(help=f"What for (Q54): {_PURPOSES}.")],
    first: Annotated[str, typer.Option("--from", help="First month of consumption.")],
    last: Annotated[str, typer.Option("--until", help="Last month of consumption.")],
    quantity: Annotated[int, typer.Option(help="How many, from that number on.")] = 1,
    statement: Annotated[str, typer.Option(help="Free text, public and final.")] = "",
    request: Annotated[str, typer.Option(help="Your name for this request; the same name is done once.")] = "",
) -> None:
    """Retire certificates for declared consumption (核销). Nothing of it can be changed afterwards (Q12)."""
    context: Context = call.obj
    batch, serials = serials_from(number, quantity)
    claim = Claim(beneficiary, Purpose.of_slug(purpose), Month.parse(first), Month.parse(last) + 1, statement)
    with context.alone(key):
        done = retire_range(
            context.writer(key),
            context.deployment,
            batch,
            serials,
            claim,
            key=f"retire:{request or secrets.token_hex(8)}",
        )
    context.screen.say(f"Retired {certificates(quantity)} in block {done.block}, transaction {done.transaction}")
    context.screen.document({"retired": quantity, "block": done.block, "transaction": done.transaction})
