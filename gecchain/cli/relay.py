"""`gec relay`: sends the signed requests that platforms and account holders handed in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.stopping import staying
from gecchain.errors import Unavailable
from gecchain.metrics import DeskFigures
from gecchain.relaying import Round, relay_waiting
from gecchain.requests import Ending
from gecchain.store.desk.outbox import SqlOutbox

__all__ = ["relay"]


def relay(
    call: typer.Context,
    follow_on: Annotated[bool, typer.Option("--follow", help="Stay and send what comes in until stopped.")] = False,
    key: Annotated[str, typer.Option("--as", help="Key that sends; it needs no role. Default: roles.json.")] = "",
    poll: Annotated[float, typer.Option(min=0.05, help="Seconds between looks at an empty outbox.")] = 0.5,
) -> None:
    """Send what waits in the outbox, and write down how each request ended.

    The relay's key pays for nothing and may do nothing: requests count by their own signatures, each once, however
    often they are sent. Kill it at any time; the next run goes on where it stopped.
    """
    context: Context = call.obj
    name = key or context.roles.relay
    total = Round()
    if follow_on:
        with staying(context, "relay") as stop, context.alone(name):
            context.meter.add(DeskFigures(context.webhooks))
            total = _until_stopped(context, name, stop, poll)
    else:
        with context.alone(name):
            total = _until_empty(context, name)
    context.screen.say(f"{total.done:,} done, {total.refused:,} refused, {total.void:,} void")
    context.screen.document(
        {"done": total.done, "refused": total.refused, "void": total.void, "stuck": dict(total.stuck)}
    )
    if total.stuck:
        raise Unavailable(
            f"the node does not take {len(total.stuck)} requests, which wait until their deadline",
            remedy="Compare the block's gas limit with what they ask for.",
        )


def _until_empty(context: Context, name: str) -> Round:
    total, outbox = Round(), SqlOutbox(context.desk)
    while True:
        found = relay_waiting(context.writer(name), context.reader, outbox, _said(context))
        total += found
        if not found:
            return total


def _until_stopped(context: Context, name: str, stop: threading.Event, poll: float) -> Round:
    total, away = Round(), False
    told = set[str]()
    while not stop.is_set():
        try:
            found = relay_waiting(context.writer(name), context.reader, SqlOutbox(context.desk), _said(context))
        except Unavailable as error:
            if not away:
                context.screen.trouble("waiting", f"waiting: {error}")
            away, found = True, Round()
        else:
            away = False
        total += found
        for digest in found.stuck.keys() - told:
            context.screen.trouble("request_stuck", f"{digest} waits: {found.stuck[digest]}", request=digest)
        told |= found.stuck.keys()
        if not found:
            stop.wait(poll)
    return total


def _said(context: Context) -> Callable[[Ending], None]:
    def say(ending: Ending) -> None:
        why = f": {ending.reason['sentence']}" if ending.reason else ""
        context.screen.say(f"{ending.digest} {ending.state}{why}")

    return say
