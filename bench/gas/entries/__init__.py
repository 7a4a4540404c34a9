"""The table's left side: every entry point of ours, each with the state it wants and the one call that is measured.

What is called by our own contracts alone is measured inside another entry point and stands in INSIDE with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bench.gas.entries import accounts, cases, certificates, deals, issuing, market, relay
from bench.gas.entry import Entry

__all__ = ["ENTRIES", "INSIDE"]

ENTRIES: Final[Sequence[Entry]] = (
    *accounts.LINES,
    *issuing.LINES,
    *certificates.LINES,
    *market.LINES,
    *deals.LINES,
    *cases.LINES,
    *relay.LINES,
)

INSIDE: Final[Mapping[str, str]] = {
    "Readings.draw": "Certificates.issue",
    "Readings.commitDeclared": "Declarations.recheck",
    "Registry.credit": "Certificates.issue",
    "Registry.correct": "Cases.decide",
    "Certificates.distributeOne": "Certificates.distribute",
    "Certificates.list": "Market.list",
    "Certificates.unlist": "Market.withdraw",
    "Certificates.trade": "Market.take",
    "Certificates.sell": "Market.fill",
    "Certificates.doubt": "Cases.open",
    "Certificates.trust": "Cases.close",
    "Certificates.add": "Cases.decide",
    "Certificates.deduct": "Cases.execute",
    "Certificates.undoTrade": "Cases.execute",
    "Certificates.undoRetirement": "Cases.execute",
    "Market.withdrawOne": "Market.withdrawAll",
    "Market.settleOne": "Market.settle",
}
"""Functions that only a contract of ours may call, and the entry point whose figure holds theirs."""
