"""How a request ended: the one word that the worker, which reads the chain, and the outbox, which remembers, share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Ending"]


@dataclass(frozen=True, slots=True)
class Ending:
    """`done` and `refused` are the chain's word, with transaction and block; `void` is one that came too late.

    `digest` and `transaction` are 0x hex. `reason` has `name`, `sentence` and `remedy` where it was refused.
    """

    digest: str
    state: Literal["done", "refused", "void"]
    transaction: str = ""
    block: int = 0
    reason: Mapping[str, str] = field(default_factory=dict)
