"""What is going on: disputes, declared readings, mandates, orders, settlements, and what ends soon."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.answering import AnswerRoute
from api.lists import LISTS, Asked, Listing, answered
from api.parameters import Account, ProjectCode, account_address, project_id, serial_number, word
from api.proceedings import (
    case_answer,
    ccer_answer,
    deal_answer,
    declaration_answer,
    expiring_answer,
    mandate_answer,
    settlement_answer,
)
from api.registry import Snapshot, registry_of
from api.waiting import Waits
from gecchain.answers import (
    CaseAnswer,
    CcerAnswer,
    DealAnswer,
    DeclarationAnswer,
    ExpiringAnswer,
    MandateAnswer,
    PageAnswer,
    SettlementAnswer,
)
from gecchain.rules import CaseStage, DeclarationStage
from gecchain.store import ccer as linkage
from gecchain.store import declaring, disputes, due, mandates, orders
from gecchain.store.views import CaseView, Page

__all__ = ["router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["proceedings"], dependencies=[Waits])

Stage = Annotated[str | None, Query(max_length=40, description="Word of the stage as the answers give it")]


@router.get("/cases", response_model=PageAnswer[CaseAnswer], responses=LISTS)
def cases(
    request: Request,
    asked: Asked,
    stage: Stage = None,
    claimant: Account = None,
    overdue: Annotated[bool, Query(description="Only cases whose present stage takes too long")] = False,
) -> Response:
    """Disputes, oldest first (Q95)."""
    now = registry_of(request).now()
    number = None if stage is None else int(CaseStage.of_slug(stage))
    address = None if claimant is None else account_address(claimant)

    def page(snapshot: Snapshot, after: str | None, limit: int) -> Page[CaseView]:
        if overdue:
            return disputes.overdue_cases(snapshot.db, now, after=after, limit=limit)
        return disputes.case_list(snapshot.db, stage=number, claimant=address, after=after, limit=limit)

    return answered(request, asked, Listing("cases", CaseAnswer, page, lambda view: case_answer(view, now)))


@router.get("/cases/{number}")
def case(
    request: Request, number: Annotated[str, Path(max_length=400, description="Number of the case")]
) -> CaseAnswer:
    """One dispute with every step."""
    registry, wanted = registry_of(request), serial_number("case", number)
    with registry.snapshot(request) as snapshot:
        return case_answer(disputes.case(snapshot.db, wanted), registry.now())


@router.get("/declarations", response_model=PageAnswer[DeclarationAnswer], responses=LISTS)
def declarations(request: Request, asked: Asked, stage: Stage = None, owner: Account = None) -> Response:
    """Declared readings in the order they were made (Q26)."""
    number = None if stage is None else int(DeclarationStage.of_slug(stage))
    address = None if owner is None else account_address(owner)
    listing = Listing(
        "declarations",
        DeclarationAnswer,
        lambda snapshot, after, limit: declaring.declaration_list(
            snapshot.db, stage=number, owner=address, after=after, limit=limit
        ),
        declaration_answer,
    )
    return answered(request, asked, listing)


@router.get("/declarations/{declaration}")
def declaration(
    request: Request, declaration: Annotated[str, Path(max_length=400, description="Hash of the declaration")]
) -> DeclarationAnswer:
    """One declared reading with its checks."""
    with registry_of(request).snapshot(request) as snapshot:
        return declaration_answer(declaring.declaration(snapshot.db, word("declaration", declaration)))


@router.get("/projects/{code}/ccer")
def ccer(
    request: Request, code: Annotated[str, Path(max_length=400, description="Project code, 17 characters")]
) -> CcerAnswer:
    """Whether a project turned to CCER, and which months are registered there (Q12, Q66, Q79)."""
    with registry_of(request).snapshot(request) as snapshot:
        return ccer_answer(linkage.ccer(snapshot.db, code))


@router.get("/accounts/{account}/mandate")
def mandate(
    request: Request, account: Annotated[str, Path(max_length=400, description="The principal's account")]
) -> MandateAnswer:
    """Who acts for an account under a mandate (Q36, Q40)."""
    registry, address = registry_of(request), account_address(account)
    with registry.snapshot(request) as snapshot:
        return mandate_answer(mandates.mandate(snapshot.db, address, registry.now()))


@router.get("/deals", response_model=PageAnswer[DealAnswer], responses=LISTS)
def deals(request: Request, asked: Asked) -> Response:
    """Bilateral orders in the order they were filled or cancelled (Q43)."""
    listing = Listing(
        "deals",
        DealAnswer,
        lambda snapshot, after, limit: orders.deal_list(snapshot.db, after=after, limit=limit),
        deal_answer,
    )
    return answered(request, asked, listing)


@router.get("/deals/{deal}")
def deal(
    request: Request, deal: Annotated[str, Path(max_length=400, description="EIP-712 hash of the order")]
) -> DealAnswer:
    """What became of an order; one that is neither filled nor cancelled is not known here."""
    with registry_of(request).snapshot(request) as snapshot:
        return deal_answer(orders.deal(snapshot.db, word("deal", deal)))


@router.get("/settlements", response_model=PageAnswer[SettlementAnswer], responses=LISTS)
def settlements(
    request: Request,
    asked: Asked,
    project: ProjectCode = None,
    contract: Annotated[str | None, Query(max_length=400, description="Hash that stands for the contract")] = None,
) -> Response:
    """Settled months of green-power contracts, in the chain's order (Q29, Q46)."""
    key = None if project is None else project_id(project)
    about = None if contract is None else word("contract", contract)
    listing = Listing(
        "settlements",
        SettlementAnswer,
        lambda snapshot, after, limit: orders.settlement_list(
            snapshot.db, project=key, contract_id=about, after=after, limit=limit
        ),
        settlement_answer,
    )
    return answered(request, asked, listing)


@router.get("/expiring", response_model=PageAnswer[ExpiringAnswer], responses=LISTS)
def expiring(request: Request, asked: Asked, holder: Account = None) -> Response:
    """Ranges whose validity ends within three months (Q96), of one holder or all."""
    now = registry_of(request).now()
    address = None if holder is None else account_address(holder)
    listing = Listing(
        "expiring",
        ExpiringAnswer,
        lambda snapshot, after, limit: due.expiring(snapshot.db, now, holder=address, after=after, limit=limit),
        expiring_answer,
    )
    return answered(request, asked, listing)
