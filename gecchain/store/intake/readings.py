"""Readings to be committed, and the commitments prepared from them.

A prepared commitment keeps its leaves in the order of the tree, so that proofs can be made again at any time, also
after a reading was revised.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Row, Select, bindparam, func, insert, select, tuple_, update

from gecchain.errors import NotFound
from gecchain.rules.months import Month
from gecchain.store.engine import connected
from gecchain.store.facets import project_province
from gecchain.store.intake.rows import KeptLeaf, KeptReading, kept_reading
from gecchain.store.intake.tables import commitments, files, leaves, readings, refusals
from gecchain.store.prepared import Prepared, PreparedRows

__all__ = ["MonthRead", "PreparedCommitment", "ReadingStore"]

_PAGE: Final = 4096
_LEAF: Final = (readings.c.id, readings.c.project, readings.c.electricity, readings.c.wh, readings.c.digest)
_LEAVES_BY_ID: Final = Prepared(select(*_LEAF), among=readings.c.id)
_LEAVES_OF: Final = Prepared(
    select(*_LEAF, leaves.c.position)
    .join(leaves, leaves.c.reading == readings.c.id)
    .where(leaves.c.commitment == bindparam("commitment"), leaves.c.position > bindparam("after"))
    .order_by(leaves.c.position)
    .limit(_PAGE)
)
_LEAVES: Final = PreparedRows(leaves)


@dataclass(frozen=True, slots=True)
class PreparedCommitment:
    """A month's readings of one provider as one tree. `root` and `evidence` have 32 bytes; `replaces` is 0 or a number.

    `status` is prepared, committed, replaced or abandoned; `number` is the one on the chain, once known.
    """

    id: int
    month: Month
    provider: str
    declared: bool
    root: bytes
    leaves: int
    total_wh: int
    evidence: bytes
    replaces: int
    status: str
    number: int | None


@dataclass(frozen=True, slots=True)
class MonthRead:
    """What came in of a month: `(readings, Wh)` by province (GB/T 2260), and refused rows by code."""

    readings: Mapping[int, tuple[int, int]]
    refused: Mapping[str, int]


class ReadingStore:
    """Reading and committing. Iterations hold one page of 4,096 rows and see changes between pages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self, month: Month, provider: str | None = None) -> Iterator[KeptReading]:
        """Current readings of a month (of one provider), by project and electricity: the order of leaves."""
        query = select(readings).where(readings.c.current, readings.c.month == month.index)
        if provider is not None:
            query = query.where(readings.c.provider == provider)
        key = (readings.c.project, readings.c.electricity)
        yield from map(kept_reading, self._pages(query.order_by(*key), key))

    def providers(self, month: Month) -> tuple[str, ...]:
        """Who pushed current readings of a month, in order of name."""
        query = select(readings.c.provider).where(readings.c.current, readings.c.month == month.index).distinct()
        with connected(self._engine) as connection:
            return tuple(connection.execute(query.order_by(readings.c.provider)).scalars())

    def months(self) -> tuple[Month, ...]:
        """Months of which there are current readings, in order."""
        query = select(readings.c.month).where(readings.c.current).distinct().order_by(readings.c.month)
        with connected(self._engine) as connection:
            return tuple(Month(index) for index in connection.execute(query).scalars())

    def read(self, month: Month) -> MonthRead:
        """What came in of a month: current readings by province, and open refusals of their files by code."""
        province = project_province(readings.c.project)
        mine = readings.c.current, readings.c.month == month.index
        sums = select(province, func.count(), func.sum(readings.c.wh)).where(*mine).group_by(province)
        open_ = refusals.c.status == "open", refusals.c.file.in_(select(readings.c.file).where(*mine).distinct())
        codes = select(refusals.c.code, func.count()).where(*open_).group_by(refusals.c.code)
        with connected(self._engine) as connection:
            found = {int(code): (int(count), int(wh)) for code, count, wh in connection.execute(sums)}
            refused = {code: int(count) for code, count in connection.execute(codes.order_by(refusals.c.code))}
        return MonthRead(found, refused)

    def leaves_with(self, ids: Sequence[int]) -> Iterator[KeptLeaf]:
        """What a commitment would say of these readings, current or replaced, in the order of the ids."""
        for start in range(0, len(ids), _PAGE):
            page = ids[start : start + _PAGE]
            with connected(self._engine) as connection:
                found = {row[0]: KeptLeaf(*row) for row in _LEAVES_BY_ID.rows(connection, keys=page)}
            yield from (found[one] for one in page)

    def by_digest(self, project: int, digest: bytes) -> KeptReading:
        """The reading of a project whose record has that digest (17 bytes), for tracing; NotFound if there is none."""
        query = select(readings).where(readings.c.project == project, readings.c.digest == digest).limit(1)
        with connected(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("No reading has this digest.", remedy="Ask the provider for the record.")
        return kept_reading(row)

    def sources_of(self, reading_ids: Sequence[int]) -> tuple[str, ...]:
        """SHA-256 (hex) of the files that these readings came from, each once, in order."""
        found: set[str] = set()
        with connected(self._engine) as connection:
            for start in range(0, len(reading_ids), _PAGE):
                some = reading_ids[start : start + _PAGE]
                query = select(files.c.sha256).join(readings, readings.c.file == files.c.id).distinct()
                found.update(connection.execute(query.where(readings.c.id.in_(some))).scalars())
        return tuple(sorted(found))

    def total_wh(self) -> int:
        """Sum of all current readings in Wh."""
        with connected(self._engine) as connection:
            total = connection.execute(select(func.sum(readings.c.wh)).where(readings.c.current)).scalar_one()
        return int(total or 0)

    def prepare(
        self,
        month: Month,
        provider: str,
        *,
        root: bytes,
        reading_ids: Sequence[int],
        total_wh: int,
        evidence: bytes,
        declared: bool = False,
        replaces: int = 0,
    ) -> int:
        """Keep a commitment before it is sent; `reading_ids` in the order of its leaves. The id of the row."""
        row = {
            "month": month.index,
            "provider": provider,
            "declared": declared,
            "root": root,
            "leaves": len(reading_ids),
            "total_wh": total_wh,
            "evidence": evidence,
            "replaces": replaces,
            "status": "prepared",
        }
        with connected(self._engine, writes=True) as connection:
            made = connection.execute(insert(commitments).values(row).returning(commitments.c.id)).scalar_one()
            for start in range(0, len(reading_ids), _PAGE):
                page = enumerate(reading_ids[start : start + _PAGE], start)
                _LEAVES.write(connection, [(made, position, reading) for position, reading in page])
        return int(made)

    def mark(self, commitment: int, status: str, number: int | None = None) -> None:
        """Set the status of a commitment, and its number on the chain; NotFound if there is none of that id."""
        values: dict[str, Any] = {"status": status} | ({} if number is None else {"number": number})
        with connected(self._engine, writes=True) as connection:
            marked = connection.execute(update(commitments).where(commitments.c.id == commitment).values(values))
        if marked.rowcount == 0:
            raise NotFound(f"There is no prepared commitment {commitment}.")

    def commitments(self, month: Month | None = None, provider: str | None = None) -> tuple[PreparedCommitment, ...]:
        """Prepared commitments, oldest first."""
        query = select(commitments).order_by(commitments.c.id)
        if month is not None:
            query = query.where(commitments.c.month == month.index)
        if provider is not None:
            query = query.where(commitments.c.provider == provider)
        with connected(self._engine) as connection:
            return tuple(_commitment(row) for row in connection.execute(query))

    def leaves_of(self, commitment: int) -> Iterator[KeptLeaf]:
        """The leaves of a prepared commitment in their order."""
        after = -1
        while True:
            with connected(self._engine) as connection:
                page = _LEAVES_OF.rows(connection, commitment=commitment, after=after)
            yield from (KeptLeaf(*row[:-1]) for row in page)
            if len(page) < _PAGE:
                return
            after = page[-1][-1]

    def _pages(self, query: Select[Any], key: Sequence[Any]) -> Iterator[Row[Any]]:
        page_query = query.limit(_PAGE)
        while True:
            with connected(self._engine) as connection:
                page = connection.execute(page_query).all()
            yield from page
            if len(page) < _PAGE:
                return
            after = tuple_(*key) > tuple_(*(getattr(page[-1], column.name) for column in key))
            page_query = query.where(after).limit(_PAGE)


def _commitment(row: Row[Any]) -> PreparedCommitment:
    return PreparedCommitment(
        id=row.id,
        month=Month(row.month),
        provider=row.provider,
        declared=row.declared,
        root=bytes(row.root),
        leaves=row.leaves,
        total_wh=row.total_wh,
        evidence=bytes(row.evidence),
        replaces=row.replaces,
        status=row.status,
        number=row.number,
    )
