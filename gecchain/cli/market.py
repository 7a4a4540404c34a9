"""`gec market`: list a range, see what is on sale, take from one lot or several, withdraw."""

from __future__ import annotations

import secrets
import time
from typing import Annotated

import typer

from gecchain.chain.holdings import owner_of
from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.cli.parties import account_named
from gecchain.cli.serials import fen_to_yuan, serials_from, yuan_to_fen
from gecchain.errors import BadInput, NotFound, Refused
from gecchain.events import Listed, Traded
from gecchain.market import (
    Done,
    Offer,
    Order,
    Withdrawal,
    list_range,
    plan_across,
    take,
    take_across,
    withdraw,
    withdraw_many,
)
from gecchain.rules import ProjectKey, certificates, number_of, token_id
from gecchain.store import connected, queries

__all__ = ["app", "platform_account", "platform_key"]

app = typer.Typer(
    help="The market: listing and taking (挂牌、摘牌), each certificate once (Q51).", no_args_is_help=True
)
_OPEN = "Open one with gec accounts open."
_PAGE = 200
_LISTINGS = 1 << 128
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
    key = platform_key(context, platform)
    order = Order(listing, quantity, buyer, f"take:{request or secrets.token_hex(8)}")
    with context.alone(key):
        done = take(context.writer(key), context.deployment, platform_account(context, platform), order)
    event = done.event
    _show(context, done, f"Trade {event.trade}" if isinstance(event, Traded) else "Traded")


@app.command("take-across")
def take_across_lots(
    call: typer.Context,
    buyer: Annotated[str, typer.Option(help="Account that buys (0x… or social credit code).")],
    platform: Annotated[str, typer.Option(help="Platform that sells; its key signs.")],
    quantity: Annotated[int, typer.Option(help="How many, all or nothing.")],
    seller: Annotated[str, typer.Option(help="Account whose lots are taken (0x… or social credit code).")] = "",
    project: Annotated[str, typer.Option(help="Project whose owner's lots of it are taken.")] = "",
    at_most: Annotated[str, typer.Option(help="Highest price in yuan; dearer lots are left.")] = "",
    request: _RequestOption = "",
) -> None:
    """Buy a quantity from several lots of one seller, the cheapest first, each at its own price (摘牌)."""
    context: Context = call.obj
    key, account = platform_key(context, platform), platform_account(context, platform)
    if quantity < 1:
        raise BadInput("a quantity is at least 1", field="quantity", value=str(quantity))
    highest = yuan_to_fen(at_most) if at_most else None
    bit = 1 << (_bit(context, platform) - 1)
    sold = _offers(context, *_whose(context, seller, project), bit)
    offers = [offer for offer in sold if highest is None or offer.price <= highest]
    with context.alone(key):
        writer = context.writer(key)
        lots = [offer.listing for offer in plan_across(offers, quantity)]
        name = f"take-across:{request or secrets.token_hex(8)}"
        order = Order(0, quantity, account_named(context, "buyer", buyer), name)
        trades = take_across(writer, context.deployment, account, order, lots)
    _show_trades(context, trades)


@app.command("withdraw")
def withdraw_lots(
    call: typer.Context,
    listing: Annotated[list[int], typer.Argument(help="Number of the lot; several may be named.")],
    key: Annotated[str, typer.Option("--as", help="Key of the holder's operator.")],
) -> None:
    """Take what is left of lots off sale (撤牌, Q98). Of several, one that is refused stops none of the others."""
    context: Context = call.obj
    for number in listing:
        if not 0 <= number < _LISTINGS:
            raise BadInput("there is no such lot", field="listing", value=str(number), remedy="gec market listings")
    if len(listing) == 1:
        with context.alone(key):
            done = withdraw(context.writer(key), context.deployment, listing[0])
        _show(context, done, f"Lot {listing[0]} withdrawn")
        return
    with context.alone(key):
        found = withdraw_many(context.writer(key), context.deployment, listing)
    _show_withdrawals(context, found)


def _whose(context: Context, seller: str, project: str) -> tuple[str, int]:
    """The seller's account, and the project if only its lots are meant, else 0."""
    if bool(seller) == bool(project):
        raise BadInput("name a seller or a project", field="seller", remedy="Use --seller or --project.")
    if seller:
        return account_named(context, "seller", seller), 0
    found = ProjectKey.parse(project)
    owner = owner_of(context.reader, [found.id])[0]
    if not owner:
        raise NotFound(f"there is no approved project {found.code}", remedy="Check the code.")
    return owner, found.id


def _offers(context: Context, seller: str, project: int, platform_bit: int) -> list[Offer]:
    """What the index knows on sale there; the contract holds it against what is left now."""
    now, after = int(time.time()), None
    found: list[Offer] = []
    with connected(context.projection) as db:
        while True:
            page = queries.open_listings(db, seller=seller, after=after, limit=_PAGE)
            for view in page.items:
                lot = view.listing
                meant = project in (0, lot.batch >> 16) and lot.platforms & platform_bit and view.expires_at > now
                if meant:
                    found.append(Offer(lot.id, lot.left_end - lot.left, lot.price))
            if page.next is None:
                return found
            after = page.next


def _show_trades(context: Context, trades: list[Done]) -> None:
    rows = []
    for done in trades:
        event = done.event
        if isinstance(event, Traded):
            first = number_of(token_id(event.batch, event.start))
            rows.append((event.trade, event.listing, first, event.end - event.start, fen_to_yuan(event.price)))
    context.screen.table("Traded", ["trade", "lot", "first certificate", "certificates", "yuan each"], rows)
    total = sum(row[3] for row in rows)
    context.screen.say(f"{certificates(total)} from {len(rows)} lots")
    places = [{"event": one.event, "block": one.block, "transaction": one.transaction} for one in trades]
    context.screen.document({"certificates": total, "trades": places})


def _show_withdrawals(context: Context, found: list[Withdrawal]) -> None:
    rows = [(one.listing, "withdrawn" if one.event else "refused", one.why, one.remedy) for one in found]
    context.screen.table("Lots", ["lot", "outcome", "why", "remedy"], rows)
    context.screen.document({"lots": found})
    refused = [one for one in found if one.event is None]
    if refused:
        raise Refused(
            f"{len(refused)} of {len(found)} lots were not withdrawn; lot {refused[0].listing}: {refused[0].why}",
            reason=refused[0].reason,
            remedy=refused[0].remedy,
        )


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


def platform_key(context: Context, name: str) -> str:
    """Name of the key of a platform that roles.json names."""
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
    context.screen.say(f"{what}: {certificates(event.end - event.start)} from {first}{price}, block {done.block}")
    context.screen.document({"event": event, "block": done.block, "transaction": done.transaction})
