"""The SQL projection of the chain: ranges, never a row per certificate. All of it can be rebuilt from events.

`open_engine` and `migrate` open it, `projection` is the indexer's way in, `queries` is everybody else's way out,
through `connected` or, for whom every microsecond counts, `open_reader` and `look`.
"""

from gecchain.store.engine import connected, migrate, open_engine, open_reader
from gecchain.store.looking import glance, look

__all__ = ["connected", "glance", "look", "migrate", "open_engine", "open_reader"]
