"""The schema of the working store, brought up step by step; every step is kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, Engine, insert, inspect, select

from gecchain.errors import BrokenProof
from gecchain.store.engine import connected
from gecchain.store.intake.tables import intake_metadata, version

__all__ = ["migrate"]

_LOCK: Final = 7034220


def migrate(engine: Engine) -> None:
    """Bring the working store to the newest version; safe to run again and by several processes at once.

    BrokenProof if the store was made by a newer version than this one.
    """
    with connected(engine, writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        version.create(connection, checkfirst=True)
        done = set(connection.execute(select(version.c.version)).scalars())
        if done - set(range(1, len(_STEPS) + 1)):
            raise BrokenProof("The working store is newer than this program.", where="intake_version")
        for number, step in enumerate(_STEPS, start=1):
            if number not in done:
                step(connection)
                connection.execute(insert(version).values(version=number))


def _create(connection: Connection) -> None:
    intake_metadata.create_all(connection, checkfirst=bool(inspect(connection).get_table_names()))


_STEPS: Final[tuple[Callable[[Connection], None], ...]] = (_create,)
