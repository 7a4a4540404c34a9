"""Commitments, who approved them, what was issued from them, and declared readings on their way there."""

from dataclasses import dataclass

from gecchain.events import NO_ACCOUNT

__all__ = ["Approval", "Chunk", "Commitment", "Declaration"]


@dataclass(frozen=True, slots=True)
class Commitment:
    """A provider's readings of one month. `replaced_by` is the commitment that revises it, or 0.

    `approvals` counts the officers who approved it.
    """

    id: int
    month: int
    provider: str
    declared: bool
    root: str
    leaves: int
    total_wh: int
    evidence: str
    replaces: int
    replaced_by: int
    position: int
    approvals: int = 0


@dataclass(frozen=True, slots=True)
class Approval:
    """An officer (its key) who stands for a commitment (decision 26)."""

    commitment: int
    officer: str
    position: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Which of a commitment's leaves `[256 * chunk, ...)` are issued; `issued` is the bit set."""

    commitment: int
    chunk: int
    issued: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared reading and how far it came (Q26, Q33). `leaf` is its word, `stage` a DeclarationStage.

    `caller`, `checker` and `rechecker` are keys; `reason` is the latest one; `index` its leaf in `commitment` once
    accepted. `declared`, `checked` and `rechecked` are positions, of the latest round.
    """

    id: str
    month: int
    owner: str
    leaf: int
    evidence: str
    stage: int
    caller: str
    declared: int
    checker: str = NO_ACCOUNT
    checked: int = 0
    rechecker: str = NO_ACCOUNT
    rechecked: int = 0
    reason: str = ""
    commitment: int = 0
    index: int = 0
