"""Whether this process lives, and whether it is ready to be asked: for whoever starts processes and shares out load.

They are counted against nobody's limit and stand in no description, since they are not for the public.
"""

from __future__ import annotations

from fastapi import APIRouter, Request

from api.registry import Registry, registry_of
from gecchain.errors import Unavailable
from gecchain.store import connected

__all__ = ["probes"]

probes = APIRouter(prefix="/v1/health", include_in_schema=False)


@probes.get("/live")
async def live() -> dict[str, str]:
    """It answers; nothing else is asked. A process that does not is to be started again."""
    return {"status": "live"}


@probes.get("/ready")
def ready(request: Request) -> dict[str, str | int]:
    """Databases answer and the index is not too far behind. Unavailable (503) otherwise: ask another process.

    A node that is away makes it no less ready: what is indexed can be read.
    """
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        health = snapshot.health
    if health is None:
        raise Unavailable("Nothing is indexed yet.", remedy="Start the indexer: gec index --follow.")
    lag = _lag(registry, health.block, health.head)
    if request.app.state.desk is not None:
        with connected(request.app.state.desk.engine) as db:
            db.exec_driver_sql("SELECT 1")
    return {"status": "ready", "indexed_block": health.block, "lag": lag}


def _lag(registry: Registry, block: int, last_head: int) -> int:
    head = registry.node.head()
    lag = max((last_head if head is None else head) - block, 0)
    most = registry.settings.ready_lag
    if lag > most:
        raise Unavailable(
            f"The index is {lag} blocks behind, more than {most}.", remedy="Look after the indexer, or wait for it."
        )
    return lag
