"""The registry in lists, by filter: certificates as ranges, batches, projects, trades, retirements.

Filters narrow each other. Every list takes `fields=`, and is answered as pages of JSON or in whole as CSV or NDJSON.
"""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.answering import AnswerRoute
from api.lists import LISTS, Asked, Listing, answered
from api.parameters import (
    Account,
    Block,
    Months,
    ProjectCode,
    Province,
    TechnologyWord,
    account_address,
    electricity_number,
    month_index,
    project_id,
    province_number,
    technology_number,
)
from api.rows import batch_row, owned_row, plant_row
from api.shapes import retirement_answer, trade_answer
from api.waiting import Waits
from gecchain.answers import BatchAnswer, OwnedAnswer, PageAnswer, PlantAnswer, RetirementAnswer, TradeAnswer
from gecchain.errors import BadInput
from gecchain.ledger import FilingState
from gecchain.rules import BEIJING, CertificateState
from gecchain.store import lists as store

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, dependencies=[Waits])

Holder = Annotated[Account, Query(description="Only what this account holds, or ended")]
Owner = Annotated[Account, Query(description="Only of projects that this account owns by the filing in force")]
From = Annotated[Months, Query(alias="from", description="First production month, such as 2026-01")]
Until = Annotated[Months, Query(description="The month after the last production month, such as 2027-01")]
ElectricityWord = Annotated[
    str | None, Query(max_length=40, description="Class: on_grid, self_use, off_grid or mechanism")
]
Tradable = Annotated[bool | None, Query(description="Class: whether it may be traded")]
Held = Annotated[
    Literal["held", "listed", "frozen", "retired", "deducted"] | None, Query(description="State of the certificates")
]
Traded = Annotated[bool | None, Query(description="Whether the one trade is used (Q51)")]
Filed = Annotated[
    Literal["approved", "submitted", "sent_back"] | None,
    Query(description="approved: a filing is in force; submitted, sent_back: where the first one stands"),
]
Expiring = Annotated[
    str | None,
    Query(
        max_length=40, description="Only what is alive and no longer valid when this day (2026-12-31) begins in Beijing"
    ),
]


@router.get("/certificates", tags=["certificates"], response_model=PageAnswer[OwnedAnswer], responses=LISTS)
def certificates(
    request: Request,
    asked: Asked,
    owner: Holder = None,
    project: ProjectCode = None,
    from_: From = None,
    until: Until = None,
    electricity: ElectricityWord = None,
    tradable: Tradable = None,
    province: Province = None,
    technology: TechnologyWord = None,
    state: Held = None,
    traded: Traded = None,
    expiring_before: Expiring = None,
) -> Response:
    """Certificates as ranges, never one by one: half-open, of one batch, with one holder and one state.

    A certificate is in one item at the most, also where ranges are cut while you read on: the next page goes on at the
    serial where this one ended.
    """
    wanted = store.RangeFilter(
        owner=_address(owner),
        **_facets(project, from_, until, electricity, province, technology),
        tradable=tradable,
        state=None if state is None else int(CertificateState.of_slug(state)),
        traded=traded,
        expires_before=_day(expiring_before),
    )
    listing = Listing(
        "certificates",
        OwnedAnswer,
        lambda snapshot, after, limit: store.range_list(snapshot.db, wanted, after=after, limit=limit),
        owned_row,
    )
    return answered(request, asked, listing)


@router.get("/batches", tags=["certificates"], response_model=PageAnswer[BatchAnswer], responses=LISTS)
def batches(
    request: Request,
    asked: Asked,
    owner: Owner = None,
    project: ProjectCode = None,
    from_: From = None,
    until: Until = None,
    electricity: ElectricityWord = None,
    tradable: Tradable = None,
    province: Province = None,
    technology: TechnologyWord = None,
) -> Response:
    """Batches: what was issued to a project for one production month and class (Q24)."""
    facets = _facets(project, from_, until, electricity, province, technology)
    wanted = store.BatchFilter(owner=_address(owner), **facets, tradable=tradable)
    listing = Listing(
        "batches",
        BatchAnswer,
        lambda snapshot, after, limit: store.batch_list(snapshot.db, wanted, after=after, limit=limit),
        batch_row,
    )
    return answered(request, asked, listing)


@router.get("/projects", tags=["projects"], response_model=PageAnswer[PlantAnswer], responses=LISTS)
def projects(
    request: Request,
    asked: Asked,
    owner: Owner = None,
    province: Province = None,
    technology: TechnologyWord = None,
    state: Filed = None,
) -> Response:
    """Projects in the order of their codes' numbers, with the filing that counts (Q90 to Q92)."""
    wanted = store.ProjectFilter(
        owner=_address(owner),
        province=province_number(province),
        technology=technology_number(technology),
        state=None if state is None else FilingState[state.upper()],
    )
    listing = Listing(
        "projects",
        PlantAnswer,
        lambda snapshot, after, limit: store.filed_projects(snapshot.db, wanted, after=after, limit=limit),
        plant_row,
    )
    return answered(request, asked, listing)


@router.get("/trades", tags=["market"], response_model=PageAnswer[TradeAnswer], responses=LISTS)
def trades(
    request: Request,
    asked: Asked,
    buyer: Account = None,
    seller: Account = None,
    platform: Account = None,
    project: ProjectCode = None,
    month: Months = None,
    since_block: Block = None,
) -> Response:
    """Trades, oldest first (Q51); what a decided case gave back of one is in `undone`."""
    wanted = store.TradeFilter(
        buyer=_address(buyer),
        seller=_address(seller),
        platform=_address(platform),
        project=None if project is None else project_id(project),
        month=month_index("month", month),
        since_block=since_block,
    )
    listing = Listing(
        "trades",
        TradeAnswer,
        lambda snapshot, after, limit: store.trade_list(snapshot.db, wanted, after=after, limit=limit),
        trade_answer,
    )
    return answered(request, asked, listing)


@router.get("/retirements", tags=["market"], response_model=PageAnswer[RetirementAnswer], responses=LISTS)
def retirements(
    request: Request,
    asked: Asked,
    holder: Account = None,
    project: ProjectCode = None,
    month: Months = None,
    since_block: Block = None,
) -> Response:
    """Retirements, oldest first (Q79); what a decided case gave back of one is in `undone`."""
    wanted = store.RetirementFilter(
        holder=_address(holder),
        project=None if project is None else project_id(project),
        month=month_index("month", month),
        since_block=since_block,
    )
    listing = Listing(
        "retirements",
        RetirementAnswer,
        lambda snapshot, after, limit: store.retirement_list(snapshot.db, wanted, after=after, limit=limit),
        retirement_answer,
    )
    return answered(request, asked, listing)


def _address(text: str | None) -> str | None:
    return None if text is None else account_address(text)


def _facets(
    project: str | None,
    first: str | None,
    last: str | None,
    electricity: str | None,
    province: str | None,
    technology: str | None,
) -> dict[str, Any]:
    return {
        "project": None if project is None else project_id(project),
        "first_month": month_index("from", first),
        "last_month": month_index("until", last),
        "electricity": electricity_number(electricity),
        "province": province_number(province),
        "technology": technology_number(technology),
    }


def _day(text: str | None) -> int | None:
    """The first second of a day in Beijing."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{text!r} is no day.", field="expiring_before", value=text, remedy="Write it as 2026-12-31."
        ) from None
    return int(datetime.combine(day, time(), BEIJING).timestamp())
