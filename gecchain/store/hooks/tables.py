"""Tables of the webhooks. Their names begin with `hook_`; positions are those of events (`Recorded.position`).

Secrets are kept as they are: HMAC needs them. Whoever reads this database can sign in our name.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text

from gecchain.store.columns import BIG, NAMING, WORD

__all__ = ["attempts", "extras", "headers", "hook_metadata", "letters", "look", "subscriptions", "version"]

hook_metadata: Final = MetaData(naming_convention=NAMING)
_ID: Final = String(32)


def _field(name: str, kind: Any, *, key: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=False, autoincrement=False)


version: Final = Table("hook_version", hook_metadata, _field("version", Integer, key=True))

# What the index showed last: one row.
look: Final = Table(
    "hook_look",
    hook_metadata,
    _field("id", Integer, key=True),
    _field("deployment", Text),
    _field("block", BIG),
    _field("hash", WORD),
    _field("forks", Integer),
)

# The newest blocks that were seen, as many as the index can roll back.
headers: Final = Table(
    "hook_headers",
    hook_metadata,
    _field("number", BIG, key=True),
    _field("hash", WORD),
    _field("eventful", Boolean),
)

# `cursor` is the last event delivered or skipped, `reach` the last one that was ever given to the sender; `turn`
# changes whenever the cursor is set by others than the worker. `notice` is a message that goes before any event.
subscriptions: Final = Table(
    "hook_subscriptions",
    hook_metadata,
    _field("id", _ID, key=True),
    _field("owner", String(64)),
    _field("account", String(42)),
    _field("url", Text),
    _field("filter", Text),
    _field("confirmations", Integer),
    _field("secret", Text),
    _field("old_secret", Text),
    _field("old_secret_ends", BIG),
    _field("state", String(8)),
    _field("cursor", BIG),
    _field("reach", BIG),
    _field("turn", Integer),
    _field("notice", Text),
    _field("failures", Integer),
    _field("next_try", BIG),
    _field("failing_since", BIG),
    _field("doubted", Boolean),
    _field("last_status", Integer),
    _field("last_error", Text),
    _field("last_at", BIG),
    _field("made_at", BIG),
    Index(None, "owner"),
    Index(None, "account"),
    Index(None, "state", "next_try"),
)

letters: Final = Table(
    "hook_letters",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    _field("subscription", _ID),
    _field("position", BIG),
    _field("webhook_id", String(64)),
    _field("type", Text),
    _field("body", Text),
    _field("tries", Integer),
    _field("first_at", BIG),
    _field("last_at", BIG),
    _field("status", Integer),
    _field("error", Text),
    Index(None, "subscription", "id"),
)

# Messages outside of the order, each sent once: tests, and dead letters that were asked for again (`letter` is not 0).
extras: Final = Table(
    "hook_extras",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    _field("subscription", _ID),
    _field("letter", BIG),
    _field("webhook_id", String(64)),
    _field("type", Text),
    _field("body", Text),
    _field("made_at", BIG),
    Index(None, "subscription", "id"),
)

attempts: Final = Table(
    "hook_attempts",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    _field("subscription", _ID),
    _field("webhook_id", String(64)),
    _field("type", Text),
    _field("at", BIG),
    _field("status", Integer),
    _field("error", Text),
    _field("milliseconds", Integer),
    Index(None, "subscription", "id"),
)
