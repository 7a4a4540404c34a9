"""`gec bench`: files to measure and rehearse with. What is measured with them is in bench/ (`make bench`)."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.errors import BadInput
from gecchain.national import write_month
from gecchain.rules import Month

__all__ = ["app"]

app = typer.Typer(help="Made-up files of any size, to measure and rehearse with.", no_args_is_help=True)


@app.command("national-month")
def national_month(
    call: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder to write to; it must be empty or not there yet.")],
    projects: Annotated[
        int, typer.Option(min=1, max=5_000_000, help="How many projects; January 2026: 832,000.")
    ] = 8320,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    month: Annotated[str, typer.Option(help="Production month.")] = "2026-01",
) -> None:
    """Write the filings and one month's readings of a made-up country, as its provinces would push them.

    Filings are CSV; readings are CSV and Parquet in parts of 50,000 rows, with one bad row in a thousand, of every
    kind. expected.json says what must come of them. How projects spread is told in gecchain/national/country.py.
    """
    context: Context = call.obj
    if folder.exists() and any(folder.iterdir()):
        raise BadInput("the folder is not empty", field="folder", value=str(folder), remedy="Name another one.")
    with context.screen.progress("writing a country", projects) as advance:
        written = write_month(folder, projects, Month.parse(month), seed, advance)
    refused = sum(written.refused.values())
    files = len(written.filings) + sum(map(len, written.readings.values()))
    context.screen.say(
        f"{files} files in {folder}: {written.projects:,} projects, {written.good:,} readings of "
        f"{written.wh / 1e6:,.0f} MWh, {refused:,} rows to be refused"
    )
    context.screen.document(asdict(written))
