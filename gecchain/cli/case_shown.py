"""How a case is shown: the plan of its execution, what was said in it, and the same for machines."""

from __future__ import annotations

from typing import Any, Final

from gecchain.cases import CaseState, Plan, Remedy, Undone
from gecchain.cli.context import Context
from gecchain.events import Recorded, to_document
from gecchain.rules import Outcome, Range, number_of, token_id

__all__ = ["case_document", "first_of", "plan_document", "show_plan", "told_of"]

_ACTORS: Final = ("claimant", "exchange", "office", "authority", "by", "holder", "buyer")
_WORDS: Final = {
    Remedy.UNDO_RETIREMENT: "undo retirement",
    Remedy.UNDO_TRADE: "undo trade",
    Remedy.DEDUCT: "deduct",
}


def first_of(case: CaseState) -> str:
    """Number of the batch's first certificate."""
    return number_of(token_id(case.batch, 0))


def told_of(one: Recorded) -> tuple[str, str, str]:
    """Who, what and evidence of an event, as far as it names them."""
    said: dict[str, Any] = to_document(one.event)
    who = next((said[name] for name in _ACTORS if name in said), "")
    serials = f"serials {Range(said['start'], said['end'])}" if "start" in said else ""
    energy = f"{int(said['watt_hours']):+,} Wh" if "watt_hours" in said else ""
    count = f"{int(said['certificates']):+,} certificates" if "certificates" in said else ""
    outcome = Outcome.of_number(said["outcome"]).label.en if "outcome" in said else ""
    checked = ("confirmed" if said["confirmed"] else "sent back") if "confirmed" in said else ""
    parts = (outcome, checked, energy, count, serials, said.get("reason", ""))
    return who, ", ".join(part for part in parts if part), said.get("evidence", said.get("basis", ""))


def show_plan(context: Context, case: CaseState, plan: Plan, undone: list[Undone]) -> None:
    """Steps and what they undo, for people and machines."""
    steps = [("withdraw from sale", str(lot.serials), len(lot.serials), f"lot {lot.listing}") for lot in plan.lots]
    for piece in plan.pieces:
        steps += [(_WORDS[remedy], str(piece.serials), len(piece.serials), piece.holder) for remedy in piece.remedies]
    context.screen.table(f"Case {case.id}: {case.outcome.label.en}", ["step", "serials", "certificates", "of"], steps)
    for one in undone:
        what = (
            f"trade {one.trade or 'of'} of {one.party}"
            if one.remedy is Remedy.UNDO_TRADE
            else f"retirement of {one.party}"
        )
        context.screen.say(f"Undone: {what}, serials {one.serials}, transaction {one.transaction}")
    context.screen.document(plan_document(case, plan, undone))


def plan_document(case: CaseState, plan: Plan, undone: list[Undone]) -> dict[str, Any]:
    """The same for machines."""
    return {
        "case": case.id,
        "withdrawn": [{"lot": lot.listing, "start": lot.serials.start, "end": lot.serials.end} for lot in plan.lots],
        "steps": [
            {"remedy": remedy.name.lower(), "start": piece.serials.start, "end": piece.serials.end, "of": piece.holder}
            for piece in plan.pieces
            for remedy in piece.remedies
        ],
        "undone": [
            {
                "what": "trade" if one.remedy is Remedy.UNDO_TRADE else "retirement",
                "trade": one.trade,
                "party": one.party,
                "start": one.serials.start,
                "end": one.serials.end,
                "transaction": one.transaction,
            }
            for one in undone
        ],
    }


def case_document(case: CaseState) -> dict[str, Any]:
    """A case for machines."""
    return {
        "case": case.id,
        "batch": str(case.batch),
        "first_number": first_of(case),
        "claimant": case.claimant,
        "stage": case.stage.slug,
        "outcome": case.outcome.slug,
        "owed": case.owed,
        "since": case.since,
        "due": case.due,
        "watt_hours": case.watt_hours,
        "evidence": case.evidence,
        "doubtful": [{"start": part.start, "end": part.end} for part in case.doubtful],
    }
