"""The schema of a store that is no projection, brought up step by step; every step is kept for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect, select

from gecchain.errors import BrokenProof
from gecchain.store.engine import connected

__all__ = ["Step", "bring_up", "creating"]

Step = Callable[[Connection], None]


def bring_up(engine: Engine, version: Table, steps: Sequence[Step], *, lock: int) -> None:
    """Bring a store to its newest version; safe to run again and by several processes at once.

    `version` has one column of that name and a row for each step that was done; `lock` tells the store from others of
    the same PostgreSQL. BrokenProof if the store was made by a newer program.
    """
    with connected(engine, writes=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({lock})")
        version.create(connection, checkfirst=True)
        done = set(connection.execute(select(version.c.version)).scalars())
        if done - set(range(1, len(steps) + 1)):
            raise BrokenProof("The store is newer than this program.", where=version.name)
        for number, step in enumerate(steps, start=1):
            if number not in done:
                step(connection)
                connection.execute(insert(version).values(version=number))


def creating(metadata: MetaData) -> Step:
    """The first step: every table of the metadata that is not there yet."""

    def create(connection: Connection) -> None:
        metadata.create_all(connection, checkfirst=bool(inspect(connection).get_table_names()))

    return create
