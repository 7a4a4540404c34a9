"""The page of a batch: how it was issued, and its ranges by whom they belong to."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from api.cursors import closed, opened
from api.pages.rendering import language_of, page
from api.parameters import serial_number
from api.registry import registry_of
from api.shapes import named, party, span
from api.viewing import seen
from gecchain.answers import Named, PartyAnswer, RangeAnswer
from gecchain.rules import CertificateState, parse_number
from gecchain.store import browsing
from gecchain.store.browsing import HeldRange

__all__ = ["router"]

router = APIRouter()
_RANGES: Final = 50
_WIDTH: Final = 720
_NUMBER_LENGTH: Final = 32


@dataclass(frozen=True, slots=True)
class RangeRow:
    """A range as it is shown; `voucher` and `sheet` are the codes of its trade and its retirement, if any."""

    range: RangeAnswer
    state: Named
    holder: PartyAnswer
    ended: bool
    voucher: int | None
    sheet: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A range on the strip that stands for the whole batch."""

    state: str
    x: int
    width: int


@router.get("/batches/{batch}")
def batch(request: Request, batch: str, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """A batch by its id; by the number of any of its certificates, the way to that address."""
    if len(batch) >= _NUMBER_LENGTH or not batch.isdecimal():
        found = parse_number(batch) >> 32
        return RedirectResponse(f"/{language_of(request)}/batches/{found}", status_code=303)
    registry, wanted = registry_of(request), serial_number("batch", batch)
    with registry.snapshot(request) as snapshot:
        view = browsing.batch(snapshot.db, wanted, after=opened("batch", after), limit=_RANGES)
        shown = seen(registry, snapshot, view.first.token_id)
    whole = after is None and view.ranges.next is None
    return page(
        request,
        "batch.html",
        current="projects",
        batch=wanted,
        certificate=shown.answer,
        first=view.first,
        rows=[_row(one) for one in view.ranges.items],
        strip=_strip(view.ranges.items, view.first.batch.count) if whole else (),
        sums=[(named(state), count) for state, count in view.sums.items()],
        additions=[(span(one.batch, one.start, one.end), one.case_id) for one in view.additions],
        next=closed("batch", view.ranges.next),
    )


def _row(one: HeldRange) -> RangeRow:
    segment = one.segment
    state = CertificateState.of_number(segment.state)
    return RangeRow(
        range=span(segment.batch, segment.start, segment.end),
        state=named(state),
        holder=party("holder", segment.owner, one.holder),
        ended=state in (CertificateState.RETIRED, CertificateState.DEDUCTED),
        voucher=segment.trade or None,
        sheet=segment.since if state is CertificateState.RETIRED else None,
    )


def _strip(ranges: tuple[HeldRange, ...], total: int) -> tuple[Piece, ...]:
    """Ranges side by side, as wide as they are long; a short one is still seen."""
    pieces = []
    for one in ranges:
        segment = one.segment
        left, right = _WIDTH * segment.start // total, _WIDTH * segment.end // total
        pieces.append(Piece(CertificateState.of_number(segment.state).slug, left, max(right - left, 2)))
    return tuple(pieces)
