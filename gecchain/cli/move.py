"""`gec move` and `gec distribute`: certificates move without a trade, on proof or after a province's plan."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gecchain.chain.holdings import Piece
from gecchain.chain.views import View
from gecchain.cli.attached import attach
from gecchain.cli.context import Context
from gecchain.cli.parties import account_named, account_of_code
from gecchain.cli.refused import only_one, refusal_document, show_refused, write_refused
from gecchain.cli.serials import serials_from
from gecchain.errors import NotFound, Refused
from gecchain.moving import Allotted, Status, distribute, move, plan_distribution
from gecchain.oracle.plans import PlanRow, read_plan
from gecchain.oracle.reading import Refusal
from gecchain.oracle.source import survey
from gecchain.proofs import keccak256
from gecchain.rules import PROVINCES, MoveKind, certificates, province_of

__all__ = ["app", "distribute_plan"]

app = typer.Typer(
    help="""Free moves (划转) by the authority, on proof: no trade is used.

The proof is a file, which goes into the evidence room, or the hash of one there; its hash stands on the chain.""",
    no_args_is_help=True,
)
_SHOWN = 20
_NOBODY = "0x" + "00" * 20
_Number = Annotated[str, typer.Argument(help="Number of the first certificate.")]
_To = Annotated[str, typer.Option("--to", help="Account that receives them (0x… or social credit code).")]
_Proof = Annotated[str, typer.Option(help="File that proves it, or the hash of one in the evidence room.")]
_Quantity = Annotated[int, typer.Option(help="How many, from that number on.")]
_Request = Annotated[str, typer.Option(help="Your name for this request; the same name is done once.")]


@app.command("hydro")
def move_hydro(
    call: typer.Context, number: _Number, to: _To, proof: _Proof, quantity: _Quantity = 1, request: _Request = ""
) -> None:
    """Move stock hydro's certificates from the provincial account to the user who bought the electricity (Q47)."""
    _move(call.obj, MoveKind.HYDRO_TO_USER, number, quantity, to, proof, request)


@app.command("self-use")
def move_self_use(
    call: typer.Context, number: _Number, to: _To, proof: _Proof, quantity: _Quantity = 1, request: _Request = ""
) -> None:
    """Move self-used electricity's certificates from the producer to the user, if that is another (2026 rules)."""
    _move(call.obj, MoveKind.SELF_USE_TO_USER, number, quantity, to, proof, request)


@app.command("succession")
def move_succession(
    call: typer.Context, number: _Number, to: _To, proof: _Proof, quantity: _Quantity = 1, request: _Request = ""
) -> None:
    """Move what a merger or an inheritance leaves to another account; traded or not, they stay what they were."""
    _move(call.obj, MoveKind.SUCCESSION, number, quantity, to, proof, request)


def _move(context: Context, kind: MoveKind, number: str, quantity: int, to: str, proof: str, request: str) -> None:
    batch, serials = serials_from(number, quantity)
    receiver = account_named(context, "to", to)
    holder = _holder(context, batch, serials.start, number)
    key = context.roles.authority
    with context.alone(key):
        writer = context.writer(key)
        basis = attach(context, proof, holder, [receiver])
        name = f"move:{request or secrets.token_hex(8)}"
        done = move(writer, context.reader, Piece(batch, serials), receiver, kind, basis, key=name)
    context.screen.say(
        f"Moved {certificates(quantity)} from {number} on to {receiver} ({kind.label.en}), proof 0x{basis.hex()}, "
        f"block {done.block}"
    )
    context.screen.document({"event": done.event, "block": done.block, "transaction": done.transaction})


def _holder(context: Context, batch: int, serial: int, number: str) -> str:
    try:
        return context.reader.segment_at(batch, serial).owner
    except NotFound as error:
        raise NotFound(f"no certificate {number} was ever issued", remedy="Check the number.") from error


def distribute_plan(
    call: typer.Context,
    file: Annotated[Path, typer.Argument(help="The province's plan: CSV, XLSX or JSON (docs/data-formats.md).")],
    province: Annotated[str, typer.Option(help="Province, by name or two-digit code; its key signs.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be moved and send nothing.")] = False,
    refused: Annotated[Path | None, typer.Option(help="Write rows that cannot be read, with reasons, here.")] = None,
) -> None:
    """Distribute what a provincial account holds after its plan (Q48): so many certificates of a project to each.

    The plan goes into the evidence room and is known on the chain by its hash. A row that is refused stops no other;
    the same plan again moves nothing twice, so it can be run until all of it is done.
    """
    context: Context = call.obj
    code = province_of(province)
    key = only_one(context.roles.provinces, "province", str(code))
    account = _provincial_account(context, code)
    rows, refusals = _read(context, file)
    if refused is not None:
        write_refused(refused, refusals)
    if dry_run:
        _items, said = plan_distribution(context.reader, account, rows, keccak256(file.read_bytes()))
    else:
        with context.alone(key), context.screen.progress(f"distributing {file.name}", None) as advance:
            plan = attach(context, str(file), account)
            said = distribute(context.writer(key), context.reader, account, rows, plan, advance)
    _show(context, said, refusals)


def _provincial_account(context: Context, code: int) -> str:
    found = str(context.reader.view(View("registry", "provincialAccount", (code,)))[0]).lower()
    if found == _NOBODY:
        raise NotFound(
            f"{PROVINCES[code].en} has no provincial account", remedy="Open one: gec accounts open --kind province."
        )
    return found


def _read(context: Context, file: Path) -> tuple[list[PlanRow], list[Refusal]]:
    parsed = [one for batch in read_plan(survey(file), account_of_code(context)) for one in batch]
    refusals = [one for one in parsed if isinstance(one, Refusal)]
    rows = [one for one in parsed if isinstance(one, PlanRow)]
    return ([] if any(one.row == 0 for one in refusals) else rows), refusals


def _show(context: Context, said: Sequence[Allotted], refusals: Sequence[Refusal]) -> None:
    counts = Counter(one.status for one in said)
    moved = sum(one.moved for one in said)
    failed = [one for one in said if one.status is Status.REFUSED]
    first = [*failed, *(one for one in said if one.status is not Status.REFUSED)][:_SHOWN]
    rows = [
        (one.row, one.receiver, f"{one.quantity:,}", one.status, " ".join(one.first_numbers[:1]), one.why, one.remedy)
        for one in first
    ]
    title = f"Rows (the first {_SHOWN} of {len(said)})" if len(said) > _SHOWN else "Rows"
    context.screen.table(title, ["row", "receiver", "certificates", "outcome", "from", "why", "remedy"], rows)
    show_refused(context, refusals)
    counted = ", ".join(f"{count} {status}" for status, count in counts.items())
    context.screen.say(f"{certificates(moved)} moved; rows: {counted or 0}, {len(refusals)} not readable")
    unreadable = [refusal_document(one) for one in refusals]
    context.screen.document({"moved": moved, "rows": said, "unreadable": unreadable})
    if failed or refusals:
        raise Refused(
            f"{len(failed) + len(refusals)} rows were not carried out; the first: "
            + (failed[0].why if failed else refusals[0].code.en),
            reason=failed[0].reason if failed else refusals[0].code.name,
            remedy="Put right what stands in the way and run the same plan again, or make a new plan of these rows.",
        )
