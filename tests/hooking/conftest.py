"""A world of webhooks on each kind of database, and receivers on real sockets."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from gecchain.store import desk, hooks
from tests.hooking.receiver import Receiver, receiving
from tests.hooking.world import World
from tests.store.conftest import new_engine

__all__ = ["new_engine"]


@pytest.fixture
def world(new_engine: Callable[[], Engine]) -> World:
    """A desk and an index in databases of their own."""
    engine = new_engine()
    desk.migrate(engine)
    hooks.migrate(engine)
    hooks.migrate(engine)
    return World(engine, new_engine())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found
