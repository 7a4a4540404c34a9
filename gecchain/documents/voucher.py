"""The trade voucher (交易凭证, Q15) as data: for the buyer to show, so it says no price."""

from gecchain.documents.parts import Projects, energy_wh, parties, place_json, range_json
from gecchain.documents.values import Chain, Document, Kind
from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Trade
from gecchain.proofs import JsonValue
from gecchain.rules import TradeWay
from gecchain.store.views.papers import VoucherPaper

__all__ = ["voucher_document"]


def voucher_document(paper: VoucherPaper, chain: Chain) -> Document:
    """The voucher of one trade (its number is the code) or of several of one buyer (`first-last`)."""
    first, last = paper.trades[0], paper.trades[-1]
    projects = Projects(paper.filings, paper.providers, paper.accounts)
    traded: list[JsonValue] = [_trade(paper, one, projects) for one in paper.trades]
    count = sum(one.end - one.start for one in paper.trades)
    undone: list[JsonValue] = [
        {
            **range_json(one.batch, one.start, one.end),
            "case": one.case_id,
            "trade": str(one.trade),
            "undone": place_json(paper.places[one.position]),
        }
        for one in paper.undone
    ]
    named = {party for one in paper.trades for party in (one.seller, one.buyer, one.platform)}
    body: dict[str, JsonValue] = {
        "parties": parties(named, paper.accounts),
        "projects": projects.listed,
        "voucher": {
            "buyer": first.buyer,
            "count": count,
            "energy_wh": energy_wh(count),
            "trades": traded,
            "undone": undone,
            "undone_count": sum(one.end - one.start for one in paper.undone),
        },
    }
    code = str(first.id) if first.id == last.id else f"{first.id}-{last.id}"
    return Document(Kind.VOUCHER, code, chain, paper.place, body)


def _trade(paper: VoucherPaper, one: Trade, projects: Projects) -> dict[str, JsonValue]:
    batch = paper.batches[one.batch]
    return {
        **range_json(one.batch, one.start, one.end),
        "issued": place_json(paper.places[batch.position]),
        "platform": one.platform if one.platform != NO_ACCOUNT else None,
        "project": projects.index(batch),
        "seller": one.seller,
        "trade": str(one.id),
        "traded": place_json(paper.places[one.position]),
        "way": TradeWay.of_number(one.way).slug,
    }
