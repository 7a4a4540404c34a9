"""Whether two indexers agree on who owns what: neighbouring serials of one owner are one range in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Engine, select

from gecchain.errors import BrokenProof
from gecchain.rules import CertificateState
from gecchain.store.tables import segments

__all__ = ["Range", "joined", "of_ours", "require_same"]

Range = tuple[int, int, int, str]
"""Batch, serials `[start, end)`, owner."""
_ENDED: Final = (CertificateState.RETIRED, CertificateState.DEDUCTED)


def of_ours(engine: Engine) -> Iterator[Range]:
    """What our projection says, in order; what is retired has no owner any more."""
    live = segments.c.state.not_in([int(state) for state in _ENDED])
    columns = (segments.c.batch, segments.c.start, segments.c.end, segments.c.owner)
    with engine.connect() as db:
        for row in db.execute(select(*columns).where(live).order_by(segments.c.batch, segments.c.start)):
            yield row.batch, row.start, row.end, row.owner.lower()


def joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """Ranges in order, those that touch and have one owner as one."""
    last: Range | None = None
    for one in ranges:
        if last is not None and (last[0], last[2], last[3]) == (one[0], one[1], one[3]):
            last = (last[0], last[1], one[2], last[3])
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def require_same(ours: Iterable[Range], theirs: Iterable[Range], who: str) -> int:
    """How many ranges both have; BrokenProof at the first that only one has."""
    mine, other = list(joined(ours)), list(joined(theirs))
    for place, (one, another) in enumerate(zip(mine, other, strict=False)):
        if one != another:
            raise BrokenProof(f"ours has {one} where {who} has {another}", where=f"range {place}")
    if len(mine) != len(other):
        raise BrokenProof(f"ours has {len(mine)} ranges, {who} has {len(other)}", where="the end")
    return len(mine)
