"""What verification stands on, in as few statements as can be: the hot path of the public's questions.

One statement by keys finds the batch, its reading's commitment, its filing and the segment of the serial, so the cost
does not depend on how many certificates there are.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, true

from gecchain.events import NO_ACCOUNT
from gecchain.ledger import Batch
from gecchain.rules.numbers import split_token_id
from gecchain.store.glancing import Asking, Question
from gecchain.store.looking import CURSOR
from gecchain.store.prepared import Prepared
from gecchain.store.tables import (
    accounts,
    additions,
    batches,
    ccer_months,
    commitments,
    cursor,
    events,
    filings,
    projects,
    segments,
)
from gecchain.store.views import Health

__all__ = ["FactsBasis", "IssuedBatch", "batches_of_project", "commitment_leaves", "facts_basis", "facts_basis_at"]


@dataclass(frozen=True, slots=True)
class FactsBasis:
    """Facts of one token as they are indexed; `filing` is the filing's canonical text, `leaves` of the commitment.

    `state` is 0, `owner` no account and `traded` False where the serial is not below `count`. For a certificate that a
    case added, `case_id` is not 0, `readings_root` the hash of the evidence it was decided on, and `leaf` the case; of
    `count` cases added `added`. `ccer` says that it stands still while it is untraded (see `shown_state`).
    """

    batch: int
    count: int
    commitment: int
    readings_root: str
    leaves: int
    leaf: int
    filing: str
    owner: str
    state: int
    traded: bool
    case_id: int
    added: int
    ccer: bool


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """A batch, and the name of the provider whose reading it came from."""

    batch: Batch
    provider: str


_start: Final = (
    select(func.max(segments.c.start))
    .where(segments.c.batch == bindparam("batch"), segments.c.start <= bindparam("serial"))
    .scalar_subquery()
)
_added: Final = (
    select(func.max(additions.c.start))
    .where(additions.c.batch == bindparam("batch"), additions.c.start <= bindparam("serial"))
    .scalar_subquery()
)
_first_added: Final = (
    select(func.min(additions.c.start)).where(additions.c.batch == bindparam("batch")).scalar_subquery()
)
_MONTH: Final = ccer_months.c.month == batches.c.month
_FACTS: Final = (
    select(
        batches.c.id,
        batches.c.count,
        batches.c.commitment,
        commitments.c.root,
        commitments.c.leaves,
        batches.c.leaf,
        filings.c.document,
        segments.c.owner,
        segments.c.state,
        segments.c.trade != 0,
        func.coalesce(additions.c.case_id, 0),
        batches.c.count - func.coalesce(_first_added, batches.c.count),
        or_(projects.c.ccer, exists().where(ccer_months.c.project == bindparam("project"), _MONTH)),
        additions.c.basis,
    )
    .join(commitments, commitments.c.id == batches.c.commitment)
    .join(filings, and_(filings.c.project == bindparam("project"), filings.c.version == batches.c.filing))
    .join(segments, and_(segments.c.batch == batches.c.id, segments.c.start == _start))
    .join(projects, projects.c.id == bindparam("project"))
    .outerjoin(additions, and_(additions.c.batch == batches.c.id, additions.c.start == _added))
    .where(batches.c.id == bindparam("batch"))
)
_BASIS: Final = Prepared(_FACTS)
_facts = _FACTS.subquery("facts")
_STANDING_BASIS: Final = Prepared(select(*CURSOR, *_facts.c).select_from(cursor.outerjoin(_facts, true())))


def facts_basis(db: Connection, token: int) -> FactsBasis | None:
    """What the facts of a token are made of; None if its batch was never issued. BadInput for an impossible token."""
    batch, serial = split_token_id(token)
    row = _BASIS.first(db, batch=batch, project=batch >> 16, serial=serial)
    return None if row is None else _basis(row, serial)


def facts_basis_at(token: int) -> Asking[tuple[Health | None, FactsBasis | None]]:
    """The same, together with where the index stands, in one statement."""
    batch, serial = split_token_id(token)
    rows = yield Question(_STANDING_BASIS, {"batch": batch, "project": batch >> 16, "serial": serial})
    if not rows:
        return None, None
    at, row = len(CURSOR), rows[0]
    return Health(*row[:at]), None if row[at] is None else _basis(row[at:], serial)


def _basis(row: tuple[Any, ...], serial: int) -> FactsBasis:
    *known, basis = row
    found = FactsBasis(*known)
    if found.case_id:
        found = replace(found, readings_root=basis, leaf=found.case_id)
    return found if serial < found.count else replace(found, owner=NO_ACCOUNT, state=0, traded=False)


def batches_of_project(db: Connection, project: int) -> tuple[IssuedBatch, ...]:
    """Every batch of a project, in the order of production months, with the name of who provided its reading."""
    first = project << 16
    query = (
        select(batches, func.coalesce(accounts.c.name, ""))
        .join(commitments, commitments.c.id == batches.c.commitment)
        .outerjoin(accounts, accounts.c.address == commitments.c.provider)
        .where(batches.c.id.between(first, first | 0xFFFF))
        .order_by(batches.c.id)
    )
    return tuple(IssuedBatch(Batch(*row[:-1]), row[-1]) for row in db.execute(query))


def commitment_leaves(db: Connection, commitment: int) -> tuple[int, ...]:
    """The packed leaves of a commitment in order, out of its Issued events, as far as chunks were issued at all.

    They are fewer than the commitment has, or not the first ones, while a chunk was not issued; whoever needs them
    all compares their root.
    """
    query = select(events.c.document).where(events.c.commitment == commitment, events.c.kind == "Issued")
    chunks: dict[int, list[str]] = {}
    for document in db.scalars(query):
        found = orjson.loads(document)
        chunks[found["chunk"]] = found["leaves"]
    return tuple(int(word) for chunk in sorted(chunks) for word in chunks[chunk])
