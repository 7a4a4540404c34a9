"""Which certificates of a batch a measurement acts on: the whole batch, its middle or its last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

__all__ = ["FRONT", "LAST", "MIDDLE", "ONCE", "SIZES", "WHOLE", "Lot", "Part"]

SIZES: Final = (1, 100, 10_000, 1_000_000)
"""Certificates in the batch."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Serials `[start, end)` of a batch of `batch` certificates."""

    batch: int
    start: int
    end: int

    @property
    def certificates(self) -> int:
        """How many are acted on."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Part:
    """A way to cut a lot from a batch of n, and the n it is measured for. Without sizes n does not matter."""

    name: str
    cut: Callable[[int], Lot]
    sizes: tuple[int, ...]


WHOLE: Final = Part("whole batch", lambda n: Lot(n, 0, n), SIZES)
MIDDLE: Final = Part("middle third", lambda n: Lot(n, n // 3, n - n // 3), SIZES[1:])
FRONT: Final = Part("front third", lambda n: Lot(n, 0, n // 3), SIZES[1:])
LAST: Final = Part("last one", lambda n: Lot(n, n - 1, n), SIZES[1:])
ONCE: Final = Part("any number", lambda n: Lot(n, 0, n), ())
