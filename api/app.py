"""The application: routes, pages, errors and headers put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from threading import BoundedSemaphore
from typing import Final

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from api import assets
from api.auditing import RefusedWrites
from api.conditional import Compressed, Conditional
from api.desk import Desk
from api.failing import add_error_handlers, failed
from api.headers import EveryAnswer
from api.heads import Heads
from api.limiting import Limiter
from api.lists import EXPORTS
from api.measuring import Measured
from api.openapi import described
from api.pages import add_pages
from api.registry import Registry
from api.routes import ROUTERS
from api.routes.probes import probes
from api.settings import ApiSettings
from api.signpost import Signpost
from api.streams import Streams
from gecchain.errors import GecError
from gecchain.evidence import EvidenceRoom
from gecchain.metrics import DeskFigures, IndexFigures, Meter
from gecchain.trail import Trail

__all__ = ["create_app"]

trail = Trail(__name__)

# As many as the database's pool keeps open: more would only take turns on the interpreter's lock.
THREADS: Final = 5
_ABOUT: Final = (
    "Verify, trace and count green electricity certificates. Everything here can be checked against the chain: "
    "`X-Indexed-Block` says which block an answer is of, and `min_block` waits for one. HEAD is answered wherever GET "
    "is, gzip is used for whoever accepts it, and names of fields do not change within a version."
)


def create_app(settings: ApiSettings) -> FastAPI:
    """The application of these settings. NotFound if there is no deployment file, BadInput for a bad URL."""
    registry = Registry(settings)
    meter = Meter()
    meter.add(IndexFigures(registry.engine, registry.node.head))
    streams = Streams(registry.newest)

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        with suppress(GecError):  # a store that is away is told to whoever asks for it
            registry.indexed_block()
            if taken is not None:
                taken.ready()
        current_default_thread_limiter().total_tokens = THREADS
        trail.info("api_started", chain=registry.deployment.chain_id, indexed_block=registry.last)
        with meter.listening(), meter.offered(settings.metrics), streams.living():
            yield
        trail.info("api_stopped", indexed_block=registry.last)
        registry.close()
        if taken is not None:
            taken.close()

    app = FastAPI(
        title="gecchain",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        lifespan=living,
        redirect_slashes=False,
        license_info={"name": "Apache-2.0"},
    )
    app.state.registry = registry
    app.state.desk = taken = Desk(settings.desk_url) if settings.desk_url else None
    app.state.limiter = Limiter(settings.rates)
    app.state.streams = streams
    app.state.exports = BoundedSemaphore(EXPORTS)
    app.state.evidence = EvidenceRoom(settings.evidence_url) if settings.evidence_url else None
    if taken is not None:
        meter.add(DeskFigures(taken.engine))
    signpost = Signpost(ROUTERS)
    app.router.routes += [*probes.routes, signpost]
    app.include_router(assets.router)
    add_pages(app)
    add_error_handlers(app)
    app.openapi = partial(described, app, signpost.routes)  # type: ignore[method-assign]
    if taken is not None:
        app.add_middleware(RefusedWrites, desk=taken)
    app.add_middleware(Conditional)
    app.add_middleware(Compressed)
    app.add_middleware(Heads)
    app.add_middleware(Measured, answered=meter.answered)
    app.add_middleware(EveryAnswer, indexed=lambda: registry.last, unforeseen=failed)
    return app
