"""The page of an account: what it holds, or what ended in it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.cursors import closed, opened
from api.pages.rendering import page
from api.parameters import account_address
from api.registry import registry_of
from api.rows import holding_answer
from api.shapes import account_answer
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter()
_RANGES = 50


@router.get("/accounts/{account}")
def account(
    request: Request,
    account: str,
    retired: bool = False,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """What an account holds, or with `retired` what ended in it, as ranges."""
    address, kind = account_address(account), "retired" if retired else "held"
    with registry_of(request).snapshot(request) as snapshot:
        view = queries.account(snapshot.db, address)
        found = queries.holdings(snapshot.db, address, retired=retired, after=opened(kind, after), limit=_RANGES)
    return page(
        request,
        "account.html",
        account=account_answer(view),
        holdings=[holding_answer(item) for item in found.items],
        retired=retired,
        next=closed(kind, found.next),
    )
