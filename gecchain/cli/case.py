"""`gec case`: disputes over an issued quantity, from opening to what is deducted or added (Q95)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Annotated, Final

import typer

from gecchain import cases
from gecchain.chain.views import View
from gecchain.chain.writer import Receipt
from gecchain.cli.attached import EvidenceOption, attach
from gecchain.cli.case_shown import case_document, first_of, plan_document, show_plan, told_of
from gecchain.cli.context import Context
from gecchain.cli.named import at_text, require_choice
from gecchain.errors import BadInput
from gecchain.events import to_document
from gecchain.rules import CaseStage, Outcome, Range, parse_number, split_token_id

__all__ = ["app"]

app = typer.Typer(
    help="""Disputes (异议处理, Q95): the owner opens, an exchange proposes, an office checks, the authority decides.

What is in doubt is frozen meanwhile. Evidence goes into the evidence room; its hash and the reasons are public.""",
    no_args_is_help=True,
)
_KWH: Final = re.compile(r"(?P<sign>[+-]?)(?P<kwh>[0-9]{1,12})(?:\.(?P<wh>[0-9]{1,3}))?")
_DECISIONS: Final[Mapping[str, Outcome]] = {
    "add": Outcome.ADDED,
    "deduct": Outcome.DEDUCTED,
    "undo": Outcome.UNDONE,
    "reject": Outcome.REJECTED,
    "send-back": Outcome.NONE,
}
_Reason = Annotated[str, typer.Option(help="Why. Public.")]
_Number = Annotated[int, typer.Argument(metavar="CASE", help="Number of the case.")]
_Serials = Annotated[
    list[str] | None, typer.Option(help="Serials of the batch, both ends included: 120-4119; repeat for more.")
]


@app.command("open")
def open_case(
    call: typer.Context,
    number: Annotated[str, typer.Argument(help="Number of any certificate of the disputed batch.")],
    key: Annotated[str, typer.Option("--as", help="Key of the owner's operator, or of its agent's.")],
    evidence: EvidenceOption,
    reason: _Reason,
    serials: _Serials = None,
    request: Annotated[str, typer.Option(help="Your name for this request; the same name is done once.")] = "",
) -> None:
    """Dispute an issued quantity, as the owner of the project. The serials in doubt are frozen until it is over."""
    context: Context = call.obj
    batch, _serial = split_token_id(parse_number(number))
    owner = str(context.reader.view(View("registry", "project", (batch >> 16,)))[0][0])
    doubtful = [Range.parse(one) for one in serials or []]
    with context.alone(key):
        proof = attach(context, evidence, owner)
        name = f"case:{request or secrets.token_hex(8)}"
        made, receipt = cases.open_case(
            context.writer(key), context.deployment, batch, doubtful, proof, reason, key=name
        )
    _done(context, f"Case {made} opened; {sum(map(len, doubtful)):,} certificates frozen", made, receipt)


@app.command("propose")
def propose(
    call: typer.Context,
    case: _Number,
    exchange: Annotated[str, typer.Option(help="Exchange of roles.json that proposes; its key signs.")],
    evidence: EvidenceOption,
    reason: _Reason,
    kwh: Annotated[str, typer.Option(help="Correction in kWh with its sign: -1234.567 if too much was metered.")] = "",
    wh: Annotated[str, typer.Option(help="The same in whole Wh.")] = "",
) -> None:
    """Propose the correction of the month's metered energy, as an exchange; 0 if it is a trade that is in doubt."""
    context: Context = call.obj
    watt_hours = _correction(kwh, wh)
    key = context.roles.exchanges[require_choice("exchange", exchange, list(context.roles.exchanges))]
    with context.alone(key):
        proof = _proof(context, case, evidence, exchange, key)
        receipt = cases.propose(context.writer(key), context.deployment, case, watt_hours, proof, reason)
    _done(context, f"Case {case}: {watt_hours:+,} Wh proposed", case, receipt)


@app.command("check")
def check(
    call: typer.Context,
    case: _Number,
    office: Annotated[str, typer.Option(help="Regional office of roles.json that checks; its key signs.")],
    evidence: EvidenceOption,
    reason: _Reason,
    send_back: Annotated[bool, typer.Option("--send-back", help="Back to the exchange, for another proposal.")] = False,
) -> None:
    """Confirm the facts of a proposal, as a regional office, or send it back."""
    context: Context = call.obj
    key = context.roles.offices[require_choice("office", office, list(context.roles.offices))]
    with context.alone(key):
        proof = _proof(context, case, evidence, office, key)
        receipt = cases.check(context.writer(key), context.deployment, case, not send_back, proof, reason)
    _done(context, f"Case {case}: {'sent back to the exchange' if send_back else 'confirmed'}", case, receipt)


@app.command("decide")
def decide(
    call: typer.Context,
    case: _Number,
    outcome: Annotated[str, typer.Argument(help="add, deduct, undo, reject or send-back.")],
    evidence: EvidenceOption,
    reason: _Reason,
) -> None:
    """Decide a checked case, as the authority. An addition is issued at once; deductions and undoings wait for execute.

    It must fit the proposal: add wants a correction above zero, deduct one below, undo none.
    """
    context: Context = call.obj
    decided = _DECISIONS[require_choice("outcome", outcome, list(_DECISIONS))]
    key = context.roles.authority
    with context.alone(key):
        proof = _proof(context, case, evidence, "", key)
        count, receipt = cases.decide(context.writer(key), context.deployment, case, decided, proof, reason)
    came_to = (
        f"{abs(count):,} certificates {'added' if count > 0 else 'to be deducted'}" if count else "no certificates"
    )
    _done(
        context,
        f"Case {case}: {decided.label.en if decided else 'sent back to the exchange'}; {came_to}",
        case,
        receipt,
    )


@app.command("execute")
def execute(
    call: typer.Context,
    case: _Number,
    serials: _Serials = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")] = False,
) -> None:
    """Carry a decision out, as the authority.

    A deduction takes what is unsold first, then undoes retirements and trades, latest serials first, until nothing is
    owed; then the case is closed. Where trades are to be undone, name the --serials, and close the case afterwards.
    Cut off and run again, it does the rest.
    """
    context: Context = call.obj
    key = context.roles.authority
    with context.alone(key):
        writer = context.writer(key)
        writer.resume()
        found = cases.case_of(context.reader, case)
        plan = cases.plan_execution(context.reader, found, [Range.parse(one) for one in serials or []])
        undone = cases.undone_by(context.reader, found.batch, plan)
        show_plan(context, found, plan, undone)
        if dry_run:
            return
        if not yes and not context.screen.json:
            typer.confirm("Carry this out?", abort=True, err=True)
        receipts = cases.execute(writer, context.deployment, case, plan)
    after = cases.case_of(context.reader, case)
    context.screen.say(f"Case {case} is {after.stage.label.en}; {after.owed:,} certificates are still owed")
    transactions = [one.transaction for one in receipts]
    context.screen.document(
        {**plan_document(found, plan, undone), **case_document(after), "transactions": transactions}
    )


@app.command("close")
def close(
    call: typer.Context,
    case: _Number,
    key: Annotated[str, typer.Option("--as", help="Key of the claimant's operator; the authority's by default.")] = "",
) -> None:
    """End a case: the claimant before it is decided, the authority once nothing is owed any more."""
    context: Context = call.obj
    signer = key or context.roles.authority
    with context.alone(signer):
        receipt = cases.close(context.writer(signer), context.deployment, case)
    _done(context, f"Case {case} closed", case, receipt)


@app.command("list")
def list_cases(
    call: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Only those that are past their deadline.")] = False,
) -> None:
    """Cases with their stage and deadline, oldest first."""
    context: Context = call.obj
    now = context.reader.blocks([context.reader.head()])[0].time
    found = [one for one in cases.all_cases(context.reader) if all_ or one.stage != CaseStage.CLOSED]
    found = [one for one in found if not late or one.due < now]
    rows = [
        (
            one.id,
            first_of(one),
            one.stage.label.en,
            at_text(one.due) + (" (late)" if 0 < one.due < now else ""),
            one.claimant,
        )
        for one in found
    ]
    context.screen.table("Cases", ["case", "batch", "stage", "due", "claimant"], rows)
    context.screen.document([case_document(one) for one in found])


@app.command("show")
def show(call: typer.Context, case: _Number) -> None:
    """The whole case: who said and did what and when, with reasons, evidence and the deadline."""
    context: Context = call.obj
    found = cases.case_of(context.reader, case)
    told = cases.history(context.reader, found)
    context.screen.say(
        f"Case {case}, batch of {first_of(found)}: {found.stage.label.en}, {found.outcome.label.en}; "
        f"{found.owed:,} owed; due {at_text(found.due) or 'never'}"
    )
    rows = [(at_text(one.time), type(one.event).__name__, *told_of(one)) for one in told]
    context.screen.table("History", ["time", "event", "who", "what", "evidence"], rows)
    history = [
        {"event": type(one.event).__name__, "time": one.time, "transaction": one.transaction, **to_document(one.event)}
        for one in told
    ]
    context.screen.document({**case_document(found), "history": history})


@app.command("deadlines")
def deadlines(
    call: typer.Context,
    proposal: Annotated[int, typer.Option(min=1, help="Days for the proposal.")],
    checking: Annotated[int, typer.Option("--check", min=1, help="Days for the check.")],
    decision: Annotated[int, typer.Option(min=1, help="Days for the decision.")],
    execution: Annotated[int, typer.Option(min=1, help="Days for carrying it out.")],
) -> None:
    """Set the days that each stage may take, as the authority. A deadline that passes is shown and blocks nothing."""
    context: Context = call.obj
    key = context.roles.authority
    with context.alone(key):
        days = (proposal, checking, decision, execution)
        receipt = cases.set_deadlines(context.writer(key), context.deployment, *days)
    context.screen.say(f"Deadlines set: {proposal}, {checking}, {decision} and {execution} days")
    context.screen.document({"days": days, "transaction": receipt.transaction})


def _proof(context: Context, case: int, given: str, institution: str, key: str) -> bytes:
    """Evidence of an office, readable by the claimant; without an account the office's key stands for it."""
    claimant = cases.case_of(context.reader, case).claimant
    account = context.roles.accounts.get(institution) or context.signer(key).address
    return attach(context, given, account, [claimant])


def _correction(kwh: str, wh: str) -> int:
    if bool(kwh) == bool(wh):
        raise BadInput("give the correction once", field="kwh", value=kwh, remedy="Either --kwh or --wh.")
    if wh:
        if re.fullmatch(r"[+-]?[0-9]{1,15}", wh) is None:
            raise BadInput("Wh are whole", field="wh", value=wh, remedy="For instance -1234567.")
        return int(wh)
    found = _KWH.fullmatch(kwh)
    if found is None:
        raise BadInput("kWh have at most three decimals", field="kwh", value=kwh, remedy="For instance -1234.567.")
    amount = int(found["kwh"]) * 1000 + int((found["wh"] or "").ljust(3, "0"))
    return -amount if found["sign"] == "-" else amount


def _done(context: Context, what: str, case: int, receipt: Receipt) -> None:
    found = cases.case_of(context.reader, case)
    due = f"; {found.stage.label.en} until {at_text(found.due)}" if found.due else ""
    context.screen.say(f"{what}{due}")
    context.screen.document({**case_document(found), "transaction": receipt.transaction, "block": receipt.block})
