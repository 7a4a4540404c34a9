"""The desk: where platforms and account holders hand in what they signed, and are told what became of it.

It is the one store that the API writes to. It holds no key and no truth: requests are signed by others, and how they
ended is the chain's word. It cannot be rebuilt from the chain, so it is backed up.
"""

from gecchain.store.desk import answers, audit, keys, outbox, sessions
from gecchain.store.desk.keys import ApiKey
from gecchain.store.desk.outbox import HeldRequest
from gecchain.store.desk.sessions import Session
from gecchain.store.desk.tables import desk_metadata
from gecchain.store.desk.versions import migrate

__all__ = [
    "ApiKey",
    "HeldRequest",
    "Session",
    "answers",
    "audit",
    "desk_metadata",
    "keys",
    "migrate",
    "outbox",
    "sessions",
]
