"""The whole story of the API's tests, and a press."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from gecchain.documents import Chain, Press
from gecchain.store import connected, migrate, open_engine
from tests.api.story import DEPLOYMENT, index, tell

CHAIN = Chain(DEPLOYMENT.chain_id, DEPLOYMENT.certificates)


@pytest.fixture(scope="session")
def press() -> Press:
    return Press("https://gec.example")


@pytest.fixture(scope="session")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('documents') / 'store.db'}")
    migrate(engine)
    index(engine, tell())
    with connected(engine) as found:
        yield found
    engine.dispose()


@pytest.fixture
def chain() -> Chain:
    return CHAIN
