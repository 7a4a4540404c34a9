"""`gec verify`, `gec trace`, `gec fsck`: what anybody can check without trusting the servers."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from gecchain import fsck as checking
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.errors import BadInput, BrokenProof, NotFound, Refused
from gecchain.proofs import CertificateFacts, Verdict, Verification, parse_claim, verify_certificate
from gecchain.rules import BEIJING, BatchKey, CertificateState, parse_number, split_token_id
from gecchain.store import connected
from gecchain.store.indexing import Projection
from gecchain.store.tracing import trace as trace_of

__all__ = ["check_everything", "fsck", "trace", "verify"]

_MARKS = {True: "passed", False: "FAILED", None: "does not apply"}


def verify(
    call: typer.Context,
    claim: Annotated[str, typer.Argument(help="Certificate number (32 characters) or hash (0x and 64).")],
    rpc: Annotated[str | None, typer.Option(help="Ask this node instead of the configured one.")] = None,
) -> None:
    """Check a certificate number or hash against the chain alone; no server of ours is asked.

    Exit status 0 if it is genuine, whatever has become of it; 1 if it is not.
    """
    context: Context = call.obj
    if rpc:
        context.settings.rpc_url = rpc
    reader = context.reader
    found = verify_certificate(claim, _facts(reader, claim), _now(reader))
    rows = [(step.number + 1, step.name, _MARKS[step.passed], step.detail_en, step.detail_zh) for step in found.steps]
    context.screen.table(f"Asked the chain at {reader.rpc.url}", ["step", "what", "outcome", "detail", "说明"], rows)
    context.screen.say(_sentence(found))
    context.screen.document(
        {
            "claim": found.claim,
            "verdict": found.verdict.value,
            "status": found.status.value if found.status else None,
            "traded": found.traded,
            "number": found.number,
            "hash": "0x" + found.certificate_hash.hex() if found.certificate_hash else None,
            "steps": [asdict(step) for step in found.steps],
        }
    )
    if found.verdict is not Verdict.VALID:
        raise Refused(f"not a genuine certificate: {found.verdict.value}", reason=found.verdict.value)


def trace(
    call: typer.Context,
    number: Annotated[str, typer.Argument(help="Certificate number.")],
) -> None:
    """The way of a certificate from filing and reading to retirement, from the index."""
    context: Context = call.obj
    token = parse_number(number)
    with connected(context.projection) as db:
        steps = trace_of(db, token)
    context.screen.say(f"Certificate {number}")
    for step in steps:
        when = datetime.fromtimestamp(step.time, BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        context.screen.say(
            f"\n{step.kind:<12} {step.name.replace('_', ' ')}   {when} Beijing time, block {step.block:,}"
        )
        for party in step.parties:
            context.screen.say(f"{'':<12} {party.role}: {party.name or 'natural person'} ({party.address})")
        if step.start is not None and step.end is not None:
            context.screen.say(f"{'':<12} serials {step.start:,} to {step.end - 1:,}")
        context.screen.say(f"{'':<12} transaction {step.transaction}")
    context.screen.document([asdict(step) for step in steps])


def fsck(
    call: typer.Context,
    sample: Annotated[int, typer.Option(help="Ask the contracts about so many of each kind; 0 for all.")] = 0,
) -> None:
    """Replay the chain from its start and hold it against SQL and against the contracts; say where they differ."""
    check_everything(call.obj, sample=sample)


def check_everything(context: Context, *, sample: int) -> None:
    """Run fsck and show every check; BrokenProof with the first difference."""
    with context.screen.progress("checking", None) as advance:
        report = checking.check(
            context.reader,
            Projection(context.projection),
            sample=sample or None,
            progress=lambda _progress: advance(1),
        )
    rows = [(one.name, f"{one.compared:,}", one.difference or "passed") for one in report.checks]
    context.screen.table(f"Checked at block {report.block:,}", ["check", "compared", "outcome"], rows)
    context.screen.say(
        f"metered {report.metered_wh:,} Wh = 1,000,000 x ({report.issued:,} issued - {report.deducted + report.owed:,}"
        f" deducted or to be) + carry {report.carry_wh:,} Wh"
    )
    context.screen.document(asdict(report) | {"passed": report.passed})
    if not report.passed:
        raise BrokenProof("chain, ledger and index disagree", where=report.first_difference or "")


def _facts(reader: Reader, claim: str) -> CertificateFacts | None:
    try:
        token = parse_claim(claim).token_id
        facts = reader.facts(token)
    except (BadInput, NotFound):
        return None
    key, serial = split_token_id(token)
    batch = BatchKey.from_id(key)
    additions = reader.additions_of(key)
    chosen, registered = reader.view(View("registry", "ccerOf", (batch.project, batch.month.index)))
    return CertificateFacts(
        token_id=facts.token_id,
        count=facts.count,
        state=CertificateState.of_number(facts.state),
        holder=facts.owner,
        traded=facts.traded,
        readings_root=bytes.fromhex(facts.readings_root[2:]),
        leaf=facts.leaf,
        filing_hash=bytes.fromhex(facts.filing_hash[2:]),
        chain_id=reader.deployment.chain_id,
        certificates=reader.deployment.certificates,
        answered_hash=bytes.fromhex(facts.hash[2:]),
        case_id=next((case for _holder, start, end, case, _basis in additions if start <= serial < end), 0),
        added=sum(end - start for _holder, start, end, _case, _basis in additions),
        ccer=chosen or registered,
    )


def _now(reader: Reader) -> int:
    """The later of this machine's clock and the chain's: a chain without new blocks stands still, time does not."""
    return max(int(time.time()), reader.blocks([reader.head()])[0].time)


def _sentence(found: Verification) -> str:
    if found.verdict is not Verdict.VALID or found.status is None:
        return f"NOT GENUINE: {found.verdict.value}"
    traded = ", traded" if found.traded else ""
    return f"GENUINE: certificate {found.number}, {found.status.value}{traded}"
