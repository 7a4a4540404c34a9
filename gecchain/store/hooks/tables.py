"""Tables of the webhooks. Their names begin with `hook_`; positions are those of events (`Recorded.position`).

Secrets are kept as they are: HMAC needs them. Whoever reads this database can sign in our name.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text

from gecchain.store.columns import BIG, NAMING, WORD, field

__all__ = ["attempts", "extras", "headers", "hook_metadata", "letters", "look", "subscriptions", "version"]

hook_metadata: Final = MetaData(naming_convention=NAMING)
_ID: Final = String(32)

version: Final = Table("hook_version", hook_metadata, field("version", Integer, key=True))

# What the index showed last: one row.
look: Final = Table(
    "hook_look",
    hook_metadata,
    field("id", Integer, key=True),
    field("deployment", Text),
    field("block", BIG),
    field("hash", WORD),
    field("forks", Integer),
)

# The newest blocks that were seen, as many as the index can roll back.
headers: Final = Table(
    "hook_headers",
    hook_metadata,
    field("number", BIG, key=True),
    field("hash", WORD),
    field("eventful", Boolean),
)

# `cursor` is the last event delivered or skipped, `reach` the last one that was ever given to the sender; `turn`
# changes whenever the cursor is set by others than the worker. `notice` is a message that goes before any event.
subscriptions: Final = Table(
    "hook_subscriptions",
    hook_metadata,
    field("id", _ID, key=True),
    field("owner", String(64)),
    field("account", String(42)),
    field("url", Text),
    field("filter", Text),
    field("confirmations", Integer),
    field("secret", Text),
    field("old_secret", Text),
    field("old_secret_ends", BIG),
    field("state", String(8)),
    field("cursor", BIG),
    field("reach", BIG),
    field("turn", Integer),
    field("notice", Text),
    field("failures", Integer),
    field("next_try", BIG),
    field("failing_since", BIG),
    field("doubted", Boolean),
    field("last_status", Integer),
    field("last_error", Text),
    field("last_at", BIG),
    field("made_at", BIG),
    Index(None, "owner"),
    Index(None, "account"),
    Index(None, "state", "next_try"),
)

letters: Final = Table(
    "hook_letters",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    field("subscription", _ID),
    field("position", BIG),
    field("webhook_id", String(64)),
    field("type", Text),
    field("body", Text),
    field("tries", Integer),
    field("first_at", BIG),
    field("last_at", BIG),
    field("status", Integer),
    field("error", Text),
    Index(None, "subscription", "id"),
)

# Messages outside of the order, each sent once: tests, and dead letters that were asked for again (`letter` is not 0).
extras: Final = Table(
    "hook_extras",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    field("subscription", _ID),
    field("letter", BIG),
    field("webhook_id", String(64)),
    field("type", Text),
    field("body", Text),
    field("made_at", BIG),
    Index(None, "subscription", "id"),
)

attempts: Final = Table(
    "hook_attempts",
    hook_metadata,
    Column("id", BIG, primary_key=True),
    field("subscription", _ID),
    field("webhook_id", String(64)),
    field("type", Text),
    field("at", BIG),
    field("status", Integer),
    field("error", Text),
    field("milliseconds", Integer),
    Index(None, "subscription", "id"),
)
