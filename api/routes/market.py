"""The market: open lots, one trade, one retirement."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api.answering import AnswerRoute
from api.lists import LISTS, Asked, Listing, answered
from api.parameters import retirement_position, serial_number
from api.registry import registry_of
from api.shapes import listing_answer, retirement_answer, trade_answer
from api.waiting import Waits
from gecchain.answers import ListingAnswer, PageAnswer, RetirementAnswer, TradeAnswer
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["market"], dependencies=[Waits])


@router.get("/listings", response_model=PageAnswer[ListingAnswer], responses=LISTS)
def listings(request: Request, asked: Asked) -> Response:
    """Open lots, oldest first (Q43). A lot that expired and was not withdrawn says so."""
    now = registry_of(request).now()
    listing = Listing(
        "lots",
        ListingAnswer,
        lambda snapshot, after, limit: queries.open_listings(snapshot.db, after=after, limit=limit),
        lambda view: listing_answer(view, now),
    )
    return answered(request, asked, listing)


@router.get("/vouchers/{code}")
def voucher(
    request: Request, code: Annotated[str, Path(max_length=400, description="Number of the trade")]
) -> TradeAnswer:
    """What a trade voucher (交易凭证, Q15) is made of."""
    number = serial_number("trade", code)
    with registry_of(request).snapshot(request) as snapshot:
        return trade_answer(queries.trade(snapshot.db, number))


@router.get("/retirements/{code}")
def retirement(
    request: Request, code: Annotated[str, Path(max_length=400, description="The retirement's position on the chain")]
) -> RetirementAnswer:
    """What a retirement sheet (核销信息表, Q81) is made of."""
    position = retirement_position(code)
    with registry_of(request).snapshot(request) as snapshot:
        return retirement_answer(queries.retirement(snapshot.db, position))
