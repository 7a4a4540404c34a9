"""`gec issue`: plan a month, then commit and issue it, then report."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated, Any

import typer

from gecchain.cli.context import Context
from gecchain.errors import Refused
from gecchain.issuance import Plan, Report, SourceFiles, issue_month, plan_month
from gecchain.rules import Month
from gecchain.rules.parameters import WH_PER_CERTIFICATE

__all__ = ["issue", "issue_one", "source_files"]

_SHOWN = 20


def issue(
    call: typer.Context,
    month: Annotated[str, typer.Option(help="Production month, for instance 2026-09.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write every batch and refusal to this CSV file.")] = None,
) -> None:
    """Issue a month's certificates (核发) from readings taken in, and declared ones that passed both checks.

    The plan comes first: projects, certificates, carry, and what would be refused. Then the providers' keys commit
    their readings and the authority's key issues. Cut off at any point and run again, it completes; nothing is minted
    twice.
    """
    context: Context = call.obj
    production = Month.parse(month)
    if dry_run:
        plan = plan_month(context.readings, context.reader, production)
        _show_plan(context, plan)
        context.screen.document(_plan_document(plan))
        return
    done = issue_one(context, production)
    if report is not None:
        _write(report, done)
    _show_report(context, done)
    context.screen.document(_report_document(done))
    if done.minted < done.asked:
        raise Refused(
            f"{done.asked - done.minted} certificates that were planned were not minted", remedy="Run it again."
        )


def issue_one(context: Context, month: Month) -> Report:
    """Resume what is on its way, plan, and issue one month with the keys of roles.json."""
    roles = context.roles
    with context.alone(roles.authority):
        authority = context.writer(roles.authority)
        providers = {name: context.writer(key) for name, key in roles.providers.items()}
        for writer in (*providers.values(), authority):
            writer.resume()
        plan = plan_month(context.readings, context.reader, month)
        _show_plan(context, plan)
        with context.screen.progress(f"issuing {month}", len(plan.open_lines)) as advance:
            evidence_of = source_files(context).evidence_of
            return issue_month(
                plan,
                context.readings,
                authority,
                providers,
                context.reader,
                evidence_of=evidence_of,
                progress=advance,
            )


def source_files(context: Context) -> SourceFiles:
    """The files that readings came from, in the evidence room."""
    return SourceFiles(context.settings.evidence_location, context.settings.home / "sources")


def _show_plan(context: Context, plan: Plan) -> None:
    energy = sum(line.reading.wh for line in plan.open_lines)
    context.screen.say(
        f"{plan.month}: {len(plan.lines)} readings, {sum(line.issued for line in plan.lines)} issued before; to issue "
        f"{plan.certificates:,} certificates for {len(plan.open_lines)} readings "
        f"({energy // WH_PER_CERTIFICATE.value:,} MWh), carry {plan.carry / 1_000_000:,.3f} MWh; "
        f"refused {len(plan.refused_lines)}"
    )
    rows = [(line.reading.code, line.refusal.label.en) for line in plan.refused_lines[:_SHOWN] if line.refusal]
    if rows:
        context.screen.table("Refused", ["project", "why"], rows)


def _show_report(context: Context, report: Report) -> None:
    context.screen.say(
        f"{report.month}: asked for {report.asked:,}, minted {report.minted:,} certificates in {len(report.batches)} "
        f"batches and {len(report.transactions)} transactions; {report.issued_before} readings were issued before"
    )
    rows = [(batch.first_number, f"0 to {batch.count - 1:,}", batch.transaction) for batch in report.batches[:_SHOWN]]
    if rows:
        title = f"Batches (the first {_SHOWN} of {len(report.batches)})" if len(report.batches) > _SHOWN else "Batches"
        context.screen.table(title, ["first certificate", "serials", "transaction"], rows)


def _plan_document(plan: Plan) -> dict[str, Any]:
    return {
        "month": str(plan.month),
        "readings": len(plan.lines),
        "issued_before": sum(line.issued for line in plan.lines),
        "to_issue": len(plan.open_lines),
        "certificates": plan.certificates,
        "carry_wh": plan.carry,
        "refused": [
            {"project": line.reading.code, "reason": line.refusal.slug} for line in plan.refused_lines if line.refusal
        ],
    }


def _report_document(report: Report) -> dict[str, Any]:
    return {
        "month": str(report.month),
        "asked": report.asked,
        "minted": report.minted,
        "issued_before": report.issued_before,
        "batches": [
            {
                "project": batch.project_code,
                "first_number": batch.first_number,
                "start": 0,
                "end": batch.count,
                "holder": batch.holder,
                "transaction": batch.transaction,
            }
            for batch in report.batches
        ],
        "refused": [{"project": place, "reason": reason.slug} for place, reason in report.refused],
        "transactions": list(report.transactions),
    }


def _write(path: Path, report: Report) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("project", "first_number", "start", "end", "holder", "transaction", "refused"))
        for batch in report.batches:
            row = (batch.project_code, batch.first_number, 0, batch.count, batch.holder, batch.transaction, "")
            writer.writerow(row)
        for place, reason in report.refused:
            writer.writerow((place, "", "", "", "", "", reason.slug))
