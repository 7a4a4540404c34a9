"""`gec ingest` takes files of readings in; `gec refusals` shows what was refused and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gecchain.cli.context import Context
from gecchain.cli.issue import source_files
from gecchain.cli.register import RegisterAt
from gecchain.errors import BadInput
from gecchain.events import NO_ACCOUNT
from gecchain.oracle.codes import Code
from gecchain.oracle.intake import Intake, SeriesOrigin, take_in, take_in_all, take_in_series
from gecchain.oracle.interval_series import SeriesShape
from gecchain.oracle.interval_values import Unit
from gecchain.rules import Electricity, ProjectKey
from gecchain.store.intake import KeptRefusal

__all__ = ["ingest", "refusals", "show_intake", "take_series", "take_table", "take_tables"]

refusals = typer.Typer(help="Refused rows: list them, export them, hand them in corrected.", no_args_is_help=True)
_SHOWN = 20
_STATUSES = ("open", "resolved", "superseded")


def ingest(
    call: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(help="Settlement tables (CSV, XLSX, Parquet, JSON); with --project, interval series."),
    ],
    provider: Annotated[str, typer.Option(help="Data provider who hands it in.")] = "",
    project: Annotated[str, typer.Option(help="Project code of an interval series.")] = "",
    electricity: Annotated[str, typer.Option("--class", help="Class of an interval series.")] = "on_grid",
    sheet: Annotated[str, typer.Option(help="Sheet or meter number of an interval series.")] = "",
    unit: Annotated[str, typer.Option(help="Unit of an interval series: W, kW or kWh.")] = "",
    minutes: Annotated[int, typer.Option(help="Interval in minutes, if it cannot be told.")] = 0,
    zone: Annotated[str, typer.Option(help="Time zone of times without offset, for instance Asia/Shanghai.")] = "",
    stamped_at_end: Annotated[bool, typer.Option(help="A time is the end of its interval.")] = False,
    shift_years: Annotated[int, typer.Option(help="Move all times, for demonstration; the reading says so.")] = 0,
) -> None:
    """Take readings in. Good rows go on; refused rows are kept with code, row, field, value and remedy.

    The same file twice changes nothing. A revised reading replaces the earlier one until its month is issued.
    Formats: docs/data-formats.md.
    """
    context: Context = call.obj
    if len(files) > 1:
        _ingest_all(context, files, provider, project)
        return
    (file,) = files
    if project:
        origin = SeriesOrigin(ProjectKey.parse(project), Electricity.of_slug(electricity), provider, sheet or file.stem)
        shape = SeriesShape(
            unit=_unit(unit) if unit else None,
            minutes=minutes or None,
            zone=zone,
            stamped_at_end=stamped_at_end,
            shift_years=shift_years,
        )
        taken = take_series(context, file, origin, shape)
    else:
        taken = take_table(context, file, provider)
    show_intake(context, taken)


def _ingest_all(context: Context, files: Sequence[Path], provider: str, project: str) -> None:
    """Take tables in one after the other; one that is refused as a whole does not stop the others."""
    if project:
        raise BadInput("a series is one file", field="project", value=project, remedy="Hand series in one by one.")
    taken = take_tables(context, files, provider)
    total = Counter[str]()
    for one in taken:
        total.update(one.refusals)
    words = ("rows", "accepted", "replaced", "unchanged", "refused")
    sums = {word: sum(getattr(one, word) for one in taken) for word in words}
    context.screen.say(f"{len(files)} files: " + ", ".join(f"{count:,} {word}" for word, count in sums.items()))
    if total:
        context.screen.table("Refused, by code (see gec refusals list)", ["code", "rows"], sorted(total.items()))
    context.screen.document({"files": [asdict(one) for one in taken], "sums": sums, "refused": dict(total)})
    broken = [one.name for one in taken if one.broken]
    if broken:
        raise BadInput(
            "files were refused as a whole", field="file", value=", ".join(broken), remedy="gec refusals list"
        )


def take_tables(context: Context, files: Sequence[Path], provider: str) -> list[Intake]:
    """Take settlement tables in, in their order, while a second process reads ahead."""
    taken = []
    with context.screen.progress(f"taking in {len(files)} files", len(files)) as advance:
        for one in take_in_all(
            _kept(context, files, provider),
            context.sink,
            context.projects,
            datetime.now(UTC),
            open_register=RegisterAt(context.settings),
            provider=provider,
            issued=context.projects.issued,
        ):
            taken.append(one)
            advance(1)
    return taken


def take_table(context: Context, file: Path, provider: str) -> Intake:
    """Take a settlement table in; the file goes into the evidence room first."""
    _keep(context, file, provider)
    with context.screen.progress(f"reading {file.name}", None) as advance:
        return take_in(
            file,
            context.sink,
            context.projects,
            datetime.now(UTC),
            provider=provider,
            issued=context.projects.issued,
            progress=_differences(advance),
        )


def take_series(context: Context, file: Path, origin: SeriesOrigin, shape: SeriesShape) -> Intake:
    """Take an interval series in; the file goes into the evidence room first."""
    _keep(context, file, origin.provider)
    with context.screen.progress(f"reading {file.name}", None) as advance:
        return take_in_series(
            file,
            context.sink,
            context.projects,
            datetime.now(UTC),
            origin=origin,
            shape=shape,
            issued=context.projects.issued,
            progress=_differences(advance),
        )


def show_intake(context: Context, taken: Intake) -> None:
    """What became of a file."""
    known = " (taken in before: nothing changed)" if taken.known else ""
    context.screen.say(
        f"{taken.name}: {taken.rows:,} rows, {taken.accepted:,} accepted, {taken.replaced:,} revised, "
        f"{taken.unchanged:,} unchanged, {taken.refused:,} refused{known}"
    )
    rows = [(code, count) for code, count in taken.refusals.items()]
    if rows:
        context.screen.table("Refused, by code (see gec refusals list)", ["code", "rows"], rows)
    notes = [(note.code.name, note.row or "", note.field, note.value) for note in taken.notices[:_SHOWN]]
    if notes:
        context.screen.table("Noted", ["code", "row", "field", "value"], notes)
    context.screen.document(asdict(taken))
    if taken.broken:
        raise BadInput("the file as a whole was refused", field="file", value=taken.name, remedy="gec refusals list")


@refusals.command("list")
def list_refusals(
    call: typer.Context,
    code: Annotated[str | None, typer.Option(help="Only this code.")] = None,
    status: Annotated[str, typer.Option(help="open, resolved or superseded.")] = "open",
    limit: Annotated[int, typer.Option(help="How many at most.")] = 50,
) -> None:
    """Refused rows with code, row, field, value and remedy."""
    context: Context = call.obj
    if status not in _STATUSES:
        raise BadInput("no such status", field="status", value=status, remedy=f"One of {', '.join(_STATUSES)}.")
    if code is not None and code not in Code.__members__:
        raise BadInput("no such code", field="code", value=code, remedy="They are listed in docs/data-formats.md.")
    found: list[KeptRefusal] = []
    for refusal in context.refusals.listed(status=status, code=code):
        if len(found) == limit:
            break
        found.append(refusal)
    rows = [(one.id, one.code.name, one.row, one.field, one.value, one.remedy) for one in found]
    context.screen.table("Refusals", ["id", "code", "row", "field", "value", "remedy"], rows)
    context.screen.document([{**asdict(one), "code": one.code.name, "raw": dict(one.raw)} for one in found])


@refusals.command("export")
def export_refusals(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file to write: correct it and hand it to gec ingest.")],
) -> None:
    """Write open refusals in the shape they came in, with the reasons, ready to be corrected and handed in again."""
    context: Context = call.obj
    count = context.refusals.export(file)
    context.screen.say(f"{count} rows written to {file}")
    context.screen.document({"rows": count, "file": str(file)})


def _kept(context: Context, files: Sequence[Path], provider: str) -> Iterator[Path]:
    for file in files:
        _keep(context, file, provider)
        yield file


def _keep(context: Context, file: Path, provider: str) -> None:
    """Put the file into the evidence room, handed in by the provider's account; what is none is refused later."""
    if file.is_file() and file.stat().st_size:
        source_files(context).take(file, context.roles.accounts.get(provider, NO_ACCOUNT))


def _unit(text: str) -> Unit:
    for unit in Unit:
        if text.lower() == unit.value.lower():
            return unit
    raise BadInput("the unit is W, kW or kWh", field="unit", value=text)


def _differences(advance: Callable[[int], None]) -> Callable[[int], None]:
    done = 0

    def so_far(rows: int) -> None:
        nonlocal done
        advance(rows - done)
        done = rows

    return so_far
