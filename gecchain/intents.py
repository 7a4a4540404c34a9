"""A signed transaction on its way: the word that the writer, which sends, and the journal, which remembers, share."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Intent"]


@dataclass(frozen=True, slots=True)
class Intent:
    """A signed transaction on its way: `raw` and `transaction` (its hash) are 0x hex."""

    key: str
    what: str
    sender: str
    nonce: int
    payload: str
    raw: str
    transaction: str
