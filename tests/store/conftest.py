"""Empty, migrated databases of both kinds."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from gecchain.store import migrate, open_engine

NUMBERS = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Makes engines on databases of their own, of one kind a run."""
    made: list[Engine] = []

    def make() -> Engine:
        name = f"store_{next(NUMBERS)}"
        if request.param == "sqlite":
            engine = open_engine(f"sqlite:///{tmp_path / name}.db")
        else:
            url = request.getfixturevalue("postgres_url")
            admin = create_engine(url, isolation_level="AUTOCOMMIT")
            with admin.connect() as db:
                db.exec_driver_sql(f"CREATE DATABASE {name}")
            admin.dispose()
            engine = open_engine(url.rsplit("/", 1)[0] + f"/{name}")
        migrate(engine)
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.dispose()
