"""`gec access`: API keys of platforms, and who wrote what."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.named import at_text, day_ends
from gecchain.cli.parties import account_named
from gecchain.events import place_of
from gecchain.store.desk import ApiKey, audit, keys
from gecchain.store.desk.keys import SCOPES
from gecchain.store.engine import connected
from gecchain.store.hooks import subscriptions

__all__ = ["app"]

app = typer.Typer(
    help="""API keys of platforms: made once and shown once, replaced without a gap, kept as hashes.

A key lets a platform hand in what was signed, and have events sent to it. It signs nothing: without the signature of
an account's key nothing is done for the account.""",
    no_args_is_help=True,
)
_DAY = 86_400


@app.command("grant")
def grant(
    call: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose key it is, for people.")],
    scope: Annotated[list[str] | None, typer.Option(help=f"What it may: {', '.join(SCOPES)}. Default: all.")] = None,
    account: Annotated[str, typer.Option(help="The platform's account (0x… or social credit code).")] = "",
    until: Annotated[str, typer.Option(help="Last day, in Beijing time, on which it is good.")] = "",
) -> None:
    """Make a key and show it, this once."""
    context: Context = call.obj
    address = account_named(context, "account", account) if account else ""
    ends_at = day_ends("until", until) if until else 0
    with connected(context.desk, writes=True) as db:
        made, text = keys.grant(
            db, name, account=address, scopes=scope or SCOPES, now=int(time.time()), ends_at=ends_at
        )
    _show(context, made, text)


@app.command("rotate")
def rotate(
    call: typer.Context,
    key: Annotated[str, typer.Argument(help="Id of the key, see gec access list.")],
    days: Annotated[int, typer.Option(min=0, help="How many days the old one goes on beside the new one.")] = 7,
) -> None:
    """Make a new key in place of one, which goes on for some days."""
    context: Context = call.obj
    with connected(context.desk, writes=True) as db:
        made, text = keys.rotate(db, key, now=int(time.time()), overlap=days * _DAY)
    _show(context, made, text)


@app.command("revoke")
def revoke(call: typer.Context, key: Annotated[str, typer.Argument(help="Id of the key.")]) -> None:
    """End a key at once, and what it subscribed to, unless a key that replaced it goes on."""
    context: Context = call.obj
    now = int(time.time())
    with connected(context.webhooks, writes=True) as db:
        ended = keys.revoke(db, key, now)
        why = f"API key {ended.id} was revoked"
        over = keys.line_is_over(db, ended.line, now)
        gone = subscriptions.end(db, f"key:{ended.line}", why, now) if over else []
    context.screen.say(f"{ended.id} ({ended.name}) is revoked")
    for id_ in gone:
        context.screen.say(f"{id_} is sent nothing any more")
    context.screen.document(asdict(ended) | {"subscriptions": gone})


@app.command("webhooks")
def list_webhooks(call: typer.Context) -> None:
    """Every subscription to events: whose it is, where it is sent, how far it is, and what is wrong."""
    context: Context = call.obj
    with connected(context.webhooks) as db:
        found = subscriptions.every(db)
    rows = [
        (one.id, one.owner, one.url, one.state, max(place_of(one.cursor)[0], 0), _day(one.last_at), one.last_error)
        for one in found
    ]
    columns = ["id", "whose", "to", "state", "block", "last", "what is wrong"]
    context.screen.table("Subscriptions", columns, rows)
    context.screen.document([dict(zip(columns, row, strict=True)) for row in rows])


@app.command("list")
def list_keys(call: typer.Context) -> None:
    """Every key there ever was, when it was used last, and whether it is good."""
    context: Context = call.obj
    now = int(time.time())
    with connected(context.desk) as db:
        found = keys.list_keys(db)
    rows = [
        (key.id, key.name, " ".join(key.scopes), key.account, _day(key.used_at), "good" if key.is_good(now) else "over")
        for key in found
    ]
    context.screen.table("API keys", ["id", "name", "scopes", "account", "used last", "now"], rows)
    context.screen.document(found)


@app.command("audit")
def read_audit(
    call: typer.Context,
    after: Annotated[int, typer.Option(min=0, help="Go on after this entry.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many entries at the most.")] = 100,
) -> None:
    """Every write that was tried through the API: when, by whom, and how it was answered."""
    context: Context = call.obj
    with connected(context.desk) as db:
        found = audit.read(db, after=after, limit=limit)
    rows = [(one.id, at_text(one.at), one.caller, one.method, one.path, one.status, one.subject) for one in found]
    context.screen.table("Writes", ["", "at", "caller", "method", "path", "status", "about"], rows)
    context.screen.document(found)


def _show(context: Context, made: ApiKey, text: str) -> None:
    context.screen.say(f"{text}\nThis is shown once. Send it as Authorization: Bearer KEY.")
    context.screen.document({"key": text, "id": made.id, "name": made.name, "scopes": made.scopes})


def _day(time_: int) -> str:
    return at_text(time_) if time_ else "never"
