"""One engine's lines: ours and the plain loop as processes, ponder if asked for, then the bounds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine, text

from bench.indexing import plain
from bench.indexing.bare import logs_alone, rows_alone, rows_of
from bench.indexing.comparing import of_ours, require_same
from bench.indexing.history import History
from bench.indexing.lines import Bound, Line, Part
from bench.indexing.with_ponder import followed
from bench.load.engines import database
from bench.national.running import ran
from gecchain.chain.deployment import save_deployment
from gecchain.chain.rpc import Rpc
from gecchain.errors import Refused, Unavailable
from gecchain.store.engine import migrate, open_engine

__all__ = ["OURS", "PLAIN", "measure"]

OURS: Final = "gec index"
PLAIN: Final = "plain web3.py loop"


def measure(kind: str, folder: Path, rpc: Rpc, history: History, *, ponder: bool) -> Part:
    """Index the history with each into a new database; BrokenProof if they end differently."""
    save_deployment(folder / "deployment.json", history.deployment)
    with _databases(kind, folder) as named:
        ours, other, bare = (named(name) for name in ("ours", "plain", "bare"))
        at = [rpc.url, str(folder / "deployment.json")]
        projection, held = open_engine(ours), create_engine(other)
        migrate(projection)
        plain.prepare(held)
        lines = [
            _line(OURS, ["bench.indexing.ours", *at, ours], history.events, history.passed_over),
            _line(PLAIN, ["bench.indexing.plain", *at, other], history.events),
        ]
        ranges = require_same(of_ours(projection), plain.owners(held), "the plain loop")
        if ponder:
            line, theirs = followed(folder / kind, rpc.url, history, named("ponder") if kind == "postgresql" else "")
            require_same(of_ours(projection), theirs, line.name)
            lines.append(_said(line))
        rows = rows_of(projection)
        projection.dispose()
        held.dispose()
        bounds = [
            Bound("logs over bare JSON-RPC", history.events, round(logs_alone(rpc, history), 3)),
            Bound(f"rows by bare {_way(kind)}", sum(map(len, rows.values())), round(rows_alone(bare, rows), 3)),
        ]
    return Part(kind, lines, bounds, ranges)


def _way(kind: str) -> str:
    return "COPY" if kind == "postgresql" else "executemany"


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes a new database of a name and gives its URL."""
    with database(kind, folder / kind, durable=True) as url:
        if kind == "sqlite":
            yield lambda name: f"sqlite:///{folder / kind / name}.db"
            return
        admin = create_engine(url, isolation_level="AUTOCOMMIT")

        def created(name: str) -> str:
            with admin.connect() as db:
                db.execute(text(f"CREATE DATABASE {name}"))
            return url.rsplit("/", 1)[0] + f"/{name}"

        yield created
        admin.dispose()


def _line(name: str, words: list[str], events: int, passed_over: int = 0) -> Line:
    """Run a module over the whole history. Refused when it saw other events than the chain told."""
    run = ran([sys.executable, "-m", *words], os.environ)
    if run.status:
        raise Unavailable(f"{name} ended with {run.status}: {run.output[-2000:]}")
    told = json.loads(run.output)
    if told["events"] != events - passed_over:
        raise Refused(f"{name} indexed {told['events']} events of {events - passed_over}")
    start = round(run.seconds - told["seconds"], 2)
    return _said(Line(name, events, told["seconds"], start, told["processor"], told["peak_mb"]))


def _said(line: Line) -> Line:
    print(f"indexing: {line.name}: {line.events:,} events in {line.seconds} s", file=sys.stderr, flush=True)
    return line
