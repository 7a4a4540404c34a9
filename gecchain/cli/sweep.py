"""`gec sweep`: what has to be retired is retired, and what will have to be is foretold (Q79, Q80, Q96)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Final, Protocol, TypeVar

import typer

from gecchain import retirement
from gecchain.chain.writer import Writer
from gecchain.cli.context import Context
from gecchain.cli.following import index_now
from gecchain.cli.named import at_text
from gecchain.errors import Refused
from gecchain.retirement import Due
from gecchain.rules import Month, Range, RetirementReason, expires_at, number_of, token_id
from gecchain.store import connected
from gecchain.store.due import due_ranges, expiring, months_to_warn, stale_listings
from gecchain.store.views import DueRange, Page

__all__ = ["sweep"]

_PAGE: Final = 200
_SHOWN: Final = 20
_V = TypeVar("_V")


class _Query(Protocol[_V]):
    """One page of what is due at a time."""

    def __call__(self, db: Any, now: int, *, after: str | None = None, limit: int = 50) -> Page[_V]: ...


def sweep(
    call: typer.Context,
    key: Annotated[str, typer.Option("--as", help="Key that signs; any will do. The registrar's by default.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due and send nothing.")] = False,
) -> None:
    """Retire everything that has to be: expired, CCER registered and untraded, or left in a closed account.

    What is on sale of it is withdrawn first. Then the warnings of months that end within three months are given, and
    what will expire is shown. The rules want it monthly (Q80): let cron or a systemd timer run it, once a day at best.
    Nothing is done twice, and a run that was cut off is simply started again.
    """
    context: Context = call.obj
    index_now(context)
    now = context.reader.blocks([context.reader.head()])[0].time
    near = _near(context, now)
    if dry_run:
        found = list(_due(context, now))
        _foretell(context, near)
        context.screen.say(f"Due: {sum(one.end - one.start for one in found):,} certificates in {len(found):,} ranges")
        context.screen.document({"due": found, "expiring": near})
        return
    signer = key or context.roles.registrar
    with context.alone(signer):
        writer = context.writer(signer)
        withdrawn, kept = _withdraw(context, writer, now)
        index_now(context)
        done = _retire(context, writer, now)
        warned = _warn(context, writer, now)
    index_now(context)
    _report(context, withdrawn, done, warned)
    _foretell(context, near)
    refused = [*(f"lot {lot}: {why}" for lot, why in kept), *(f"{_name(due)}: {why}" for due, why in done.refused)]
    context.screen.document(
        {
            "withdrawn": withdrawn,
            "retired": {reason.slug: count for reason, count in done.retired.items()},
            "warned": [str(month) for month in warned],
            "refused": refused,
            "expiring": near,
        }
    )
    if refused:
        context.screen.table("Refused", ["what"], [(one,) for one in refused[:_SHOWN]])
        raise Refused(f"{len(refused)} ranges or lots could not be done: {refused[0]}", remedy="Run it again.")


def _withdraw(context: Context, writer: Writer, now: int) -> tuple[int, list[tuple[int, str]]]:
    lots = (one.listing for one in _pages(context, stale_listings, now))
    with context.screen.progress("withdrawing lots", None) as advance:
        return retirement.withdraw_stale(writer, context.deployment, lots, progress=advance)


def _retire(context: Context, writer: Writer, now: int) -> retirement.Swept:
    due = (Due(one.batch, Range(one.start, one.end)) for one in _due(context, now))
    with context.screen.progress("retiring what is due", None) as advance:
        return retirement.sweep(writer, context.deployment, due, progress=advance)


def _warn(context: Context, writer: Writer, now: int) -> list[Month]:
    """Months whose warning was given now; another sweep may have been faster."""
    with connected(context.projection) as db:
        months = [Month(index) for index in months_to_warn(db, now)]
    given = []
    for month in months:
        try:
            retirement.warn(writer, context.deployment, month)
        except Refused as error:
            if error.reason != "WarnedAlready":
                raise
        else:
            given.append(month)
    return given


def _due(context: Context, now: int) -> Iterator[DueRange]:
    return _pages(context, due_ranges, now)


def _pages(context: Context, query: _Query[_V], now: int) -> Iterator[_V]:
    after: str | None = None
    while True:
        with connected(context.projection) as db:
            page = query(db, now, after=after, limit=_PAGE)
        yield from page.items
        if page.next is None:
            return
        after = page.next


def _near(context: Context, now: int) -> dict[str, int]:
    """Certificates alive by production month that ends within three months."""
    found: Counter[int] = Counter()
    for one in _pages(context, expiring, now):
        found[one.month] += one.end - one.start
    return {str(Month(month)): count for month, count in sorted(found.items())}


def _report(context: Context, withdrawn: int, done: retirement.Swept, warned: list[Month]) -> None:
    by_reason = [f"{done.retired[reason]:,} {reason.label.en}" for reason in RetirementReason if reason in done.retired]
    context.screen.say(f"Withdrawn from sale: {withdrawn:,} lots. Retired: {', '.join(by_reason) or 'nothing'}.")
    if warned:
        context.screen.say(f"Warned of the end of: {', '.join(map(str, warned))}")


def _foretell(context: Context, near: dict[str, int]) -> None:
    rows = [(month, f"{count:,}", at_text(expires_at(Month.parse(month)))) for month, count in near.items()]
    if rows:
        context.screen.table(
            "To expire within three months (Q96)", ["produced in", "certificates", "valid until"], rows
        )


def _name(due: Due) -> str:
    return f"{number_of(token_id(due.batch, due.serials.start))} and {len(due.serials) - 1:,} more"
