"""What `gec index` does once it has started: `python -m bench.indexing.ours RPC DEPLOYMENT DATABASE`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.indexing.telling import tell
from gecchain.chain.deployment import load_deployment
from gecchain.chain.reader import Reader
from gecchain.indexer import Progress, catch_up
from gecchain.store.engine import open_engine
from gecchain.store.indexing import Projection


def main() -> int:
    """One run, as a process of its own."""
    rpc, deployment, database = sys.argv[1:4]
    engine = open_engine(database)
    events = 0

    def count(progress: Progress) -> None:
        nonlocal events
        events = progress.events

    def work() -> int:
        catch_up(reader, Projection(engine), progress=count)
        return events

    with Reader.at(rpc, load_deployment(Path(deployment))) as reader:
        tell(work)
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
