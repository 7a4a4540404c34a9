"""Readings: committed by providers, or declared and checked twice; approved by officers."""

from dataclasses import dataclass

__all__ = [
    "CommitmentApproved",
    "DeclarationChecked",
    "DeclarationRechecked",
    "Declared",
    "QuorumSet",
    "ReadingsCommitted",
]


@dataclass(frozen=True, slots=True)
class ReadingsCommitted:
    """A provider stands for a month's readings by their Merkle root (Q25). `replaces` is 0 or an earlier commitment."""

    commitment: int
    month: int
    provider: str
    declared: bool
    root: str
    leaves: int
    total_wh: int
    evidence: str
    replaces: int


@dataclass(frozen=True, slots=True)
class Declared:
    """A reading (`leaf` is its word) was declared with evidence (申报, Q26, Q33); `caller` is the key that signed."""

    declaration: str
    month: int
    owner: str
    leaf: int
    evidence: str
    caller: str


@dataclass(frozen=True, slots=True)
class DeclarationChecked:
    """First check (初核) by the information centre: passed on, or sent back with a reason."""

    declaration: str
    passed: bool
    checker: str
    reason: str


@dataclass(frozen=True, slots=True)
class DeclarationRechecked:
    """Second check (复核) by the authority: what passed is leaf `leaf` of `commitment`; else both are 0."""

    declaration: str
    passed: bool
    checker: str
    reason: str
    commitment: int
    leaf: int


@dataclass(frozen=True, slots=True)
class CommitmentApproved:
    """An officer stands for a commitment (decision 26); `approvals` counts this one."""

    commitment: int
    officer: str
    approvals: int


@dataclass(frozen=True, slots=True)
class QuorumSet:
    """From now on so many officers must approve a commitment before anything is issued from it; 0 for none."""

    quorum: int
