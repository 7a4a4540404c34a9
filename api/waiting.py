"""Read your writes: a request that names a block waits, for a while, until the index has reached it."""

import time
from typing import Annotated, Final

from anyio import sleep
from anyio.to_thread import run_sync
from fastapi import Depends, Query, Request

from api.problems import NotYetIndexed
from api.registry import registry_of

__all__ = ["Waits"]

_PAUSE_SECONDS: Final = 0.1


async def wait_for_block(
    request: Request,
    min_block: Annotated[
        int | None,
        Query(ge=0, le=(1 << 62), description="Wait until this block is indexed, 10 seconds at the most"),
    ] = None,
) -> None:
    """Returns once `min_block` is indexed; NotYetIndexed after ten seconds."""
    if min_block is None:
        return
    registry, deadline = registry_of(request), time.monotonic() + registry_of(request).patience
    while True:
        block = await run_sync(registry.indexed_block)
        if block is not None and block >= min_block:
            return
        if time.monotonic() >= deadline:
            at = "nothing" if block is None else f"block {block}"
            raise NotYetIndexed(
                f"Block {min_block} is not indexed yet; the index stands at {at}.",
                remedy="Ask again in a moment, or without min_block for what is indexed now.",
            )
        await sleep(_PAUSE_SECONDS)


Waits = Depends(wait_for_block)
