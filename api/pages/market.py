"""The market board: open lots by what is wanted of them, and price and volume month by month."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.charts import every_month, history
from api.cursors import closed, opened
from api.language import say
from api.pages.rendering import language_of, page
from api.pages.wishes import ORDERS, Wish, wish_of
from api.registry import Snapshot, registry_of
from api.shapes import listing_answer, named, province
from api.sheets import csv_answer
from gecchain.rules import Month, Technology
from gecchain.rules.provinces import PROVINCES
from gecchain.store import browsing, charting
from gecchain.store.charting import MonthOfTrade
from gecchain.store.views import ListingView, Page

__all__ = ["router"]

router = APIRouter()
_LOTS: Final = 24
_NONE: Final[Page[ListingView]] = Page((), None)


@router.get("/market")
def board(request: Request, after: Annotated[str | None, Query(max_length=200)] = None) -> Response:
    """Open lots with plant, month, quantity and price, and what was traded; a form that works without any script."""
    registry, wish = registry_of(request), wish_of(request)
    kind = f"lots.{wish.order}"
    with registry.snapshot(request) as snapshot:
        found = _NONE
        if not wish.wrong:
            found = browsing.lots(snapshot.db, wish.lots, wish.order, after=opened(kind, after), limit=_LOTS)
        traded = _traded(snapshot, wish)
    now = registry.now()
    labels, rows = every_month({str(Month(row.month)): (row.mean, row.certificates) for row in traded}, (0, 0))
    return page(
        request,
        "market.html",
        status=400 if wish.wrong else 200,
        current="market",
        wish=wish,
        orders=ORDERS,
        provinces=[province(code) for code in PROVINCES],
        technologies=[named(member) for member in Technology],
        lots=[listing_answer(view, now) for view in found.items],
        months=[(str(Month(row.month)), row) for row in reversed(traded)],
        chart=history(labels, rows),
        next=closed(kind, found.next),
    )


@router.get("/market.csv")
def board_csv(request: Request) -> Response:
    """The months behind the chart; prices in yuan."""
    language, wish = language_of(request), wish_of(request)
    with registry_of(request).snapshot(request) as snapshot:
        traded = _traded(snapshot, wish)
    header = [say(language, f"market.{name}") for name in ("month", "mean", "volume", "turnover")]
    rows = [(str(Month(row.month)), _yuan(row.mean), row.certificates, _yuan(row.fen)) for row in traded]
    return csv_answer("market", header, rows)


def _traded(snapshot: Snapshot, wish: Wish) -> tuple[MonthOfTrade, ...]:
    return charting.turnover(snapshot.db, province=wish.lots.province, technology=wish.lots.technology)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
