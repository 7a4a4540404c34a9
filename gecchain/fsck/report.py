"""What fsck says: one line a check, and the place of the first difference of all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["Check", "Progress", "Report", "run_check"]


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison: how many things were compared, and the first that differs (None if none does)."""

    name: str
    compared: int
    difference: str | None

    @property
    def passed(self) -> bool:
        """Whether nothing differs."""
        return self.difference is None


@dataclass(frozen=True, slots=True)
class Report:
    """All checks in their order, as of `block`.

    `metered_wh == 1_000_000 * (issued - deducted - owed) + carry_wh` is one of them (I4).
    """

    block: int
    checks: tuple[Check, ...]
    metered_wh: int
    issued: int
    carry_wh: int
    retired: int
    deducted: int
    owed: int

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)

    @property
    def first_difference(self) -> str | None:
        """Where it first went wrong: `check: place`."""
        return next((f"{check.name}: {check.difference}" for check in self.checks if not check.passed), None)


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being done, how much of it is done, and of how much (0 where that is not known)."""

    name: str
    done: int
    total: int


def run_check(name: str, findings: Iterable[str | None], tell: Callable[[Progress], None], total: int = 0) -> Check:
    """Runs through findings (a difference, or None for what is right) up to the first difference."""
    compared = 0
    for found in findings:
        compared += 1
        if found is not None:
            return Check(name, compared, found)
        if compared % 10_000 == 0:
            tell(Progress(name, compared, total))
    tell(Progress(name, compared, compared))
    return Check(name, compared, None)
