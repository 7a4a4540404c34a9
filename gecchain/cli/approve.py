"""`gec approve`: an officer looks at what was committed for a month, and stands for it (decision 26)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer

from gecchain.cli.context import Context
from gecchain.errors import BadInput, NotFound
from gecchain.issuance import Approvable, approvable, approve, is_rebuilt, quorum_of
from gecchain.oracle.reading import kwh_text
from gecchain.requests import (
    REQUEST_TYPES,
    Request,
    SignedRequest,
    call_of,
    digest_of,
    document_of,
    domain_of,
    message_of,
)
from gecchain.rules import Month

__all__ = ["approve_month"]

_GAS: Final = 300_000
_DAY: Final = 86_400
_MOST_DAYS: Final = 30
_NONCE_BITS: Final = 128


def approve_month(
    call: typer.Context,
    month: Annotated[str, typer.Option(help="Production month, for instance 2026-09.")],
    key: Annotated[str, typer.Option("--as", help="Key of an officer.")],
    commitment: Annotated[int, typer.Option(min=0, help="Only the commitment of this number.")] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show and check, and approve nothing.")] = False,
    signed: Annotated[
        Path | None, typer.Option(help="Sign into this file, which is for POST /v1/requests, and send nothing.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=_MOST_DAYS, help="How long what was signed counts.")] = 7,
) -> None:
    """Approve a month's commitments as an officer (审批), so that they can be issued.

    What is approved is shown first: who committed how many readings and kWh under which root and evidence. Where this
    home has the month's readings the root is made anew from them; if one does not come to what was committed, nothing
    is approved. What the officer has approved already is left alone.
    """
    context: Context = call.obj
    officer = context.signer(key).address
    found = _chosen(approvable(context.reader, Month.parse(month), officer), commitment, month)
    rebuilt = {one.number: is_rebuilt(context.readings, context.reader, one) for one in found}
    document = _show(context, found, rebuilt, month)
    waiting = [] if dry_run else [one for one in found if not one.approved]
    if signed is not None and not dry_run:
        requests = [_signed(context, key, one, days * _DAY) for one in waiting]
        body = {"requests": [document_of(one) for one in requests]}
        signed.write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2))
        context.screen.say(f"{len(requests)} approvals signed by {officer}: hand {signed} to POST /v1/requests")
        document["signed"] = ["0x" + digest_of(one.request, context.deployment).hex() for one in requests]
    else:
        document["transactions"] = _send(context, key, waiting)
        context.screen.say(f"{len(waiting)} commitments approved, {sum(one.approved for one in found)} before")
    context.screen.document(document)


def _chosen(found: Sequence[Approvable], number: int, month: str) -> list[Approvable]:
    chosen = [one for one in found if number in (0, one.number)]
    if number and not chosen:
        raise BadInput(
            f"no commitment of {month} in force has this number",
            field="commitment",
            value=str(number),
            remedy="gec approve --dry-run without --commitment shows those there are.",
        )
    if not chosen:
        raise NotFound(f"nothing of {month} is committed", remedy="Commit it first: gec issue --month.")
    return chosen


def _send(context: Context, key: str, waiting: Sequence[Approvable]) -> list[str]:
    if not waiting:
        return []
    with context.alone(key):
        writer = context.writer(key)
        writer.resume()
        return [one.transaction for one in approve(writer, context.reader, waiting)]


def _signed(context: Context, key: str, one: Approvable, seconds: int) -> SignedRequest:
    """The approval as a request (EIP-712) that anybody may send."""
    signer, deployment = context.signer(key), context.deployment
    to, data = call_of("readings.approve", {"commitment": one.number, "root": one.root}, deployment)
    deadline = int(time.time()) + seconds
    wish = Request(signer.address.lower(), to, _GAS, secrets.randbits(_NONCE_BITS), deadline, data)
    return SignedRequest(wish, signer.sign_typed(domain_of(deployment), REQUEST_TYPES, message_of(wish)))


def _show(context: Context, found: Sequence[Approvable], rebuilt: Mapping[int, bool], month: str) -> dict[str, Any]:
    """The table on the screen; the same as a document."""
    quorum, names = quorum_of(context.reader), _names(context)
    rows = [
        (
            one.number,
            "declared" if one.declared else names.get(one.provider, one.provider),
            one.leaves,
            kwh_text(one.total_wh),
            one.root,
            one.evidence,
            "made anew" if rebuilt[one.number] else "no readings here",
            f"{one.approvals} of {quorum}" + (", yours among them" if one.approved else ""),
        )
        for one in found
    ]
    columns = ["commitment", "provider", "readings", "kWh", "root", "evidence", "checked", "approvals"]
    context.screen.table(f"Committed for {month}", columns, rows)
    told = [_document(one, names, rebuilt[one.number]) for one in found]
    return {"month": month, "quorum": quorum, "commitments": told}


def _names(context: Context) -> dict[str, str]:
    """Providers whose keys can be opened here without asking anybody, by address."""
    known = {name: key for name, key in context.roles.providers.items() if context.can_sign(key)}
    return {context.signer(key).address.lower(): name for name, key in known.items()}


def _document(one: Approvable, names: Mapping[str, str], rebuilt: bool) -> dict[str, Any]:
    return {
        "commitment": one.number,
        "provider": one.provider,
        "name": names.get(one.provider, ""),
        "declared": one.declared,
        "readings": one.leaves,
        "wh": one.total_wh,
        "root": one.root,
        "evidence": one.evidence,
        "rebuilt": rebuilt,
        "approvals": one.approvals,
        "approved_before": one.approved,
    }
