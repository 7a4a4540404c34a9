"""Accounts: who, and what they hold, as ranges."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answering import AnswerRoute
from api.lists import LISTS, Asked, Listing, answered
from api.parameters import account_address
from api.registry import Snapshot, registry_of
from api.rows import holding_answer
from api.shapes import account_answer
from api.waiting import Waits
from gecchain.answers import AccountAnswer, HoldingAnswer, PageAnswer
from gecchain.store import queries
from gecchain.store.views import HoldingView, Page

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["accounts"], dependencies=[Waits])

Address = Annotated[str, Path(max_length=400, description="Account address, 0x and 40 hex digits")]


@router.get("/accounts/{account}")
def account(request: Request, account: Address) -> AccountAnswer:
    """An account and its sums (Q84)."""
    address = account_address(account)
    with registry_of(request).snapshot(request) as snapshot:
        return account_answer(queries.account(snapshot.db, address))


@router.get("/accounts/{account}/holdings", response_model=PageAnswer[HoldingAnswer], responses=LISTS)
def holdings(
    request: Request,
    asked: Asked,
    account: Address,
    retired: Annotated[bool, Query(description="What ended in this account, in place of what it holds")] = False,
) -> Response:
    """Ranges of certificates of an account, in the order of batch and serial."""
    address = account_address(account)

    def page(snapshot: Snapshot, after: str | None, limit: int) -> Page[HoldingView]:
        queries.account(snapshot.db, address)
        return queries.holdings(snapshot.db, address, retired=retired, after=after, limit=limit)

    return answered(request, asked, Listing("retired" if retired else "held", HoldingAnswer, page, holding_answer))
