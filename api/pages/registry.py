"""Pages about the whole: statistics, and what one account holds."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.charts import columns
from api.cursors import closed, opened
from api.pages.rendering import page
from api.parameters import account_address
from api.registry import registry_of
from api.shapes import account_answer, holding_answer, statistics_row
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter()
_RANGES = 50


@router.get("/statistics")
def statistics(request: Request) -> Response:
    """Issued, traded and retired by month, province and technology: a chart, and the table behind it."""
    with registry_of(request).snapshot(request) as snapshot:
        totals = queries.registry_totals(snapshot.db)
        months = [statistics_row(row) for row in queries.statistics(snapshot.db, ("month",))]
        provinces = [statistics_row(row) for row in queries.statistics(snapshot.db, ("province",))]
        technologies = [statistics_row(row) for row in queries.statistics(snapshot.db, ("technology",))]
    return page(
        request,
        "statistics.html",
        current="statistics",
        totals=totals,
        months=months,
        provinces=sorted(provinces, key=lambda row: -row.issued),
        technologies=sorted(technologies, key=lambda row: -row.issued),
        chart=columns([row.group.code for row in months], [(row.issued, row.traded, row.retired) for row in months]),
    )


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
