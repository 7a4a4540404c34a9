"""`gec declare` and `gec declarations`: readings that nobody pushes, declared with evidence and checked twice (Q26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gecchain.chain.declared import Declaration, declarations_of
from gecchain.chain.views import View
from gecchain.cli.attached import attach, attach_list
from gecchain.cli.context import Context
from gecchain.cli.named import at_text, require_choice
from gecchain.declaring import DraftTable, check_again, check_first, declare, drafts_in, undeclared
from gecchain.errors import BadInput, NotFound, Refused
from gecchain.oracle.reading import kwh_text
from gecchain.rules import DeclarationStage, Month, ProjectKey

__all__ = ["app", "declare_table"]

app = typer.Typer(
    help="""Declared readings (申报电量, Q26, Q33): see what waits, check it, and check it again.

What passes both checks is issued with its month: gec issue --month.""",
    no_args_is_help=True,
)
_SHOWN: Final = 20
_STAGES: Final = ("declared", "checked", "accepted", "sent_back")
_Month = Annotated[str, typer.Option("--month", help="Production month, for instance 2026-09.")]
_Chosen = Annotated[
    list[str] | None, typer.Argument(metavar="[DECLARATION]...", help="Their hashes, or the first digits; all if none.")
]
_SendBack = Annotated[bool, typer.Option("--send-back", help="Back to who declared it; needs a reason.")]
_Reason = Annotated[str, typer.Option(help="Why. Public.")]


def declare_table(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="Table: CSV, XLSX or JSON.")],
    key: Annotated[str, typer.Option("--as", help="Key of the owner's operator, or of its agent's.")],
) -> None:
    """Declare a table of readings, as the owner or its agent (Q26, Q33).

    Columns: project, month, class, kwh (at most three decimals), evidence, and sheet if there is one. An evidence cell
    names files beside the table, or hashes of the evidence room, with semicolons between them: the settlement sheet and
    the meter certificate. They go into the evidence room. Rows that are refused are shown with code, row, field, value
    and remedy, and the others go on; what was declared before is left alone.
    """
    context: Context = call.obj
    sender = context.signer(key).address
    table = _read(context, file)
    _show_refusals(context, table)
    with context.alone(key):
        writer = context.writer(key)
        writer.resume()
        new = undeclared(context.reader, table.drafts, sender)
        with context.screen.progress("declaring", len(new)) as advance:
            receipts = declare(writer, context.reader, new, progress=advance)
    context.screen.say(f"{len(new)} declared, {len(table.drafts) - len(new)} before, {len(table.refusals)} refused")
    context.screen.document(
        {
            "declared": ["0x" + draft.id.hex() for draft in new],
            "before": len(table.drafts) - len(new),
            "transactions": [receipt.transaction for receipt in receipts],
            "refused": [
                {"row": one.row, "code": one.code.name, "field": one.field, "value": one.value, "remedy": one.remedy}
                for one in table.refusals
            ],
        }
    )
    if table.refusals:
        raise Refused(f"{len(table.refusals)} rows were refused", remedy="Correct them and declare the file again.")


@app.command("list")
def list_declarations(
    call: typer.Context,
    month: Annotated[str, typer.Option("--month", help="Only this production month.")] = "",
    stage: Annotated[str, typer.Option(help="declared, checked, accepted or sent_back.")] = "",
) -> None:
    """Declarations and where they stand, with energy, evidence, and why they were sent back."""
    context: Context = call.obj
    if stage:
        require_choice("stage", stage, _STAGES)
    found = declarations_of(context.reader, Month.parse(month) if month else None)
    found = [one for one in found if not stage or one.stage.slug == stage]
    rows = [
        (
            one.id[:12],
            at_text(one.declared_at),
            _code(one),
            one.month,
            one.reading.electricity.slug,
            kwh_text(one.reading.wh),
            one.stage.label.en,
            one.reason,
            one.evidence,
        )
        for one in found
    ]
    columns = ["declaration", "declared", "project", "month", "class", "kWh", "stage", "reason", "evidence"]
    context.screen.table("Declarations", columns, rows)
    context.screen.document([_document(one) for one in found])


@app.command("check")
def first_check(
    call: typer.Context, month: _Month, declarations: _Chosen = None, send_back: _SendBack = False, reason: _Reason = ""
) -> None:
    """First check (初核), as the information centre: pass declarations of a month on, or send them back."""
    context: Context = call.obj
    found = _chosen(context, month, declarations, DeclarationStage.DECLARED)
    key = context.roles.information_centre
    with context.alone(key):
        receipts = check_first(context.writer(key), context.reader, found, not send_back, reason)
    _tell(context, found, "sent back" if send_back else "passed the first check")
    context.screen.document({"checked": len(found), "transactions": [one.transaction for one in receipts]})


@app.command("recheck")
def second_check(
    call: typer.Context, month: _Month, declarations: _Chosen = None, send_back: _SendBack = False, reason: _Reason = ""
) -> None:
    """Second check (复核), as the authority: what passes is committed and can be issued; 256 readings a commitment."""
    context: Context = call.obj
    found = _chosen(context, month, declarations, DeclarationStage.CHECKED)
    key = context.roles.authority
    with context.alone(key):
        done = check_again(context.writer(key), context.reader, found, not send_back, reason)
    _tell(context, found, "sent back" if send_back else "passed the second check")
    context.screen.document({"checked": len(found), "commitments": done.commitments, "transactions": done.transactions})


def _read(context: Context, file: Path) -> DraftTable:
    @cache
    def owner_of(project: int) -> str:
        return str(context.reader.view(View("registry", "project", (project,)))[0][0])

    def evidence_of(cell: str, owner: str) -> bytes | None:
        names = [name.strip() for name in cell.replace("；", ";").split(";") if name.strip()]
        digests = [_attached(context, file.parent, name, owner) for name in names]
        known = [digest for digest in digests if digest is not None]
        if not known or len(known) < len(digests):
            return None
        return known[0] if len(known) == 1 else attach_list(context, known, owner)

    issued, now = context.projects.issued, datetime.now(UTC)
    return drafts_in(file, context.projects, owner_of, evidence_of, now, issued=issued)


def _attached(context: Context, folder: Path, name: str, owner: str) -> bytes | None:
    """The hash of a file beside the table, never of one elsewhere, or a hash that is in the room; None for neither."""
    path = (folder / name).resolve()
    beside = path.is_relative_to(folder.resolve()) and path.is_file()
    try:
        return attach(context, str(path) if beside else name if name.startswith("0x") else "", owner)
    except BadInput:
        return None


def _chosen(
    context: Context, month: str, declarations: Sequence[str] | None, stage: DeclarationStage
) -> list[Declaration]:
    """Those of the month at that stage; of the named ones each must be there, once."""
    waiting = [one for one in declarations_of(context.reader, Month.parse(month)) if one.stage == stage]
    found = []
    for name in declarations or []:
        fitting = [one for one in waiting if len(name) > len("0x") and one.id.startswith(name.lower())]
        if len(fitting) != 1:
            raise BadInput(
                f"{len(fitting) or 'no'} declarations of {month} that wait for this check begin so",
                field="declaration",
                value=name,
                remedy="See gec declarations list.",
            )
        found += fitting
    if not waiting:
        raise NotFound(f"no declaration of {month} waits for this check", remedy="See gec declarations list.")
    return found or waiting


def _code(one: Declaration) -> str:
    return ProjectKey.from_id(one.reading.project).code


def _show_refusals(context: Context, table: DraftTable) -> None:
    rows = [(one.row, one.code.name, one.field, one.value, one.remedy) for one in table.refusals[:_SHOWN]]
    if rows:
        context.screen.table("Refused", ["row", "code", "field", "value", "remedy"], rows)


def _tell(context: Context, found: Sequence[Declaration], what: str) -> None:
    energy = sum(one.reading.wh for one in found)
    context.screen.say(f"{len(found)} declarations ({kwh_text(energy)} kWh) {what}")


def _document(one: Declaration) -> dict[str, Any]:
    return {
        "declaration": one.id,
        "month": str(one.month),
        "project": _code(one),
        "electricity": one.reading.electricity.slug,
        "wh": one.reading.wh,
        "owner": one.owner,
        "caller": one.caller,
        "evidence": one.evidence,
        "declared_at": one.declared_at,
        "stage": one.stage.slug,
        "reason": one.reason,
    }
