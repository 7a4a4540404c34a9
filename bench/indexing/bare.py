"""What nothing can be faster than: the same logs over bare JSON-RPC, and the same rows into bare tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, Table, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable

from bench.indexing.history import History, contracts_of
from bench.indexing.plain import SPAN
from gecchain.chain.rpc import Rpc
from gecchain.errors import Refused
from gecchain.store.tables import metadata

__all__ = ["logs_alone", "rows_alone", "rows_of"]

Rows = dict[str, list[Sequence[Any]]]
"""Rows as the driver gives them, by table."""


def logs_alone(rpc: Rpc, history: History) -> float:
    """Seconds to get all events' logs in ranges of blocks and parse the JSON. Refused if some are missing."""
    addresses = list(contracts_of(history.deployment).values())
    began, found = time.perf_counter(), 0
    for first in range(0, history.head + 1, SPAN):
        last = min(first + SPAN - 1, history.head)
        query = {"address": addresses, "fromBlock": hex(first), "toBlock": hex(last)}
        found += len(rpc.request("eth_getLogs", query))
    seconds = time.perf_counter() - began
    if found != history.events:
        raise Refused(f"the node gave {found} logs of {history.events}")
    return seconds


def rows_of(engine: Engine) -> Rows:
    """All rows of our projection."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        return {table.name: list(cursor.execute(f"SELECT * FROM {table.name}").fetchall()) for table in _tables()}
    finally:
        raw.close()


def rows_alone(url: str, rows: Rows) -> float:
    """Seconds to put all rows into the empty database at `url`, whose tables have keys and no other index."""
    engine = create_engine(url)
    with engine.begin() as db:
        for table in _tables():
            db.execute(CreateTable(table))
    copies = make_url(url).get_backend_name() == "postgresql"
    raw = engine.raw_connection()
    began = time.perf_counter()
    cursor = raw.cursor()
    for name, some in rows.items():
        if copies:
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)
        elif some:
            marks = ", ".join("?" * len(some[0]))
            cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", some)
    raw.commit()
    seconds = time.perf_counter() - began
    raw.close()
    engine.dispose()
    return seconds


def _tables() -> list[Table]:
    return metadata.sorted_tables
