"""Tables of the desk: who may hand in, what was handed in, and what was answered. No projection, so they are backed up.

Their names begin with `desk_`. Of a secret only its hash is kept.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table, Text

from gecchain.store.columns import ADDRESS, BIG, NAMING, WORD, field

__all__ = ["answers", "audit", "challenges", "desk_metadata", "keys", "requests", "sessions", "version"]

desk_metadata: Final = MetaData(naming_convention=NAMING)
_HASH: Final = String(64)

version: Final = Table("desk_version", desk_metadata, field("version", Integer, key=True))

keys: Final = Table(
    "desk_keys",
    desk_metadata,
    field("id", String(16), key=True),
    field("line", String(16)),
    field("secret", _HASH),
    field("name", Text),
    field("account", ADDRESS),
    field("scopes", Text),
    field("made_at", BIG),
    field("ends_at", BIG),
    field("used_at", BIG),
    field("revoked_at", BIG),
    Index(None, "name"),
)

sessions: Final = Table(
    "desk_sessions",
    desk_metadata,
    field("id", _HASH, key=True),
    field("address", ADDRESS),
    field("made_at", BIG),
    field("ends_at", BIG),
    Index(None, "ends_at"),
)

challenges: Final = Table(
    "desk_challenges",
    desk_metadata,
    field("nonce", String(32), key=True),
    field("ends_at", BIG),
    Index(None, "ends_at"),
)

answers: Final = Table(
    "desk_answers",
    desk_metadata,
    field("caller", String(64)),
    field("name", String(255)),
    field("body", _HASH),
    field("content", Text),
    field("made_at", BIG),
    PrimaryKeyConstraint("caller", "name"),
    Index(None, "made_at"),
)

requests: Final = Table(
    "desk_requests",
    desk_metadata,
    Column("id", BIG, primary_key=True),
    Column("digest", WORD, nullable=False, unique=True),
    field("sender", ADDRESS),
    field("to", ADDRESS),
    field("gas", BIG),
    field("nonce", Text),
    field("deadline", BIG),
    field("data", LargeBinary),
    field("signature", LargeBinary),
    field("call", Text),
    field("caller", String(64)),
    field("accepted_at", BIG),
    field("state", String(8)),
    field("transaction", String(66)),
    field("block", BIG),
    field("reason", Text),
    field("ended_at", BIG),
    Index(None, "state", "id"),
    Index(None, "sender", "id"),
    Index(None, "caller", "id"),
)

audit: Final = Table(
    "desk_audit",
    desk_metadata,
    Column("id", BIG, primary_key=True),
    field("at", BIG),
    field("caller", String(64)),
    field("method", String(8)),
    field("path", Text),
    field("status", Integer),
    field("subject", Text),
    Index(None, "caller", "id"),
)
