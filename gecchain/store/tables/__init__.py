"""Every table of the projection. Rows of entities are the ledger's frozen values, field by field.

All of it can be thrown away and rebuilt from the chain. There is never a row per certificate. No foreign keys between
entities: the chain may name what it never opened (an owner's account opens with the first approval), and a projection
must follow; `fsck` proves what a key could only hope for.
"""

from typing import Final

from sqlalchemy import Table

from gecchain.ledger import ENTITIES
from gecchain.store.tables.cases import cases, doubts
from gecchain.store.tables.certificates import (
    additions,
    balances,
    batches,
    deductions,
    expiry_warnings,
    retirements,
    segments,
    steps,
    tallies,
    totals,
    undone_retirements,
)
from gecchain.store.tables.chain import blocks, cursor, events, mentions, orphans, undo
from gecchain.store.tables.counting import consumptions, project_names, turnovers
from gecchain.store.tables.making import metadata
from gecchain.store.tables.market import deals, listings, settlements, trades, undone_trades
from gecchain.store.tables.readings import approvals, chunks, commitments, declarations
from gecchain.store.tables.registry import (
    accounts,
    ccer_months,
    ccer_registrations,
    filings,
    lanes,
    mandates,
    parameters,
    projects,
)
from gecchain.store.tables.relay import relayed

__all__ = [
    "ENTITY_TABLES",
    "accounts",
    "additions",
    "approvals",
    "balances",
    "batches",
    "blocks",
    "cases",
    "ccer_months",
    "ccer_registrations",
    "chunks",
    "commitments",
    "consumptions",
    "cursor",
    "deals",
    "declarations",
    "deductions",
    "doubts",
    "events",
    "expiry_warnings",
    "filings",
    "lanes",
    "listings",
    "mandates",
    "mentions",
    "metadata",
    "orphans",
    "parameters",
    "project_names",
    "projects",
    "relayed",
    "retirements",
    "segments",
    "settlements",
    "steps",
    "tallies",
    "totals",
    "trades",
    "turnovers",
    "undo",
    "undone_retirements",
    "undone_trades",
]

ENTITY_TABLES: Final[dict[str, Table]] = {kind: metadata.tables[kind] for kind in ENTITIES}
