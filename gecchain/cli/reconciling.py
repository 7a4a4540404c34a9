"""`gec reconcile`: what came in of a month and what became of it, to the Wh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.errors import BrokenProof
from gecchain.reconciling import MonthBalance, balance
from gecchain.rules import Month, province_label
from gecchain.store import connected
from gecchain.store.indexing import Projection
from gecchain.store.months import indexed_month

__all__ = ["reconcile"]

_COLUMNS = ("province", "read", "kWh read", "issued", "kWh issued", "batches", "certificates", "kWh carried", "added")


def reconcile(
    call: typer.Context,
    month: Annotated[str, typer.Option(help="Production month, for instance 2026-09.")],
) -> None:
    """The balance of a month (月度对账): read, refused, committed, issued, carried, by province and to the Wh.

    Run gec index first. What is read and not committed, or committed and not issued, is told as left to do. Exit status
    1 if it does not balance; gec fsck then says where chain and index differ.
    """
    context: Context = call.obj
    production = Month.parse(month)
    at = Projection(context.projection).cursor()
    if at is None:
        raise BrokenProof("Nothing is indexed yet.", where="cursor", remedy="Run gec index.")
    read = context.readings.read(production)
    with connected(context.projection) as db:
        found = balance(production, at.block, read, indexed_month(db, production))
    _show(context, found)
    context.screen.document(asdict(found) | {"balances": found.balances})
    if not found.balances:
        raise BrokenProof(
            f"{month} does not balance", where=found.differences[0], remedy="Run gec fsck to see what is wrong."
        )


def _show(context: Context, found: MonthBalance) -> None:
    rows = [
        (
            *(province_label(one.province).en, f"{one.read:,}", _kwh(one.read_wh)),
            *(f"{one.issued:,}", _kwh(one.issued_wh), f"{one.batches:,}", f"{one.certificates:,}"),
            *(_kwh(one.carried_wh), f"{one.added:,}"),
        )
        for one in found.provinces
    ]
    say = context.screen.say
    context.screen.table(f"{found.month} as of block {found.block:,}", list(_COLUMNS), rows)
    say(f"read       {found.read:,} readings, {_kwh(found.read_wh)} kWh; {_counts(found.refused_rows)} refused")
    say(f"declared   {found.declared:,} readings that passed both checks, {_kwh(found.declared_wh)} kWh")
    say(f"committed  {found.committed:,} readings, {_kwh(found.committed_wh)} kWh")
    say(f"issued     {found.issued:,} readings, {_kwh(found.issued_wh)} kWh")
    say(f"minted     {found.certificates:,} certificates in {found.batches:,} batches, {found.added:,} added by cases")
    say(f"carried    {_kwh(found.carried_wh)} kWh to later months, less what earlier ones had left")
    if found.uncommitted or found.uncommitted_wh:
        say(f"left to do {found.uncommitted:,} readings, {_kwh(found.uncommitted_wh)} kWh to commit")
    if found.waiting:
        say(f"left to do {found.waiting:,} readings to issue; {_counts(found.refused_leaves)} refused by the contract")
    for difference in found.differences:
        say(f"WRONG      {difference}")
    if found.balances:
        say("It balances to the Wh.")


def _kwh(wh: int) -> str:
    return f"{Decimal(wh) / 1000:,.3f}"


def _counts(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{count:,} {code}" for code, count in counts.items())
    return f"{sum(counts.values()):,} ({told})" if told else "none"
