"""`gec market`: list a range, see what is on sale, take, withdraw."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.cli.serials import fen_to_yuan, serials_from, yuan_to_fen
from gecchain.errors import BadInput
from gecchain.events import Listed, Traded
from gecchain.market import Done, Order, list_range, take, withdraw
from gecchain.rules import number_of, token_id
from gecchain.store import connected, queries

__all__ = ["app", "platform_account"]

app = typer.Typer(
    help="The market: listing and taking (挂牌、摘牌), each certificate once (Q51).", no_args_is_help=True
)
_OPEN = "Open one with gec accounts open."
_RequestOption = Annotated[str, typer.Option(help="Your name for this request; the same name is done once.")]


@app.command("list")
def list_lot(
    call: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of the first certificate.")],
    key: Annotated[str, typer.Option("--as", help="Key of the holder's operator.")],
    price: Annotated[str, typer.Option(help="Yuan per certificate, at most two decimals.")],
    quantity: Annotated[int, typer.Option(help="How many, from that number on.")] = 1,
    platform: Annotated[list[str] | None, typer.Option(help="Platform that may sell it; may be repeated.")] = None,
    request: _RequestOption = "",
) -> None:
    """Put certificates on sale (挂牌), on all platforms unless some are named. They are sold once (Q99)."""
    context: Context = call.obj
    batch, serials = serials_from(number, quantity)
    names = platform or list(context.roles.platforms)
    bits = sum({1 << (_bit(context, name) - 1) for name in names})
    with context.alone(key):
        done = list_range(
            context.writer(key),
            context.deployment,
            batch,
            serials,
            yuan_to_fen(price),
            bits,
            key=f"list:{request or secrets.token_hex(8)}",
        )
    _show(context, done, f"On sale as lot {done.event.listing}")


@app.command("take")
def take_lot(
    call: typer.Context,
    listing: Annotated[int, typer.Argument(help="Number of the lot.")],
    buyer: Annotated[str, typer.Option(help="Account that buys, 0x and 40 digits.")],
    platform: Annotated[str, typer.Option(help="Platform that sells; its key signs.")],
    quantity: Annotated[int, typer.Option(help="How many.")] = 1,
    request: _RequestOption = "",
) -> None:
    """Buy part or all of a lot through a platform (摘牌)."""
    context: Context = call.obj
    key = _platform_key(context, platform)
    order = Order(listing, quantity, buyer, f"take:{request or secrets.token_hex(8)}")
    with context.alone(key):
        done = take(context.writer(key), context.deployment, platform_account(context, platform), order)
    event = done.event
    _show(context, done, f"Trade {event.trade}" if isinstance(event, Traded) else "Traded")


@app.command("withdraw")
def withdraw_lot(
    call: typer.Context,
    listing: Annotated[int, typer.Argument(help="Number of the lot.")],
    key: Annotated[str, typer.Option("--as", help="Key of the holder's operator.")],
) -> None:
    """Take what is left of a lot off sale (撤牌, Q98)."""
    context: Context = call.obj
    with context.alone(key):
        done = withdraw(context.writer(key), context.deployment, listing)
    _show(context, done, f"Lot {listing} withdrawn")


@app.command("listings")
def listings(
    call: typer.Context,
    limit: Annotated[int, typer.Option(help="How many at most.")] = 20,
    after: Annotated[str | None, typer.Option(help="Cursor that the page before gave.")] = None,
) -> None:
    """What is on sale, from the index."""
    context: Context = call.obj
    with connected(context.projection) as db:
        page = queries.open_listings(db, after=after, limit=limit)
    rows = [
        (
            view.listing.id,
            number_of(token_id(view.listing.batch, view.listing.left)),
            f"{view.listing.left_end - view.listing.left:,}",
            fen_to_yuan(view.listing.price),
            view.seller.name if view.seller else "",
        )
        for view in page.items
    ]
    context.screen.table("On sale", ["lot", "first certificate", "left", "yuan each", "seller"], rows)
    context.screen.document({"items": page.items, "next": page.next})


def platform_account(context: Context, name: str) -> str:
    """The account of a platform that roles.json names."""
    account = context.roles.accounts.get(name, "")
    if not account:
        raise BadInput("roles.json has no account of this platform", field="platform", value=name, remedy=_OPEN)
    return account


def _platform_key(context: Context, name: str) -> str:
    if name not in context.roles.platforms:
        known = ", ".join(context.roles.platforms) or "none"
        raise BadInput("no such platform in roles.json", field="platform", value=name, remedy=f"Known: {known}.")
    return context.roles.platforms[name]


def _bit(context: Context, name: str) -> int:
    account = platform_account(context, name)
    return int(context.reader.view(View("registry", "account", (account,)))[0][4])


def _show(context: Context, done: Done, what: str) -> None:
    event = done.event
    first = number_of(token_id(event.batch, event.start))
    price = f" at {fen_to_yuan(event.price)} yuan each" if isinstance(event, Listed | Traded) else ""
    context.screen.say(f"{what}: {event.end - event.start:,} certificates from {first}{price}, block {done.block}")
    context.screen.document({"event": event, "block": done.block, "transaction": done.transaction})
