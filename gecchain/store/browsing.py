"""What people leaf through: projects by name or code, one batch as ranges, lots by what is wanted of them.

Each of them walks an index and stops at a page's end; none looks at ranges that it does not show.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select

from gecchain.ledger import Account, Addition, ProjectName, Segment
from gecchain.ledger.counting import folded
from gecchain.rules.numbers import BatchKey, token_id
from gecchain.rules.purposes import CertificateState
from gecchain.rules.typed import canonical_text
from gecchain.store.deals import listing
from gecchain.store.queries import certificate
from gecchain.store.reading import account_or_none, cursor_number, cursor_pair, page, page_size, values_where
from gecchain.store.tables import accounts, additions, lanes, listings, project_names, segments
from gecchain.store.views import CertificateView, ListingView, Page

__all__ = [
    "BatchView",
    "HeldRange",
    "LotOrder",
    "LotWish",
    "NamedProject",
    "batch",
    "find_projects",
    "lots",
    "provinces_of",
]

LotOrder: TypeAlias = Literal["oldest", "newest", "cheapest", "dearest"]
_NAMED_AT_MOST: Final = 200
_CODE_LENGTH: Final = 17


@dataclass(frozen=True, slots=True)
class NamedProject:
    """A project as it is found; `certificates` were issued for it."""

    named: ProjectName
    certificates: int


@dataclass(frozen=True, slots=True)
class HeldRange:
    """A segment of a batch and the account that holds it, or held it last."""

    segment: Segment
    holder: Account | None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch: its first certificate says how it came to be, `ranges` who holds what, `sums` how many by state."""

    first: CertificateView
    ranges: Page[HeldRange]
    sums: dict[CertificateState, int]
    additions: tuple[Addition, ...]


@dataclass(frozen=True, slots=True)
class LotWish:
    """What a lot must be: `months` are production months, both included; `price` fen a certificate at the most.

    `project` is a code, or a part of a name; None and empty mean that anything will do.
    """

    project: str = ""
    province: int | None = None
    technology: int | None = None
    first_month: int | None = None
    last_month: int | None = None
    price: int | None = None


# Projects


def find_projects(db: Connection, words: str = "", *, after: str | None = None, limit: int = 50) -> Page[NamedProject]:
    """Projects whose code begins so, or whose name has every word, in the order of their ids."""
    issued = select(func.coalesce(func.sum(lanes.c.issued), 0)).where(lanes.c.project == project_names.c.project)
    query = (
        select(project_names, issued.scalar_subquery())
        .where(project_names.c.project > cursor_number(after), _named(words))
        .order_by(project_names.c.project)
        .limit(page_size(limit) + 1)
    )
    found = [NamedProject(ProjectName(*row[:-1]), int(row[-1])) for row in db.execute(query)]
    return page([(str(item.named.project), item) for item in found], limit)


def _named(words: str) -> ColumnElement[bool]:
    code = canonical_text(words)
    names = [project_names.c.folded.contains(word, autoescape=True) for word in folded(words).split()]
    if not code or len(code) > _CODE_LENGTH or not (code.isascii() and code.isalnum()):
        return and_(True, *names)
    begins = and_(project_names.c.code >= code, project_names.c.code < code + "~")
    return begins if len(code) == _CODE_LENGTH else or_(begins, and_(True, *names))


# Accounts


def provinces_of(db: Connection, addresses: Collection[str]) -> dict[str, int]:
    """Address to province, of those accounts that are known; 0 where an account has none."""
    query = select(accounts.c.address, accounts.c.province).where(accounts.c.address.in_(addresses))
    return {row.address: row.province for row in db.execute(query)}


# Batches


def batch(db: Connection, batch_id: int, *, after: str | None = None, limit: int = 50) -> BatchView:
    """A batch by its id, with a page of its ranges by serial. NotFound if it was never issued."""
    first = certificate(db, token_id(BatchKey.from_id(batch_id).id, 0))
    rows = db.execute(
        select(segments)
        .where(segments.c.batch == batch_id, segments.c.start > cursor_number(after, -1))
        .order_by(segments.c.start)
        .limit(page_size(limit) + 1)
    )
    found = [Segment(*row) for row in rows]
    counted = (
        select(segments.c.state, func.sum(segments.c.end - segments.c.start))
        .where(segments.c.batch == batch_id)
        .group_by(segments.c.state)
        .order_by(segments.c.state)
    )
    return BatchView(
        first=first,
        ranges=page([(str(one.start), HeldRange(one, account_or_none(db, one.owner))) for one in found], limit),
        sums={CertificateState.of_number(state): int(amount) for state, amount in db.execute(counted)},
        additions=values_where(db, "additions", additions.c.batch == batch_id, order="start"),
    )


# Lots


def _part(shift: int, bits: int) -> ColumnElement[int]:
    """A part of the batch's packing (docs/architecture.md, section 1) of a listing."""
    found: ColumnElement[int] = listings.c.batch.bitwise_rshift(literal_column(str(shift))).bitwise_and(
        literal_column(str((1 << bits) - 1))
    )
    return found


def lots(
    db: Connection, wish: LotWish, order: LotOrder = "oldest", *, after: str | None = None, limit: int = 24
) -> Page[ListingView]:
    """Open lots that fit, in that order; also what has expired and was not withdrawn (see `expires_at`)."""
    query = select(listings.c.id, listings.c.price).where(listings.c.closed == 0, *_fitting(db, wish))
    rows = db.execute(_continued(query, order, after).limit(page_size(limit) + 1))
    return page([(_cursor(order, row.id, row.price), listing(db, row.id)) for row in rows], limit)


def _fitting(db: Connection, wish: LotWish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.province is not None:
        found.append(_part(36, 7) == wish.province)
    if wish.technology is not None:
        found.append(_part(55, 5) == wish.technology)
    if wish.first_month is not None:
        found.append(_part(4, 12) >= wish.first_month)
    if wish.last_month is not None:
        found.append(_part(4, 12) <= wish.last_month)
    if wish.price is not None:
        found.append(listings.c.price.between(0, wish.price))
    if wish.project.strip():
        named = db.scalars(select(project_names.c.project).where(_named(wish.project)).limit(_NAMED_AT_MOST))
        found.append(or_(False, *(listings.c.batch.between(one << 16, one << 16 | 0xFFFF) for one in named)))
    return found


def _continued(query: Select[tuple[int, int]], order: LotOrder, after: str | None) -> Select[tuple[int, int]]:
    price, number = listings.c.price, listings.c.id
    if order == "oldest":
        return query.where(number > cursor_number(after)).order_by(number)
    if order == "newest":
        following = query if after is None else query.where(number < cursor_number(after))
        return following.order_by(number.desc())
    columns = (price, number) if order == "cheapest" else (price.desc(), number.desc())
    if after is not None:
        at_price, at = cursor_pair(after)
        further = (price > at_price, number > at) if order == "cheapest" else (price < at_price, number < at)
        query = query.where(or_(further[0], and_(price == at_price, further[1])))
    return query.order_by(*columns)


def _cursor(order: LotOrder, number: int, price: int) -> str:
    return str(number) if order in ("oldest", "newest") else f"{price}.{number}"
