"""The SQL projection of the chain: ranges, never a row per certificate. All of it can be rebuilt from events.

`open_engine` and `migrate` open it, `projection` is the indexer's way in, `queries` is everybody else's way out,
through `connected` or, for whom every microsecond counts, `open_reader` with `look`, `glance` or `Glances`.
"""

from gecchain.store.engine import connected, migrate, open_engine, open_reader
from gecchain.store.glancing import Glances, glance
from gecchain.store.looking import look

__all__ = ["Glances", "connected", "glance", "look", "migrate", "open_engine", "open_reader"]
