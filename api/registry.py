"""What all requests share: the database, the deployment, and the way to a node if there is one.

A request reads through one `Snapshot`: one transaction, so that everything it answers is of the same indexed block,
which the answer names in `X-Indexed-Block`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, Engine
from starlette.requests import Request

from api.documents import DocumentDesk
from api.evidence import EvidenceShelf
from api.node import Node
from api.settings import ApiSettings
from gecchain.chain.deployment import load_deployment
from gecchain.errors import NotFound
from gecchain.store import Glances, connected, look, open_engine, open_reader, queries
from gecchain.store.feed import feed_head
from gecchain.store.glancing import Asking
from gecchain.store.views import Health

__all__ = ["Registry", "Snapshot", "registry_of"]

T = TypeVar("T")
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open read transaction and the block it stands at (None while nothing is indexed)."""

    db: Connection
    health: Health | None

    @property
    def block(self) -> int | None:
        """Newest block whose events are in what this transaction reads."""
        return None if self.health is None else self.health.block


class Registry:
    """Shared by all requests of a process. `last` is the newest indexed block that any of them saw."""

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings
        self.engine: Engine = open_engine(settings.database_url)
        self._reader: Engine = open_reader(settings.database_url)
        self._glances = Glances(settings.database_url)
        self.deployment = load_deployment(settings.deployment_file)
        self.node = Node(settings.rpc_url, self.deployment)
        self.evidence = EvidenceShelf()
        self.documents = DocumentDesk(settings, self.deployment)
        self.patience = PATIENCE_SECONDS
        self.last: int | None = None

    @contextmanager
    def snapshot(self, request: Request) -> Iterator[Snapshot]:
        """A read transaction for one request. Unavailable if the database does not answer."""
        with look(self._reader) as found:
            self._note(request, found.health)
            yield Snapshot(found.db, found.health)

    async def glance(
        self, request: Request, asking: Callable[[], Asking[tuple[Health | None, T]]]
    ) -> tuple[int | None, T]:
        """What is found at a glance, and the block that it is of. Unavailable if the database does not answer."""
        health, found = await self._glances.glance(asking)
        return self._note(request, health), found

    def _note(self, request: Request, health: Health | None) -> int | None:
        block = None if health is None else health.block
        self.last = request.state.indexed = block
        return block

    def indexed_block(self) -> int | None:
        """The newest indexed block now, in a transaction of its own."""
        with connected(self.engine) as db:
            found = _health(db)
        self.last = None if found is None else found.block
        return self.last

    def newest(self) -> tuple[int, str] | None:
        """Number and hash of the newest indexed block, in a transaction of its own."""
        with connected(self.engine) as db:
            return feed_head(db)

    def now(self) -> int:
        """Unix seconds: the one clock of this room."""
        return int(time.time())

    def close(self) -> None:
        """Gives connections back."""
        self.engine.dispose()
        self._reader.dispose()
        self._glances.close()
        self.node.close()
        self.documents.close()


def registry_of(request: Request) -> Registry:
    """The registry of the application that serves this request."""
    registry: Registry = request.app.state.registry
    return registry


def _health(db: Connection) -> Health | None:
    try:
        return queries.health(db)
    except NotFound:
        return None
