"""The schema of the working store, brought up step by step; every step is kept for ever."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from gecchain.store.intake.tables import intake_metadata, version
from gecchain.store.versioned import Step, bring_up, creating

__all__ = ["migrate"]

_LOCK: Final = 7034220
_STEPS: Final[tuple[Step, ...]] = (creating(intake_metadata),)


def migrate(engine: Engine) -> None:
    """Bring the working store to the newest version; safe to run again and by several processes at once.

    BrokenProof if the store was made by a newer version than this one.
    """
    bring_up(engine, version, _STEPS, lock=_LOCK)
