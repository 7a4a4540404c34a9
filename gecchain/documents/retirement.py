"""The retirement sheet (核销信息表, Q81) as data, with the whole way of every range from the issue on."""

from collections.abc import Iterable
from typing import Final

from gecchain.documents.parts import Projects, energy_wh, parties, place_json, range_json
from gecchain.documents.values import Chain, Document, Kind
from gecchain.ledger import Retirement
from gecchain.proofs import JsonValue
from gecchain.rules import Month, MoveKind, Purpose, RetirementReason, TradeWay
from gecchain.store.views import EventView
from gecchain.store.views.papers import RetirementPaper

__all__ = ["retirement_document"]

# Kind of event on a range -> its word and the fields that name its two sides, giver and taker.
_WORDS: Final = {
    "Traded": ("traded", "seller", "buyer"),
    "TradeUndone": ("trade_undone", "buyer", "seller"),
    "Moved": ("moved", "from", "to"),
    "Listed": ("listed", "seller", ""),
    "Withdrawn": ("withdrawn", "", ""),
    "Frozen": ("frozen", "", ""),
    "Unfrozen": ("unfrozen", "", ""),
    "Added": ("added", "", "holder"),
    "Retired": ("retired", "holder", ""),
    "RetirementUndone": ("retirement_undone", "", "holder"),
}


def retirement_document(paper: RetirementPaper, chain: Chain) -> Document:
    """The sheet of one retirement (its position is the code) or of several under one claim (`first-last`)."""
    first, last = paper.retirements[0], paper.retirements[-1]
    projects = Projects(paper.filings, paper.providers, paper.accounts)
    ranges: list[JsonValue] = [_range(paper, one, projects) for one in paper.retirements]
    count = sum(one.end - one.start for one in paper.retirements)
    undone: list[JsonValue] = [
        {
            **range_json(one.batch, one.start, one.end),
            "case": one.case_id,
            "retirement": str(one.retirement),
            "undone": place_json(paper.places[one.position]),
        }
        for one in paper.undone
    ]
    body: dict[str, JsonValue] = {
        "parties": parties(_named(paper), paper.accounts),
        "projects": projects.listed,
        "retirement": {
            "claim": _claim(first),
            "count": count,
            "energy_wh": energy_wh(count),
            "holder": first.holder,
            "ranges": ranges,
            "reason": RetirementReason.of_number(first.reason).slug,
            "undone": undone,
            "undone_count": sum(one.end - one.start for one in paper.undone),
        },
    }
    code = str(first.position) if first.position == last.position else f"{first.position}-{last.position}"
    return Document(Kind.RETIREMENT, code, chain, paper.place, body)


def _claim(found: Retirement) -> JsonValue:
    """What the holder declared (Q54), None for what the calendar or the authority retired. Months `[from, to)`."""
    if found.reason != RetirementReason.CONSUMPTION:
        return None
    return {
        "beneficiary": found.beneficiary,
        "from": str(Month(found.period_start)),
        "purpose": Purpose.of_number(found.purpose).slug,
        "statement": found.statement,
        "to": str(Month(found.period_end)),
    }


def _range(paper: RetirementPaper, one: Retirement, projects: Projects) -> dict[str, JsonValue]:
    batch, added = paper.batches[one.batch], paper.additions.get(one.position)
    way = [] if added else [_issue(paper, batch.position, batch.holder)]
    return {
        **range_json(one.batch, one.start, one.end),
        "history": [*way, *(_event(view) for view in paper.histories[one.position])],
        "project": projects.index(batch),
        "retired": place_json(paper.places[one.position]),
        "retirement": str(one.position),
    }


def _issue(paper: RetirementPaper, position: int, holder: str) -> JsonValue:
    return {"event": "issued", **place_json(paper.places[position]), "to": holder}


def _event(view: EventView) -> JsonValue:
    """An event of the way, with its two sides, trade, order and case where it has them."""
    word, giver, taker = _WORDS[view.kind]
    found: dict[str, JsonValue] = {"event": word, **place_json(view.place)}
    sides = {"from": view.data.get(giver), "to": view.data.get(taker)}
    found |= {side: address for side, address in sides.items() if isinstance(address, str)}
    if word == "traded":
        found |= {"trade": str(view.data["trade"]), "way": TradeWay.of_number(_int(view, "way")).slug}
    if word == "moved":
        found["way"] = MoveKind.of_number(_int(view, "kind")).slug
    if "case_id" in view.data:
        found["case"] = _int(view, "case_id")
    return found


def _int(view: EventView, name: str) -> int:
    return int(str(view.data[name]))


def _named(paper: RetirementPaper) -> Iterable[str]:
    yield paper.retirements[0].holder
    for batch in paper.batches.values():
        yield batch.holder
    for history in paper.histories.values():
        for view in history:
            _word, *sides = _WORDS[view.kind]
            yield from (str(view.data[side]) for side in sides if side)
