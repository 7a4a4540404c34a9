"""The items of the lists that platforms read in whole, and how the store's rows become them."""

from functools import lru_cache
from typing import Any

from api.language import utc
from api.shapes import named, party, province, span
from gecchain.answers import BatchAnswer, HoldingAnswer, OwnedAnswer, PlantAnswer
from gecchain.events import NO_ACCOUNT, place_of
from gecchain.ledger import FilingState
from gecchain.proofs import document_hash
from gecchain.rules import (
    BatchKey,
    CertificateState,
    Month,
    ProjectKey,
    expires_at,
    number_of,
    token_id,
)
from gecchain.store.reading import parsed
from gecchain.store.views import HoldingView
from gecchain.store.views.lists import BatchRow, ProjectRow, RangeRow

__all__ = ["batch_row", "holding_answer", "owned_row", "plant_row"]


def owned_row(row: RangeRow) -> OwnedAnswer:
    """A range with what its batch says."""
    found = row.segment
    return OwnedAnswer(
        range=span(found.batch, found.start, found.end),
        holder=party("holder", found.owner, row.holder),
        state=named(CertificateState.of_number(found.state)),
        traded=found.traded,
        **_of_batch(found.batch),
        project_name=row.project_name,
        since_block=place_of(found.since)[0],
    )


def holding_answer(view: HoldingView) -> HoldingAnswer:
    """A range of an account."""
    found = view.segment
    about = _of_batch(found.batch)
    return HoldingAnswer(
        range=span(found.batch, found.start, found.end),
        state=named(CertificateState.of_number(found.state)),
        traded=found.traded,
        tradable=about["tradable"],
        electricity=about["electricity"],
        month=about["month"],
        expires_at=about["expires_at"],
        project_code=about["project_code"],
        project_name=view.project_name,
    )


@lru_cache(maxsize=4096)
def _of_batch(batch: int) -> dict[str, Any]:
    """What the id of a batch says; long lists have many ranges of a batch."""
    key = BatchKey.from_id(batch)
    plant = ProjectKey.from_id(key.project)
    return {
        "tradable": key.tradable,
        "electricity": named(key.electricity),
        "technology": named(plant.technology),
        "province": province(plant.province),
        "month": str(key.month),
        "expires_at": utc(expires_at(key.month)),
        "project_code": plant.code,
    }


def batch_row(row: BatchRow) -> BatchAnswer:
    """A batch with what its id says."""
    found = row.batch
    return BatchAnswer(
        batch=str(found.id),
        project_name=row.project_name,
        owner=row.owner,
        holder=found.holder,
        **_of_batch(found.id),
        count=found.count,
        first_number=number_of(token_id(found.id, 0)),
        last_number=number_of(token_id(found.id, found.count - 1)),
        issued_block=row.block,
        issued_at=utc(row.time),
        case=found.case_id or None,
    )


def plant_row(row: ProjectRow) -> PlantAnswer:
    """A project with its filing; a natural person's name is empty."""
    key, filing = ProjectKey.from_id(row.project.id), row.filing
    document = parsed(filing.document)
    address = row.project.owner if row.project.owner != NO_ACCOUNT else filing.owner
    state = FilingState.APPROVED if row.project.approved else FilingState(filing.state)
    return PlantAnswer(
        project_code=key.code,
        name=str(document.get("name", "")),
        location=str(document.get("location", "")),
        type=named(key.type),
        technology=named(key.technology),
        province=province(key.province),
        owner=party("owner", address, row.owner),
        state=state.name.lower(),
        version=filing.version,
        capacity_kw=filing.capacity_kw,
        in_operation=str(Month(filing.in_operation)),
        market_based=row.project.market_based if row.project.approved else filing.market_based,
        ccer=row.project.ccer,
        certificates=row.issued,
        filing_hash="0x" + document_hash(filing.document.encode()).hex(),
    )
