"""Whether the table is complete: the state-changing functions of our ABIs against those that it names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bench.gas.entries import ENTRIES, INSIDE
from gecchain.chain.contracts import NAMES, artifact

__all__ = ["entry_points", "named", "not_measured", "unknown"]

_THEIRS: Final = frozenset({"AccessManager"})
"""OpenZeppelin's own contract: what governance costs is not ours to table."""
_READING: Final = frozenset({"view", "pure"})


def entry_points() -> set[str]:
    """Every state-changing function of our contracts, as `Contract.function`."""
    return {
        f"{name}.{element['name']}"
        for name in NAMES
        if name not in _THEIRS
        for element in artifact(name).abi
        if element["type"] == "function" and element["stateMutability"] not in _READING
    }


def named() -> set[str]:
    """Every function that the table measures, alone or inside another."""
    return {function for entry in ENTRIES for function in entry.functions} | set(INSIDE)


def not_measured(found: Iterable[str] | None = None) -> list[str]:
    """Entry points that the table does not have yet; `found` stands for those of the ABIs."""
    return sorted((entry_points() if found is None else set(found)) - named())


def unknown(found: Iterable[str] | None = None) -> list[str]:
    """Functions that the table names and no contract of ours has."""
    return sorted((named() | set(INSIDE.values())) - (entry_points() if found is None else set(found)))
