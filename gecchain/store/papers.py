"""What certificates, vouchers and retirement sheets are made of, as of a block (Q14, Q15, Q81).

A document must come out the same for good, so nothing here depends on what happened after its block: the past is read
from events and steps, whatever the newest rows say. Ranges are read by the thousand, not one by one.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, NoReturn, TypeVar

import orjson
from sqlalchemy import Connection, Select, select

from gecchain.errors import BadInput, NotFound
from gecchain.ledger import Retirement, Trade, UndoneRetirement, UndoneTrade
from gecchain.store.deals import retirement, trade
from gecchain.store.gathering import (
    Providers,
    accounts_at,
    basis_of,
    births_of,
    histories_of,
    places_at,
    rows_among,
)
from gecchain.store.queries import certificate
from gecchain.store.tables import (
    ccer_registrations,
    cursor,
    events,
    retirements,
    trades,
    undone_retirements,
    undone_trades,
)
from gecchain.store.tracing import trace
from gecchain.store.views import Place, TraceStep
from gecchain.store.views.papers import CertificatePaper, Later, RetirementPaper, VoucherPaper

__all__ = ["MAX_RANGES", "certificate_paper", "retirement_paper", "voucher_paper"]

MAX_RANGES: Final = 10_000  # of one document; ours
U = TypeVar("U", UndoneRetirement, UndoneTrade)
_PARTIES: Final = ("seller", "buyer", "from", "to", "holder")


def certificate_paper(db: Connection, token: int, as_of: int | None = None) -> CertificatePaper:
    """A certificate as of the last block up to `as_of` (default: now) in which something happened to it.

    NotFound if it was not issued by then, or if the index has not reached that block.
    """
    _require_indexed(db, as_of)
    view, whole = certificate(db, token), trace(db, token)
    born = view.addition.position if view.addition else view.batch.position
    kept = [step for step in whole if as_of is None or step.block <= as_of]
    if not kept or _position(kept[-1]) < born:
        raise NotFound(f"Certificate {view.number} was not issued by block {as_of}.")
    place = _place_of(kept[-1])
    provider = Providers(db).of(view.commitment.commitment)
    named = {party.address for step in whole for party in step.parties} | {view.batch.holder, view.filing.filing.owner}
    return CertificatePaper(
        view=view,
        steps=tuple(kept),
        place=place,
        ccer=_turned(db, view.batch.id, place.block),
        provider=provider,
        accounts=accounts_at(db, named, place.block),
        since=tuple(Later(step.name, _place_of(step)) for step in whole[len(kept) :]),
    )


def voucher_paper(db: Connection, first: int, last: int, as_of: int | None = None) -> VoucherPaper:
    """Trades `first .. last` of the buyer of the first one. BadInput if the last one is another buyer's.

    As of the last block up to `as_of` in which one of them was made or undone; NotFound if that is before the last.
    """
    _require_indexed(db, as_of)
    begun, ended = trade(db, first).trade, trade(db, last).trade
    if ended.buyer != begun.buyer:
        _refuse("voucher", f"{first}-{last}", f"Trades {first} and {last} have different buyers.")
    rows = select(trades).where(trades.c.id.between(first, last), trades.c.buyer == begun.buyer).order_by(trades.c.id)
    made = [Trade(*row) for row in _few(db, rows, "voucher", f"{first}-{last}")]
    undone = rows_among(db, undone_trades, undone_trades.c.trade, [one.id for one in made], UndoneTrade)
    place, kept, since = _split(db, [one.position for one in made], undone, "trade_undone", as_of)
    basis = basis_of(db, [one.batch for one in made])
    owners = {view.filing.owner for view in basis.filings.values()}
    issued = [batch.position for batch in basis.batches.values()]
    named = {party for one in made for party in (one.buyer, one.seller, one.platform)}
    return VoucherPaper(
        trades=tuple(replace(one, undone=0) for one in made),
        undone=tuple(kept),
        place=place,
        places=places_at(db, [*(one.position for one in made), *(one.position for one in kept), *issued]),
        batches=basis.batches,
        filings=basis.filings,
        providers=basis.providers,
        accounts=accounts_at(db, named | owners, place.block),
        since=since,
    )


def retirement_paper(db: Connection, first: int, last: int, as_of: int | None = None) -> RetirementPaper:
    """Retirements at positions `first .. last` by the holder of the first one, for its reason and under its claim.

    BadInput if the last one is not of them. As of the last block up to `as_of` in which one was made or undone.
    """
    _require_indexed(db, as_of)
    begun, ended = retirement(db, first).retirement, retirement(db, last).retirement
    if _claim(begun) != _claim(ended):
        text = "The two retirements are not one holder's under one claim."
        _refuse("retirement", f"{first}-{last}", text)
    ours = (retirements.c.holder == begun.holder, retirements.c.reason == begun.reason)
    rows = select(retirements).where(retirements.c.position.between(first, last), *ours)
    found = _few(db, rows.order_by(retirements.c.position), "retirement", f"{first}-{last}")
    made = [one for one in (Retirement(*row) for row in found) if _claim(one) == _claim(begun)]
    positions = [one.position for one in made]
    undone = rows_among(db, undone_retirements, undone_retirements.c.retirement, positions, UndoneRetirement)
    place, kept, since = _split(db, positions, undone, "retirement_undone", as_of)
    basis = basis_of(db, [one.batch for one in made])
    owners = {view.filing.owner for view in basis.filings.values()}
    histories = histories_of(db, made)
    born = births_of(db, made)
    told = {view.data.get(field) for history in histories.values() for view in history for field in _PARTIES}
    named = {begun.holder} | {party for party in told if isinstance(party, str)}
    issues = [*(batch.position for batch in basis.batches.values()), *(one.position for one in born.values())]
    return RetirementPaper(
        retirements=tuple(replace(one, undone=0) for one in made),
        undone=tuple(kept),
        histories=histories,
        additions=born,
        place=place,
        places=places_at(db, [*positions, *(one.position for one in kept), *issues]),
        batches=basis.batches,
        filings=basis.filings,
        providers=basis.providers,
        accounts=accounts_at(db, named | owners | {batch.holder for batch in basis.batches.values()}, place.block),
        since=since,
    )


def _require_indexed(db: Connection, as_of: int | None) -> None:
    if as_of is None:
        return
    indexed = db.scalar(select(cursor.c.block))
    if indexed is None or as_of > indexed:
        at = "nothing" if indexed is None else f"block {indexed}"
        raise NotFound(
            f"Block {as_of} is not indexed; the index stands at {at}.", remedy="Leave as_of out, or ask again later."
        )


def _few(db: Connection, query: Select[Any], field: str, value: str) -> Sequence[Any]:
    rows = db.execute(query.limit(MAX_RANGES + 1)).all()
    if len(rows) > MAX_RANGES:
        _refuse(field, value, f"A document holds {MAX_RANGES:,} ranges at the most.")
    return rows


def _refuse(field: str, value: str, why: str) -> NoReturn:
    raise BadInput(why, field=field, value=value, remedy="Ask for one number, or for fewer at a time.")


def _claim(found: Retirement) -> tuple[Any, ...]:
    return (
        found.holder,
        found.reason,
        found.beneficiary,
        found.purpose,
        found.period_start,
        found.period_end,
        found.statement,
    )


def _split(
    db: Connection, made: Sequence[int], undone: Sequence[U], name: str, as_of: int | None
) -> tuple[Place, list[U], tuple[Later, ...]]:
    """The block that a document of these positions is of, what was undone until then, and what was later."""
    last = made[-1] >> 24
    if as_of is not None and as_of < last:
        raise NotFound(f"Not all of it had happened by block {as_of}; the last was in block {last}.")
    ordered = sorted(undone, key=lambda one: one.position)
    kept = [one for one in ordered if as_of is None or one.position >> 24 <= as_of]
    later: list[U] = ordered[len(kept) :]
    end = max(made[-1], kept[-1].position if kept else 0)
    places = places_at(db, [end, *(one.position for one in later)])
    return places[end], kept, tuple(Later(name, places[one.position]) for one in later)


def _turned(db: Connection, batch: int, block: int) -> bool:
    """Whether the batch's project had turned to CCER by that block, or its month was registered (Q12, Q66)."""
    project, month, end = batch >> 16, batch >> 4 & 0xFFF, (block + 1) << 24
    about = events.c.project == project, events.c.kind == "CcerChosen", events.c.position < end
    chosen = db.scalar(select(events.c.document).where(*about).order_by(events.c.position.desc()).limit(1))
    if chosen is not None and orjson.loads(chosen)["chosen"]:
        return True
    registered = select(ccer_registrations.c.position).where(
        ccer_registrations.c.project == project,
        ccer_registrations.c.start <= month,
        ccer_registrations.c.end > month,
        ccer_registrations.c.position < end,
    )
    return db.scalar(registered.limit(1)) is not None


def _position(step: TraceStep) -> int:
    return step.block << 24 | step.log_index


def _place_of(step: TraceStep) -> Place:
    return Place(step.block, step.block_hash, step.log_index, step.transaction, step.time)
