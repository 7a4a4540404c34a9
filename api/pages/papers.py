"""What a trade and a retirement leave behind: voucher (交易凭证, Q15) and retirement sheet (核销信息表, Q81)."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.credits import credits_of
from api.pages.rendering import page
from api.pages.scanning import qr_code
from api.parameters import retirement_position, serial_number
from api.registry import registry_of
from api.shapes import retirement_answer, trade_answer
from api.tracing import trace_answer
from api.viewing import seen
from gecchain.answers import TraceStepAnswer
from gecchain.rules import Month, token_id
from gecchain.store import queries

__all__ = ["router"]

router = APIRouter()
# What moves certificates or ends them; the rest of the way is on the page of the trace.
_FLOW: Final = ("issued", "added", "traded", "trade_undone", "moved", "retired", "retirement_undone")


@router.get("/vouchers/{code}")
def voucher(request: Request, code: str) -> Response:
    """A trade as a voucher: who bought how many of which certificates."""
    registry, number = registry_of(request), serial_number("trade", code)
    with registry.snapshot(request) as snapshot:
        view = queries.trade(snapshot.db, number)
        shown = seen(registry, snapshot, token_id(view.trade.batch, view.trade.start))
    address = f"{registry.settings.base_url}/vouchers/{number}"
    return page(
        request,
        "voucher.html",
        current="market",
        trade=trade_answer(view),
        left=view.trade.end - view.trade.start - view.trade.undone,
        certificate=shown.answer,
        qr=qr_code(address),
        address=address,
        credits=credits_of(shown.view.filing.document),
    )


@router.get("/retirements/{code}")
def retirement(request: Request, code: str) -> Response:
    """A retirement as a sheet: what was retired by whom for what, and the way that led there."""
    registry, position = registry_of(request), retirement_position(code)
    with registry.snapshot(request) as snapshot:
        view = queries.retirement(snapshot.db, position)
        first = token_id(view.retirement.batch, view.retirement.start)
        shown = seen(registry, snapshot, first)
        steps = trace_answer(snapshot, first).steps
    address = f"{registry.settings.base_url}/retirements/{position}"
    return page(
        request,
        "retirement.html",
        current="statistics",
        retirement=retirement_answer(view),
        left=view.retirement.end - view.retirement.start - view.retirement.undone,
        certificate=shown.answer,
        flow=[step for step in steps if step.name.code in _FLOW and _position(step) <= position],
        period=_period(view.retirement.period_start, view.retirement.period_end),
        qr=qr_code(address),
        address=address,
        credits=credits_of(shown.view.filing.document),
    )


def _period(first: int, end: int) -> str:
    """Months `[first, end)` as people write them, the last one included."""
    last = max(end - 1, first)
    return str(Month(first)) if first == last else f"{Month(first)} – {Month(last)}"


def _position(step: TraceStepAnswer) -> int:
    return step.place.block << 24 | step.place.log_index
