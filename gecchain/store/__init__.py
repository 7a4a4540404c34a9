"""The SQL projection of the chain: ranges, never a row per certificate. All of it can be rebuilt from events.

`open_engine` and `migrate` open it, `projection` is the indexer's way in, `queries` is everybody else's way out.
"""

from gecchain.store.engine import connected, migrate, open_engine, snapshot

__all__ = ["connected", "migrate", "open_engine", "snapshot"]
