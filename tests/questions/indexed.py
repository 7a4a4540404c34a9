"""What the chain of a test logged, in the product's own tables and behind its own API."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import httpx
from sqlalchemy import Engine

from api import ApiSettings, create_app
from gecchain.chain.deployment import Deployment, save_deployment
from gecchain.store import migrate, open_engine
from gecchain.store.indexing import Header, Projection
from tests.api.serving import served
from tests.differential.chain import CHAIN_ID
from tests.questions.world import World

__all__ = ["indexed", "registry"]


@contextmanager
def indexed(world: World, folder: Path) -> Iterator[Engine]:
    """A database that holds every event of the world, put there by the indexer's own projection."""
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    projection, parent, parts = Projection(engine), "0x" + "0" * 64, []
    at = projection.start("questions", Header(0, parent, parent, 0))
    for (number, name, time), events in groupby(world.log, lambda one: (one.block, one.block_hash, one.time)):
        parts.append((Header(number, name, parent, time), list(events)))
        parent = name
    projection.extend(at, parts, 0, undoable=False)
    yield engine
    engine.dispose()


@contextmanager
def registry(world: World, folder: Path) -> Iterator[httpx.Client]:
    """A client of the API over that database; a request waits half a second for the index."""
    names = {name.lower(): address for name, address in world.chain.addresses.items() if name != "AccessManager"}
    deployment = Deployment(CHAIN_ID, 0, **names, access_manager=world.chain.addresses["AccessManager"])
    save_deployment(folder / "deployment.json", deployment)
    with indexed(world, folder):
        app = create_app(ApiSettings(f"sqlite:///{folder / 'store.db'}", folder / "deployment.json"))
        app.state.registry.patience = 0.5
        serving = served(app)
        try:
            yield serving.__enter__()
        finally:
            # Without the error of a test, which would leave the server running.
            serving.__exit__(None, None, None)
