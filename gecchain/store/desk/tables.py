"""Tables of the desk: who may hand in, what was handed in, and what was answered. No projection, so they are backed up.

Their names begin with `desk_`. Of a secret only its hash is kept.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table, Text

from gecchain.store.columns import ADDRESS, BIG, NAMING, WORD

__all__ = ["answers", "audit", "challenges", "desk_metadata", "keys", "requests", "sessions", "version"]

desk_metadata: Final = MetaData(naming_convention=NAMING)
_HASH: Final = String(64)


def _field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)


version: Final = Table("desk_version", desk_metadata, _field("version", Integer, key=True))

keys: Final = Table(
    "desk_keys",
    desk_metadata,
    _field("id", String(16), key=True),
    _field("line", String(16)),
    _field("secret", _HASH),
    _field("name", Text),
    _field("account", ADDRESS),
    _field("scopes", Text),
    _field("made_at", BIG),
    _field("ends_at", BIG),
    _field("used_at", BIG),
    _field("revoked_at", BIG),
    Index(None, "name"),
)

sessions: Final = Table(
    "desk_sessions",
    desk_metadata,
    _field("id", _HASH, key=True),
    _field("address", ADDRESS),
    _field("made_at", BIG),
    _field("ends_at", BIG),
    Index(None, "ends_at"),
)

challenges: Final = Table(
    "desk_challenges",
    desk_metadata,
    _field("nonce", String(32), key=True),
    _field("ends_at", BIG),
    Index(None, "ends_at"),
)

answers: Final = Table(
    "desk_answers",
    desk_metadata,
    _field("caller", String(64)),
    _field("name", String(255)),
    _field("body", _HASH),
    _field("content", Text),
    _field("made_at", BIG),
    PrimaryKeyConstraint("caller", "name"),
    Index(None, "made_at"),
)

requests: Final = Table(
    "desk_requests",
    desk_metadata,
    Column("id", BIG, primary_key=True),
    Column("digest", WORD, nullable=False, unique=True),
    _field("sender", ADDRESS),
    _field("to", ADDRESS),
    _field("gas", BIG),
    _field("nonce", Text),
    _field("deadline", BIG),
    _field("data", LargeBinary),
    _field("signature", LargeBinary),
    _field("call", Text),
    _field("caller", String(64)),
    _field("accepted_at", BIG),
    _field("state", String(8)),
    _field("transaction", String(66)),
    _field("block", BIG),
    _field("reason", Text),
    _field("ended_at", BIG),
    Index(None, "state", "id"),
    Index(None, "sender", "id"),
    Index(None, "caller", "id"),
)

audit: Final = Table(
    "desk_audit",
    desk_metadata,
    Column("id", BIG, primary_key=True),
    _field("at", BIG),
    _field("caller", String(64)),
    _field("method", String(8)),
    _field("path", Text),
    _field("status", Integer),
    _field("subject", Text),
    Index(None, "caller", "id"),
)
