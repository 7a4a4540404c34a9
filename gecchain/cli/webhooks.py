"""`gec webhooks`: sends events to whoever subscribed to them."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Annotated, Any

import typer

from gecchain.cli.context import Context
from gecchain.cli.stopping import ending_well
from gecchain.errors import BadInput, Unavailable
from gecchain.hooking import WAITS, Sender, Tally, Worker
from gecchain.metrics import DeskFigures
from gecchain.store.hooks import Shelf, only_worker
from gecchain.store.views import EventView

__all__ = ["webhooks"]


def webhooks(
    call: typer.Context,
    follow_on: Annotated[bool, typer.Option("--follow", help="Stay and send what comes in until stopped.")] = False,
    poll: Annotated[float, typer.Option(min=0.05, help="Seconds between looks for new events.")] = 0.5,
    at_once: Annotated[int, typer.Option(min=1, max=2000, help="How many receivers at the same time.")] = 256,
    timeout: Annotated[float, typer.Option(min=0.1, max=120, help="Seconds that a receiver may take.")] = 15.0,
    waits: Annotated[
        str, typer.Option(help="Seconds before each further try of a message; after the last it is a dead letter.")
    ] = " ".join(map(str, WAITS)),
) -> None:
    """Send the index's events to those who subscribed to them (POST /v1/webhooks).

    Each subscription gets its events in the chain's order, each at least once, under a webhook-id that stays the same.
    Kill it at any time; the next run goes on where it stopped. A second worker waits until the first has ended.
    """
    context: Context = call.obj
    seconds = _waits(waits)
    tally = Tally()
    with _staying(context) if follow_on else nullcontext():
        tally = asyncio.run(_run(context, follow_on, poll, at_once, timeout, seconds))
    context.screen.say(
        f"{tally.delivered:,} delivered, {tally.failed:,} tries failed, {tally.letters:,} dead letters, "
        f"{tally.dead:,} subscriptions died"
    )
    context.screen.document(tally)


@contextmanager
def _staying(context: Context) -> Iterator[None]:
    context.meter.add(DeskFigures(context.webhooks))
    with ending_well("webhooks"), context.meter.listening(), context.meter.offered(context.settings.metrics):
        yield


async def _run(
    context: Context, follow: bool, poll: float, at_once: int, timeout: float, waits: tuple[int, ...]
) -> Tally:
    stop = asyncio.Event()
    if follow:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    shelf = Shelf(context.webhooks, context.projection)
    sender = Sender(private=context.settings.webhook_private, timeout=timeout, at_once=at_once)
    tally, waiting = Tally(), False
    try:
        while not stop.is_set():
            try:
                with only_worker(context.webhooks) as held:
                    worker = Worker(
                        shelf,
                        sender,
                        _document(),
                        waits=waits,
                        at_once=at_once,
                        clock=time.time,
                        told=partial(context.screen.trouble, "webhook_trouble"),
                        held=held,
                        tally=tally,
                    )
                    return await worker.run(stop, follow=follow, poll=poll)
            except Unavailable as error:
                if not follow:
                    raise
                if not waiting:
                    context.screen.trouble("waiting", f"waiting: {error}")
                waiting = True
                await _pause(stop, max(poll, 1.0))
    finally:
        await sender.close()
    return tally


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def _document() -> Callable[[EventView], Any]:
    """An event as `GET /v1/events` shows it, so that one reader serves for both."""
    from api.cursors import closed
    from api.shapes import event_answer

    def document(view: EventView) -> Any:
        return event_answer(view, closed("event", view.cursor) or "").model_dump(mode="json")

    return document


def _waits(text: str) -> tuple[int, ...]:
    words = text.replace(",", " ").split()
    if not words or not all(word.isdecimal() and int(word) <= 7 * 86_400 for word in words):
        raise BadInput(
            "these are no waits", field="waits", value=text, remedy="Give whole seconds, for instance '5 30 300'."
        )
    return tuple(map(int, words))
