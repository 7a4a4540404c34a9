"""Requests that were relayed."""

from typing import Final

from sqlalchemy import Boolean, Index, Table, Text

from gecchain.store.columns import ADDRESS, WORD
from gecchain.store.tables.making import BIG, field, metadata

__all__ = ["relayed"]

relayed: Final = Table(
    "relayed",
    metadata,
    field("request", WORD, key=True),
    field("signer", ADDRESS),
    field("contract", ADDRESS),
    field("done", Boolean),
    field("reason", Text),
    field("position", BIG),
    Index(None, "position"),
    Index(None, "signer", "position"),
)
