"""When a message is tried again, and when no more."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

__all__ = ["LONGEST_WAIT", "WAITS", "wait_after"]

WAITS: Final = (5, 30, 120, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400)
"""Seconds before each further try: twelve tries in all, about three days (ours, after the specification's example)."""
LONGEST_WAIT: Final = 86_400
_SPREAD: Final = 10


def wait_after(failures: int, webhook_id: str, *, waits: Sequence[int] = WAITS, asked: int = 0) -> int | None:
    """Seconds until the next try after so many failures (one or more), None if there is none.

    Up to a tenth is added, another share for each message, so that what failed together does not come back together.
    `asked` is what the receiver asked for (Retry-After): it is waited for, up to a day.
    """
    if failures > len(waits):
        return None
    wait = waits[failures - 1]
    share = int.from_bytes(sha256(f"{webhook_id}:{failures}".encode()).digest()[:2], "big") / 0xFFFF
    return max(wait + int(wait * share / _SPREAD), min(asked, LONGEST_WAIT))
