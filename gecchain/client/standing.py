"""What a registry says of a request that was handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

__all__ = ["RequestState", "Taken"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one item that was handed in: `problem` is empty if it was taken."""

    id: str
    state: str
    problem: Mapping[str, Any]

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Self:
        """From the registry's answer."""
        return cls(item["id"] or "", item["state"] or "", item["problem"] or {})


@dataclass(frozen=True, slots=True)
class RequestState:
    """How far a request is: `accepted`, `sent`, `done`, `refused` or `void`; `final` once the index has its block.

    `reason` has `name`, `sentence` and `remedy` where the contracts refused it.
    """

    id: str
    state: str
    call: str
    transaction: str
    block: int
    final: bool
    reason: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state in ("done", "refused", "void")

    @classmethod
    def of(cls, read: Mapping[str, Any]) -> Self:
        """From the registry's answer."""
        return cls(
            id=read["id"],
            state=read["state"],
            call=read["call"],
            transaction=read["transaction"] or "",
            block=read["block"] or 0,
            final=read["final"],
            reason=read["reason"] or {},
        )
