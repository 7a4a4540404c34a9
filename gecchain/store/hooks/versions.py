"""The schema of the webhooks, brought up step by step; every step is kept for ever."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from gecchain.store.hooks.tables import hook_metadata, version
from gecchain.store.versioned import Step, bring_up, creating

__all__ = ["migrate"]

_LOCK: Final = 7034222
_STEPS: Final[tuple[Step, ...]] = (creating(hook_metadata),)


def migrate(engine: Engine) -> None:
    """Bring the webhooks to their newest version; safe to run again and by several processes at once."""
    bring_up(engine, version, _STEPS, lock=_LOCK)
