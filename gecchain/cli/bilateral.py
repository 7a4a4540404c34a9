"""`gec market offer`, `sign`, `fill`, `cancel`: bilateral orders, which travel as files."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.market import app, platform_account, platform_key
from gecchain.cli.named import at_text, day_ends
from gecchain.cli.parties import account_named
from gecchain.cli.serials import fen_to_yuan, serials_from, yuan_to_fen
from gecchain.deals import Deal, SignedDeal, cancel, check, digest_of, fill, parse_deal, sign, status_of
from gecchain.errors import BadInput, NotFound
from gecchain.rules import BatchKey, Electricity, Month, ProjectKey, certificates, number_of, token_id

__all__ = ["app"]

_File = Annotated[Path, typer.Argument(help="Order file.")]
_NONCE_BYTES = 32


@app.command("offer")
def offer(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="Order file to write; pass it to the other side.")],
    key: Annotated[str, typer.Option("--as", help="Key of the seller's or the buyer's operator; it signs.")],
    seller: Annotated[str, typer.Option(help="Account that sells (0x… or social credit code).")],
    buyer: Annotated[str, typer.Option(help="Account that buys (0x… or social credit code).")],
    platform: Annotated[str, typer.Option(help="Platform that is to carry it out.")],
    price: Annotated[str, typer.Option(help="Yuan per certificate, at most two decimals.")],
    until: Annotated[str, typer.Option(help="Last day, in Beijing time, on which it can be carried out: 2026-12-31.")],
    quantity: Annotated[int, typer.Option(help="How many certificates, all or nothing.")] = 1,
    number: Annotated[str, typer.Option(help="Number of the first certificate, if certain ones are sold.")] = "",
    project: Annotated[str, typer.Option(help="Code of the project of which any certificates are sold.")] = "",
    month: Annotated[str, typer.Option(help="With a project: its only month of which any are sold.")] = "",
    paid_outside: Annotated[bool, typer.Option("--paid-outside", help="It is not paid on the platform.")] = False,
) -> None:
    """Write a bilateral order (双边协商, Q43) as its seller or buyer, and sign it.

    It is over certain certificates (--number), any of a project's month (--project, --month) or any of a project. The
    other side signs the file too, then the platform carries it out.
    """
    context: Context = call.obj
    scope = _scope(number, project, month, quantity)
    deal = Deal(
        seller=account_named(context, "seller", seller),
        buyer=account_named(context, "buyer", buyer),
        project=scope[0],
        batch=scope[1],
        start=scope[2],
        end=scope[3],
        quantity=quantity,
        price=yuan_to_fen(price),
        platform=platform_account(context, platform).lower(),
        paid_on_platform=not paid_outside,
        expires=day_ends("until", until),
        nonce=secrets.randbits(8 * _NONCE_BYTES),
    )
    deployment = context.deployment
    order = SignedDeal(deployment.chain_id, deployment.market.lower(), deal)
    check(order, deployment, _now())
    if file.exists():
        raise BadInput("the file exists already", field="file", value=str(file), remedy="Choose another name.")
    order = sign(order, context.signer(key), context.reader)
    _write(file, order)
    _show(context, file, order, "Written and signed")


@app.command("sign")
def sign_order(
    call: typer.Context,
    file: _File,
    key: Annotated[str, typer.Option("--as", help="Key of the seller's or the buyer's operator.")],
) -> None:
    """Check an order file, show what it says, and put the signature of this key's side into it."""
    context: Context = call.obj
    order = _read(file)
    check(order, context.deployment, _now())
    order = sign(order, context.signer(key), context.reader)
    _write(file, order)
    _show(context, file, order, "Signed")


@app.command("fill")
def fill_order(
    call: typer.Context,
    file: _File,
    platform: Annotated[str, typer.Option(help="Platform that the order names; its key signs.")],
) -> None:
    """Carry out an order that both sides signed: the whole quantity or nothing, and once however often it is sent."""
    context: Context = call.obj
    order = _read(file)
    key, account = platform_key(context, platform), platform_account(context, platform).lower()
    if order.deal.platform != account:
        raise BadInput("the order names another platform", field="platform", value=platform)
    with context.alone(key):
        writer = context.writer(key)
        if not status_of(context.reader, order):
            check(order, context.deployment, _now())
        done = fill(writer, context.reader, order)
    event = done.event
    context.screen.say(
        f"Trades {event.first_trade} to {event.last_trade}: {certificates(order.deal.quantity)} at "
        f"{fen_to_yuan(order.deal.price)} yuan each" + ("" if done.transaction else " (filled before)")
    )
    context.screen.document({"event": event, "block": done.block, "transaction": done.transaction})


@app.command("cancel")
def cancel_order(
    call: typer.Context,
    file: _File,
    key: Annotated[str, typer.Option("--as", help="Key of the seller's or the buyer's operator.")],
) -> None:
    """Cancel an order that is not filled, so that nobody can carry it out any more; either side may."""
    context: Context = call.obj
    order = _read(file)
    with context.alone(key):
        event, transaction, block = cancel(context.writer(key), context.deployment, order)
    context.screen.say(f"The order {event.deal} is cancelled, block {block}")
    context.screen.document({"event": event, "block": block, "transaction": transaction})


def _scope(number: str, project: str, month: str, quantity: int) -> tuple[int, int, int, int]:
    """Project, batch, first serial and end."""
    if bool(number) == bool(project):
        raise BadInput("name the first certificate or a project", field="number", remedy="Use --number or --project.")
    if number:
        if month:
            raise BadInput("a month goes with a project", field="month", value=month, remedy="Leave it out.")
        batch, serials = serials_from(number, quantity)
        return batch >> 16, batch, serials.start, serials.end
    key = ProjectKey.parse(project)
    if not month:
        return key.id, 0, 0, 0
    return key.id, BatchKey(key.id, Month.parse(month), Electricity.ON_GRID, tradable=True).id, 0, 0


def _now() -> int:
    return int(time.time())


def _read(file: Path) -> SignedDeal:
    if not file.is_file():
        raise NotFound(f"there is no file {file}", remedy="Make one with gec market offer.")
    return parse_deal(file.read_bytes())


def _write(file: Path, order: SignedDeal) -> None:
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(order.content())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _show(context: Context, file: Path, order: SignedDeal, what: str) -> None:
    deal = order.deal
    of = number_of(token_id(deal.batch, deal.start)) + " on" if deal.end else _any_of(deal)
    signed = [side for side in ("seller", "buyer") if getattr(order, f"{side}_signature")]
    context.screen.say(
        f"{what}: {certificates(deal.quantity)} from {of} at {fen_to_yuan(deal.price)} yuan each, seller "
        f"{deal.seller}, buyer {deal.buyer}, until {at_text(deal.expires)}; "
        f"signed by {' and '.join(signed)}: {file}"
    )
    context.screen.document({"file": str(file), "digest": digest_of(order), "deal": deal, "signed": signed})


def _any_of(deal: Deal) -> str:
    code = ProjectKey.from_id(deal.project).code
    return f"{code} of {BatchKey.from_id(deal.batch).month}" if deal.batch else code
