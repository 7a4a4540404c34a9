"""Every question that pages, platforms and auditors ask of the projection, answered in frozen values.

All functions take an open connection; none writes. NotFound says that nothing of that key is indexed (yet).
A certificate is found by one look-up of the segment that covers its serial; its history is a chain of steps, so both
cost the same however many certificates there are.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, and_, bindparam, exists, func, select, tuple_

from gecchain.errors import NotFound
from gecchain.ledger import (
    Addition,
    Approval,
    Balance,
    Batch,
    Commitment,
    Filing,
    LaneAccount,
    Listing,
    Project,
    Segment,
    Totals,
)
from gecchain.rules.months import expires_at
from gecchain.rules.numbers import BatchKey, ProjectKey, number_of, split_token_id
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.rules.purposes import AccountKind, CertificateState, shown_state
from gecchain.store.ccer import ccer
from gecchain.store.deals import listing, open_listings, retirement, retirements_of, trade, trades_of
from gecchain.store.declaring import declaration, declaration_list
from gecchain.store.disputes import case, case_list, overdue_cases
from gecchain.store.due import due_ranges, expiring, months_to_warn, stale_listings
from gecchain.store.feed import event_feed
from gecchain.store.lists.naming import accounts_at, places_at, project_names
from gecchain.store.looking import CURSOR
from gecchain.store.mandates import actor_of, closed_accounts, mandate, mandates_of
from gecchain.store.orders import deal, deal_list, settlement_list
from gecchain.store.prepared import Prepared
from gecchain.store.reading import (
    account_or_none,
    acting_account,
    cursor_number,
    cursor_pair,
    filing_view,
    page,
    page_size,
    parsed,
    place_at,
    value_by,
)
from gecchain.store.tables import (
    additions,
    approvals,
    batches,
    ccer_months,
    commitments,
    filings,
    lanes,
    listings,
    projects,
    segments,
    tallies,
)
from gecchain.store.tracing import trace
from gecchain.store.views import (
    AccountView,
    CertificateView,
    CommitmentView,
    FilingView,
    Health,
    HoldingView,
    LeafView,
    Page,
    ProjectView,
    StatisticsRow,
)

__all__ = [
    "account",
    "actor_of",
    "case",
    "case_list",
    "ccer",
    "certificate",
    "closed_accounts",
    "deal",
    "deal_list",
    "declaration",
    "declaration_list",
    "due_ranges",
    "event_feed",
    "expiring",
    "health",
    "holdings",
    "listing",
    "mandate",
    "mandates_of",
    "months_to_warn",
    "open_listings",
    "overdue_cases",
    "project",
    "project_list",
    "registry_totals",
    "retirement",
    "retirements_of",
    "settlement_list",
    "stale_listings",
    "statistics",
    "trace",
    "trade",
    "trades_of",
]

_LEAF_WH: Final = (1 << 64) - 1
_CURSOR: Final = Prepared(select(*CURSOR))
_OPEN_LOT: Final = Prepared(
    select(listings)
    .where(listings.c.batch == bindparam("batch"), listings.c.closed == 0, listings.c.left <= bindparam("serial"))
    .order_by(listings.c.left.desc())
    .limit(1)
)
_STANDS_ON: Final = (
    (Batch, batches),
    (Segment, segments),
    (Project, projects),
    (Filing, filings),
    (Commitment, commitments),
    (Addition, additions),
)


# Certificates


_COVERING: Final = (
    select(func.max(segments.c.start))
    .where(segments.c.batch == bindparam("batch"), segments.c.start <= bindparam("serial"))
    .scalar_subquery()
)
_ADDED: Final = (
    select(func.max(additions.c.start))
    .where(additions.c.batch == bindparam("batch"), additions.c.start <= bindparam("serial"))
    .scalar_subquery()
)
_REGISTERED: Final = exists().where(
    ccer_months.c.project == bindparam("project"), ccer_months.c.month == batches.c.month
)
_STANDING: Final = Prepared(
    select(batches, segments, projects, filings, commitments, additions, _REGISTERED)
    .join(segments, and_(segments.c.batch == batches.c.id, segments.c.start == _COVERING))
    .join(projects, projects.c.id == bindparam("project"))
    .join(filings, and_(filings.c.project == bindparam("project"), filings.c.version == batches.c.filing))
    .join(commitments, commitments.c.id == batches.c.commitment)
    .outerjoin(additions, and_(additions.c.batch == batches.c.id, additions.c.start == _ADDED))
    .where(batches.c.id == bindparam("batch"))
)


def certificate(db: Connection, token: int) -> CertificateView:
    """Everything about one certificate (Q14). NotFound if it was never issued; BadInput for an impossible token id."""
    batch_id, serial = split_token_id(token)
    standing = _standing(db, batch_id, serial)
    batch, segment, owned, filing, commitment = standing.basis
    key = BatchKey.from_id(batch_id)
    parties = accounts_at(db, (filing.owner, segment.owner))
    reviewed = (filing.reviewed,) if filing.reviewed else ()
    approved = _approvals(db, commitment)
    acts = (one.position for one in approved)
    places = places_at(db, (filing.submitted, *reviewed, commitment.position, batch.position, *acts))
    return CertificateView(
        token_id=token,
        number=number_of(token),
        serial=serial,
        month=key.month.index,
        electricity=key.electricity.value,
        tradable=key.tradable,
        expires_at=expires_at(key.month),
        batch=batch,
        segment=segment,
        project=owned,
        project_code=ProjectKey.from_id(key.project).code,
        filing=FilingView(filing, parsed(filing.document), places[filing.submitted], places.get(filing.reviewed)),
        owner=parties.get(filing.owner),
        holder=parties.get(segment.owner),
        commitment=CommitmentView(
            commitment,
            acting_account(db, commitment.provider, AccountKind.PROVIDER),
            places[commitment.position],
            tuple((one.officer, places[one.position]) for one in approved),
        ),
        leaf=_leaf(batch),
        issued=places[batch.position],
        listing=_listing_over(db, segment, serial),
        trade=value_by(db, "trades", segment.trade) if segment.traded else None,
        retirement=value_by(db, "retirements", segment.since) if segment.state == CertificateState.RETIRED else None,
        shown=shown_state(segment.state, traded=segment.traded, ccer=owned.ccer or standing.registered),
        addition=standing.addition,
        case=value_by(db, "cases", batch.case_id) if batch.case_id else None,
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a certificate stands on."""

    basis: tuple[Batch, Segment, Project, Filing, Commitment]
    addition: Addition | None
    registered: bool


def _standing(db: Connection, batch: int, serial: int) -> _Standing:
    """All of it in one statement by keys; NotFound if the certificate was never issued."""
    row = _STANDING.first(db, batch=batch, project=batch >> 16, serial=serial)
    values = [] if row is None else _cut(row)
    if row is None or values[1].end <= serial:
        raise NotFound("No such certificate was issued.", remedy="Check the number; new ones appear within seconds.")
    stood_on, segment, owned, filing, commitment, added = values
    covers = added.batch is not None and added.end > serial
    basis = stood_on, segment, owned, filing, commitment
    return _Standing(basis, added if covers else None, bool(row[-1]))


def _cut(row: tuple[Any, ...]) -> list[Any]:
    """The entities that stand side by side in a row."""
    values, at = [], 0
    for shape, table in _STANDS_ON:
        values.append(shape(*row[at : at + len(table.c)]))
        at += len(table.c)
    return values


def _approvals(db: Connection, commitment: Commitment) -> list[Approval]:
    """In the chain's order; nothing is asked of a commitment that nobody approved."""
    if not commitment.approvals:
        return []
    query = select(approvals).where(approvals.c.commitment == commitment.id).order_by(approvals.c.position)
    return [Approval(*row) for row in db.execute(query)]


def _leaf(batch: Batch) -> LeafView:
    word = batch.word
    return LeafView(
        index=batch.leaf,
        chunk=batch.leaf // CHUNK_LEAVES.value,
        word=word,
        project=word >> 208,
        electricity=word >> 200 & 0xFF,
        wh=word >> 136 & _LEAF_WH,
        digest=f"0x{word & ((1 << 136) - 1):034x}",
    )


def _listing_over(db: Connection, segment: Segment, serial: int) -> Listing | None:
    if segment.state != CertificateState.LISTED:
        return None
    row = _OPEN_LOT.first(db, batch=segment.batch, serial=serial)
    return None if row is None else Listing(*row)


# Projects and accounts


def project(db: Connection, code: str | int) -> ProjectView:
    """A project by its code (as typed) or id, with every version of its filing (Q92)."""
    key = ProjectKey.parse(code) if isinstance(code, str) else ProjectKey.from_id(code)
    found: Project | None = value_by(db, "projects", key.id)
    if found is None:
        raise NotFound(f"Project {key.code} is not filed.")
    rows = db.execute(select(filings).where(filings.c.project == key.id).order_by(filings.c.version))
    history = tuple(filing_view(db, Filing(*row)) for row in rows)
    energy = db.execute(select(lanes).where(lanes.c.project == key.id).order_by(lanes.c.electricity))
    accounts_of_energy = tuple(LaneAccount(*row) for row in energy)
    months = [lane.lane >> 20 & 0xFFF for lane in accounts_of_energy]
    return ProjectView(
        project=found,
        code=key.code,
        owner=account_or_none(db, found.owner if found.approved else history[-1].filing.owner),
        filing=next((view for view in history if view.filing.version == found.approved), None),
        history=history,
        lanes=accounts_of_energy,
        certificates=sum(lane.issued for lane in accounts_of_energy),
        latest_month=max(months, default=None),
    )


def project_list(db: Connection, *, after: str | None = None, limit: int = 50) -> Page[ProjectView]:
    """Projects in the order of their ids."""
    query = (
        select(projects.c.id)
        .where(projects.c.id > cursor_number(after))
        .order_by(projects.c.id)
        .limit(page_size(limit) + 1)
    )
    found = [(str(number), number) for number in db.scalars(query)]
    return page([(key, project(db, number)) for key, number in found], limit)


def account(db: Connection, address: str) -> AccountView:
    """An account by its address (lower-case hex)."""
    found = account_or_none(db, address.lower())
    if found is None:
        raise NotFound(f"Account {address} does not exist.")
    balance = value_by(db, "balances", found.address) or Balance(found.address, 0, 0)
    return AccountView(found, balance, place_at(db, found.opened))


def _held(of_state: ColumnElement[bool]) -> Prepared:
    after = tuple_(segments.c.batch, segments.c.start) > tuple_(bindparam("batch"), bindparam("start"))
    return Prepared(
        select(segments)
        .where(segments.c.owner == bindparam("owner"), of_state, after)
        .order_by(segments.c.batch, segments.c.start)
        .limit(bindparam("most", type_=BigInteger))
    )


_HELD: Final = _held(segments.c.state < CertificateState.RETIRED.value)
_ENDED: Final = _held(segments.c.state >= CertificateState.RETIRED.value)


def holdings(
    db: Connection, address: str, *, retired: bool = False, after: str | None = None, limit: int = 50
) -> Page[HoldingView]:
    """Ranges of an account by batch and serial: those alive, or with `retired` those that ended with it."""
    batch, start = cursor_pair(after)
    query = _ENDED if retired else _HELD
    rows = query.rows(db, owner=address.lower(), batch=batch, start=start, most=page_size(limit) + 1)
    found = [Segment(*row) for row in rows]
    names = project_names(db, (segment.batch >> 16 for segment in found))
    return page([(f"{one.batch}.{one.start}", _holding(one, names.get(one.batch >> 16, ""))) for one in found], limit)


def _holding(segment: Segment, project_name: str) -> HoldingView:
    key = BatchKey.from_id(segment.batch)
    return HoldingView(
        segment=segment,
        project_code=ProjectKey.from_id(key.project).code,
        project_name=project_name,
        month=key.month.index,
        electricity=key.electricity.value,
        tradable=key.tradable,
        expires_at=expires_at(key.month),
    )


# The whole


def statistics(
    db: Connection,
    by: tuple[Literal["month", "province", "technology"], ...] = ("month",),
    *,
    first_month: int = 0,
    last_month: int = 4095,
) -> tuple[StatisticsRow, ...]:
    """Certificates counted, of production months `first_month .. last_month`, grouped and sorted."""
    groups: list[ColumnElement[Any]] = [tallies.c[name] for name in by]
    sums = (func.sum(tallies.c[name]).label(name) for name in ("issued", "traded", "retired", "deducted"))
    query: Select[Any] = select(*groups, *sums).where(tallies.c.month.between(first_month, last_month))
    if groups:
        query = query.group_by(*groups).order_by(*groups)
    return tuple(_statistics_row(row) for row in db.execute(query).mappings())


def _statistics_row(row: Any) -> StatisticsRow:
    return StatisticsRow(
        month=row.get("month"),
        province=row.get("province"),
        technology=row.get("technology"),
        issued=int(row["issued"] or 0),
        traded=int(row["traded"] or 0),
        retired=int(row["retired"] or 0),
        deducted=int(row["deducted"] or 0),
    )


def registry_totals(db: Connection) -> Totals:
    """Metered Wh = 1,000,000 * (issued - deducted - owed) + carry, and how many have ended (I3, I4)."""
    return value_by(db, "totals", 1) or Totals()


def health(db: Connection) -> Health:
    """Where the index stands. NotFound before the first block is indexed."""
    row = _CURSOR.first(db)
    if row is None:
        raise NotFound("Nothing is indexed yet.", remedy="Start the indexer: gec index.")
    return Health(*row)
