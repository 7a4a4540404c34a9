"""Where the registry stands: statistics of all certificates, and how far the index is behind the chain."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from api.answering import AnswerRoute
from api.language import utc
from api.registry import Registry, Snapshot, registry_of
from api.shapes import statistics_row
from api.waiting import Waits
from gecchain.answers import HealthAnswer, StatisticsAnswer
from gecchain.store import queries

__all__ = ["health_of", "router"]

router = APIRouter(prefix="/v1", route_class=AnswerRoute, tags=["registry"], dependencies=[Waits])

Grouping = Literal["month", "province", "technology"]


@router.get("/stats")
def stats(
    request: Request, by: Annotated[Grouping, Query(description="What to group by")] = "month"
) -> StatisticsAnswer:
    """Certificates issued, traded and retired, by production month, province or technology."""
    with registry_of(request).snapshot(request) as snapshot:
        totals = queries.registry_totals(snapshot.db)
        rows = queries.statistics(snapshot.db, (by,))
    return StatisticsAnswer(
        metered_wh=str(totals.metered_wh),
        carry_wh=str(totals.carry_wh),
        issued=totals.issued,
        retired=totals.retired,
        by=by,
        rows=[statistics_row(row) for row in rows],
    )


@router.get("/health")
def health(request: Request) -> HealthAnswer:
    """Chain head, indexed head and lag. It answers also while the node is down, and says so."""
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        return health_of(registry, snapshot)


def health_of(registry: Registry, snapshot: Snapshot) -> HealthAnswer:
    """The answer of `/v1/health`; asks the node."""
    head, known = registry.node.head(), snapshot.health
    newest = head if head is not None else (known.head if known else None)
    lag = None if known is None or newest is None else max(newest - known.block, 0)
    return HealthAnswer(
        status=_status(known is not None, registry.node.configured, head, lag),
        indexed_block=known.block if known else None,
        indexed_hash=known.hash if known else None,
        indexed_time=utc(known.time) if known else None,
        chain_head=head,
        last_seen_head=known.head if known else None,
        lag=lag,
        node=("reachable" if head is not None else "unreachable") if registry.node.configured else "not-configured",
        chain_id=registry.deployment.chain_id,
        certificates=registry.deployment.certificates,
    )


def _status(indexed: bool, configured: bool, head: int | None, lag: int | None) -> str:
    if not indexed:
        return "empty"
    if configured and head is None:
        return "node-unreachable"
    return "behind" if lag else "ok"
