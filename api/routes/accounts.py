"""Accounts: who, and what they hold, as ranges."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.cursors import closed, opened
from api.parameters import After, Limit, account_address
from api.registry import registry_of
from api.schemas import AccountAnswer, HoldingAnswer, PageAnswer
from api.shapes import account_answer, holding_answer
from api.waiting import Waits
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["accounts"], dependencies=[Waits])

Address = Annotated[str, Path(max_length=400, description="Account address, 0x and 40 hex digits")]


@router.get("/accounts/{account}")
def account(request: Request, account: Address) -> AccountAnswer:
    """An account and its sums (Q84)."""
    address = account_address(account)
    with registry_of(request).snapshot(request) as snapshot:
        return account_answer(queries.account(snapshot.db, address))


@router.get("/accounts/{account}/holdings")
def holdings(
    request: Request,
    account: Address,
    retired: Annotated[bool, Query(description="What ended in this account, in place of what it holds")] = False,
    after: After = None,
    limit: Limit = 50,
) -> PageAnswer[HoldingAnswer]:
    """Ranges of certificates of an account, in the order of batch and serial."""
    address, kind = account_address(account), "retired" if retired else "held"
    with registry_of(request).snapshot(request) as snapshot:
        queries.account(snapshot.db, address)
        page = queries.holdings(snapshot.db, address, retired=retired, after=opened(kind, after), limit=limit)
    return PageAnswer(items=[holding_answer(view) for view in page.items], next=closed(kind, page.next))
