"""What is going on: disputes, declared readings, mandates, orders, settlements, and what ends soon."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from api.cursors import closed, opened
from api.parameters import After, Limit, account_address, serial_number, word
from api.proceedings import (
    CaseAnswer,
    CcerAnswer,
    DealAnswer,
    DeclarationAnswer,
    ExpiringAnswer,
    MandateAnswer,
    SettlementAnswer,
    case_answer,
    ccer_answer,
    deal_answer,
    declaration_answer,
    expiring_answer,
    mandate_answer,
    settlement_answer,
)
from api.registry import registry_of
from api.schemas import PageAnswer
from api.waiting import Waits
from gecchain.rules import CaseStage, DeclarationStage, ProjectKey
from gecchain.store import ccer as linkage
from gecchain.store import declaring, disputes, due, mandates, orders

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["proceedings"], dependencies=[Waits])

Account = Annotated[str | None, Query(max_length=400, description="Account address, 0x and 40 hex digits")]
Stage = Annotated[str | None, Query(max_length=40, description="Word of the stage as the answers give it")]


@router.get("/cases")
def cases(
    request: Request,
    stage: Stage = None,
    claimant: Account = None,
    overdue: Annotated[bool, Query(description="Only cases whose present stage takes too long")] = False,
    after: After = None,
    limit: Limit = 50,
) -> PageAnswer[CaseAnswer]:
    """Disputes, oldest first (Q95)."""
    registry, cursor = registry_of(request), opened("cases", after)
    number = None if stage is None else int(CaseStage.of_slug(stage))
    address = None if claimant is None else account_address(claimant)
    with registry.snapshot(request) as snapshot:
        if overdue:
            page = disputes.overdue_cases(snapshot.db, registry.now(), after=cursor, limit=limit)
        else:
            page = disputes.case_list(snapshot.db, stage=number, claimant=address, after=cursor, limit=limit)
    now = registry.now()
    return PageAnswer(items=[case_answer(view, now) for view in page.items], next=closed("cases", page.next))


@router.get("/cases/{number}")
def case(
    request: Request, number: Annotated[str, Path(max_length=400, description="Number of the case")]
) -> CaseAnswer:
    """One dispute with every step."""
    registry, wanted = registry_of(request), serial_number("case", number)
    with registry.snapshot(request) as snapshot:
        return case_answer(disputes.case(snapshot.db, wanted), registry.now())


@router.get("/declarations")
def declarations(
    request: Request, stage: Stage = None, owner: Account = None, after: After = None, limit: Limit = 50
) -> PageAnswer[DeclarationAnswer]:
    """Declared readings in the order they were made (Q26)."""
    cursor = opened("declarations", after)
    number = None if stage is None else int(DeclarationStage.of_slug(stage))
    address = None if owner is None else account_address(owner)
    with registry_of(request).snapshot(request) as snapshot:
        page = declaring.declaration_list(snapshot.db, stage=number, owner=address, after=cursor, limit=limit)
    return PageAnswer(items=[declaration_answer(view) for view in page.items], next=closed("declarations", page.next))


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


@router.get("/deals")
def deals(request: Request, after: After = None, limit: Limit = 50) -> PageAnswer[DealAnswer]:
    """Bilateral orders in the order they were filled or cancelled (Q43)."""
    with registry_of(request).snapshot(request) as snapshot:
        page = orders.deal_list(snapshot.db, after=opened("deals", after), limit=limit)
    return PageAnswer(items=[deal_answer(view) for view in page.items], next=closed("deals", page.next))


@router.get("/deals/{deal}")
def deal(
    request: Request, deal: Annotated[str, Path(max_length=400, description="EIP-712 hash of the order")]
) -> DealAnswer:
    """What became of an order; one that is neither filled nor cancelled is not known here."""
    with registry_of(request).snapshot(request) as snapshot:
        return deal_answer(orders.deal(snapshot.db, word("deal", deal)))


@router.get("/settlements")
def settlements(
    request: Request,
    project: Annotated[str | None, Query(max_length=400, description="Project code")] = None,
    contract: Annotated[str | None, Query(max_length=400, description="Hash that stands for the contract")] = None,
    after: After = None,
    limit: Limit = 50,
) -> PageAnswer[SettlementAnswer]:
    """Settled months of green-power contracts, in the chain's order (Q29, Q46)."""
    cursor = opened("settlements", after)
    key = None if project is None else ProjectKey.parse(project).id
    about = None if contract is None else word("contract", contract)
    with registry_of(request).snapshot(request) as snapshot:
        page = orders.settlement_list(snapshot.db, project=key, contract_id=about, after=cursor, limit=limit)
    return PageAnswer(items=[settlement_answer(view) for view in page.items], next=closed("settlements", page.next))


@router.get("/expiring")
def expiring(
    request: Request, holder: Account = None, after: After = None, limit: Limit = 50
) -> PageAnswer[ExpiringAnswer]:
    """Ranges whose validity ends within three months (Q96), of one holder or all."""
    registry, cursor = registry_of(request), opened("expiring", after)
    address = None if holder is None else account_address(holder)
    with registry.snapshot(request) as snapshot:
        page = due.expiring(snapshot.db, registry.now(), holder=address, after=cursor, limit=limit)
    return PageAnswer(items=[expiring_answer(view) for view in page.items], next=closed("expiring", page.next))
