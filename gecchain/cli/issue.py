"""`gec issue`: plan a month, then commit and issue it, then report."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gecchain.cli.context import Context
from gecchain.errors import Refused
from gecchain.issuance import IssuedBatch, OnBatch, Plan, Report, SourceFiles, issue_month, plan_month
from gecchain.rules import Month
from gecchain.rules.parameters import WH_PER_CERTIFICATE

__all__ = ["issue", "issue_one", "source_files"]

_SHOWN = 20
_WAITING = ["commitment", "provider", "readings", "certificates", "approvals", "needed"]


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

    Where officers must approve (gec roles quorum), what too few have approved is committed and not issued: they run
    gec approve, and this is run again. Exit status 1 as long as something waits for them.
    """
    context: Context = call.obj
    production = Month.parse(month)
    if dry_run:
        plan = plan_month(context.readings, context.reader, production)
        _show_plan(context, plan)
        _show_waiting(
            context,
            [
                (
                    lot.number or "to be made",
                    lot.provider,
                    len(lot.open_ids),
                    lot.certificates,
                    lot.approvals,
                    plan.quorum,
                )
                for lot in plan.waiting
            ],
        )
        context.screen.document(_plan_document(plan))
        return
    first: list[IssuedBatch] = []
    with _written(report) as write:

        def on_batch(batch: IssuedBatch) -> None:
            first.extend([batch][: _SHOWN - len(first)])
            write(batch.project_code, batch.first_number, 0, batch.count, batch.holder, batch.transaction, "")

        done = issue_one(context, production, on_batch)
        for place, reason in done.refused:
            write(place, "", "", "", "", "", reason.slug)
    _show_report(context, done, first)
    context.screen.document(_report_document(done, first))
    if done.minted < done.asked:
        raise Refused(
            f"{done.asked - done.minted} certificates that were planned were not minted", remedy="Run it again."
        )
    if done.waiting:
        numbers = ", ".join(str(one.commitment) for one in done.waiting)
        raise Refused(
            f"{sum(one.certificates for one in done.waiting):,} certificates wait for officers to approve commitments "
            f"{numbers}",
            reason="ApprovalsMissing",
            remedy=f"Each officer: gec approve --month {production} --as KEY; then issue again.",
        )


def issue_one(context: Context, month: Month, on_batch: OnBatch = lambda _batch: None) -> Report:
    """Resume what is on its way, plan, and issue one month with the keys of roles.json."""
    roles = context.roles
    with context.alone(roles.authority):
        authority = context.writer(roles.authority)
        providers = {name: context.writer(key) for name, key in roles.providers.items()}
        for writer in (*providers.values(), authority):
            writer.resume()
        plan = plan_month(context.readings, context.reader, month)
        _show_plan(context, plan)
        with context.screen.progress(f"issuing {month}", plan.to_issue) as advance:
            evidence_of = source_files(context).evidence_of
            return issue_month(
                plan,
                context.readings,
                authority,
                providers,
                context.reader,
                evidence_of=evidence_of,
                progress=advance,
                on_batch=on_batch,
            )


def source_files(context: Context) -> SourceFiles:
    """The files that readings came from, in the evidence room."""
    return SourceFiles(context.settings.evidence_location, context.settings.home / "sources")


def _show_plan(context: Context, plan: Plan) -> None:
    context.screen.say(
        f"{plan.month}: {plan.readings} readings, {plan.issued} issued before; to issue "
        f"{plan.certificates:,} certificates for {plan.to_issue} readings "
        f"({plan.wh // WH_PER_CERTIFICATE.value:,} MWh), carry {plan.carry / 1_000_000:,.3f} MWh; "
        f"refused {len(plan.refused)}"
    )
    rows = [(line.reading.code, line.refusal.label.en) for line in plan.refused[:_SHOWN] if line.refusal]
    if rows:
        context.screen.table("Refused", ["project", "why"], rows)


def _show_waiting(context: Context, rows: Sequence[Sequence[object]]) -> None:
    if rows:
        context.screen.table("Waits for officers (gec approve)", _WAITING, rows)


def _show_report(context: Context, report: Report, first: Sequence[IssuedBatch]) -> None:
    context.screen.say(
        f"{report.month}: asked for {report.asked:,}, minted {report.minted:,} certificates in {report.batches} "
        f"batches and {len(report.transactions)} transactions; {report.issued_before} readings were issued before"
    )
    _show_waiting(
        context,
        [
            (one.commitment, one.provider, one.readings, one.certificates, one.approvals, one.quorum)
            for one in report.waiting
        ],
    )
    rows = [(batch.first_number, f"0 to {batch.count - 1:,}", batch.transaction) for batch in first]
    if rows:
        title = f"Batches (the first {_SHOWN} of {report.batches})" if report.batches > _SHOWN else "Batches"
        context.screen.table(title, ["first certificate", "serials", "transaction"], rows)


def _plan_document(plan: Plan) -> dict[str, Any]:
    return {
        "month": str(plan.month),
        "readings": plan.readings,
        "issued_before": plan.issued,
        "to_issue": plan.to_issue,
        "certificates": plan.certificates,
        "carry_wh": plan.carry,
        "quorum": plan.quorum,
        "waiting": [
            {
                "commitment": lot.number or None,
                "provider": lot.provider,
                "readings": len(lot.open_ids),
                "certificates": lot.certificates,
                "approvals": lot.approvals,
            }
            for lot in plan.waiting
        ],
        "refused": [
            {"project": line.reading.code, "reason": line.refusal.slug} for line in plan.refused if line.refusal
        ],
    }


def _report_document(report: Report, first: Sequence[IssuedBatch]) -> dict[str, Any]:
    return {
        "month": str(report.month),
        "asked": report.asked,
        "minted": report.minted,
        "issued_before": report.issued_before,
        "batches": report.batches,
        "first_batches": [
            {
                "project": batch.project_code,
                "first_number": batch.first_number,
                "start": 0,
                "end": batch.count,
                "holder": batch.holder,
                "transaction": batch.transaction,
            }
            for batch in first
        ],
        "refused": [{"project": place, "reason": reason.slug} for place, reason in report.refused],
        "waiting": [asdict(one) for one in report.waiting],
        "transactions": list(report.transactions),
    }


@contextmanager
def _written(path: Path | None) -> Iterator[Callable[..., None]]:
    """Where each batch and refusal goes: a CSV file, or nowhere."""
    if path is None:
        yield lambda *_row: None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("project", "first_number", "start", "end", "holder", "transaction", "refused"))
        yield lambda *row: writer.writerow(row) and None
