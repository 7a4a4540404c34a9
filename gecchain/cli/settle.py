"""`gec settle`: an exchange's table of green-power settlements, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.parties import account_of_code
from gecchain.cli.refused import only_one, refusal_document, show_refused, write_refused
from gecchain.errors import Refused
from gecchain.oracle.contract_months import ContractMonth, read_contract_months
from gecchain.oracle.reading import Refusal
from gecchain.oracle.source import survey
from gecchain.settlement import Outcome, Status, plan_settlement, settle

__all__ = ["settle_table"]

_SHOWN = 20


def settle_table(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="Settlement table: CSV, XLSX or JSON (docs/data-formats.md).")],
    exchange: Annotated[str, typer.Option(help="Exchange that reports; may be left out if roles.json has one.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be settled and send nothing.")] = False,
    refused: Annotated[Path | None, typer.Option(help="Write rows that cannot be read, with reasons, here.")] = None,
) -> None:
    """Settle green-power contracts' months (绿色电力交易结算, Q46): the certificates move with the electricity.

    Each row moves the smallest of contract, fed-in and consumed energy in whole certificates from the project's owner
    to the buyer. A row that is refused stops no other; the same table again settles nothing twice.
    """
    context: Context = call.obj
    key = only_one(context.roles.exchanges, "exchange", exchange)
    rows, refusals = _read(context, file)
    if refused is not None:
        write_refused(refused, refusals)
    if dry_run:
        planned, outcomes = plan_settlement(context.reader, rows)
        outcomes += [_foreseen(one.row) for one in planned]
    else:
        with (
            context.alone(key),
            context.screen.progress(f"settling {file.name}", len(rows)) as advance,
        ):
            outcomes = settle(context.writer(key), context.reader, rows, advance)
    _show(context, sorted(outcomes, key=lambda one: one.row), refusals)


def _read(context: Context, file: Path) -> tuple[list[ContractMonth], list[Refusal]]:
    batches = read_contract_months(survey(file), account_of_code(context))
    parsed = [one for batch in batches for one in batch]
    rows = [one for one in parsed if isinstance(one, ContractMonth)]
    refusals = [one for one in parsed if isinstance(one, Refusal)]
    return ([] if any(one.row == 0 for one in refusals) else rows), refusals


def _foreseen(row: ContractMonth) -> Outcome:
    return Outcome(row.row, row.contract, row.project.code, str(row.month), Status.PLANNED, row.quantity)


def _show(context: Context, outcomes: Sequence[Outcome], refusals: Sequence[Refusal]) -> None:
    counts = Counter(one.status for one in outcomes)
    moved = sum(one.certificates for one in outcomes if one.status in (Status.SETTLED, Status.PLANNED))
    rows = list(_rows(outcomes))
    columns = ["row", "contract", "project", "month", "outcome", "certificates", "why", "remedy"]
    title = f"Rows (the first {_SHOWN} of {len(rows)})" if len(rows) > _SHOWN else "Rows"
    context.screen.table(title, columns, rows[:_SHOWN])
    show_refused(context, refusals)
    context.screen.say(
        f"{moved:,} certificates; rows: "
        + ", ".join(f"{count} {status}" for status, count in counts.items())
        + f", {len(refusals)} not readable"
    )
    unreadable = [refusal_document(one) for one in refusals]
    context.screen.document({"certificates": moved, "rows": outcomes, "unreadable": unreadable})
    failed = [one for one in outcomes if one.status is Status.REFUSED]
    if failed or refusals:
        first = failed[0].why if failed else refusals[0].code.en
        raise Refused(
            f"{len(failed) + len(refusals)} rows were not settled; the first: {first}",
            reason=failed[0].reason if failed else refusals[0].code.name,
            remedy="Correct them and hand the table in again: what is settled stays so.",
        )


def _rows(outcomes: Sequence[Outcome]) -> Iterator[tuple[object, ...]]:
    """Those with something to say first."""
    for one in sorted(outcomes, key=lambda one: (one.status is not Status.REFUSED, one.row)):
        number = f"{one.certificates:,}"
        yield one.row, one.contract, one.project_code, one.month, one.status, number, one.why, one.remedy
