"""Half-open ranges of serials and their algebra: the one representation of "which certificates".

Inside, a range is `[start, end)`. People read and type it inclusive: `120-4119` is `[120, 4120)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gecchain.errors import BadInput
from gecchain.rules.labels import Label

__all__ = ["Range", "covers", "union"]

_END_LIMIT: Final = 1 << 32
_TEXT = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")


@dataclass(frozen=True, order=True, slots=True)
class Range:
    """The serials `start` to `end - 1` of one batch; never empty. Ordered by start, then end."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= _END_LIMIT:
            raise BadInput(
                f"[{self.start}, {self.end}) is no range.",
                field="range",
                value=f"{self.start}-{self.end - 1}",
                remedy="The first serial is not above the last, and both lie below 2^32.",
            )

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def length(self) -> int:
        """How many certificates it holds."""
        return self.end - self.start

    def __contains__(self, serial: int) -> bool:
        return self.start <= serial < self.end

    def holds(self, other: Range) -> bool:
        """Whether every serial of `other` is in this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Range) -> bool:
        """Whether they share a serial; ranges that only touch do not."""
        return self.start < other.end and other.start < self.end

    def touches(self, other: Range) -> bool:
        """Whether one ends where the other starts."""
        return self.end == other.start or other.end == self.start

    def intersect(self, other: Range) -> Range | None:
        """The serials in both, or None."""
        if not self.overlaps(other):
            return None
        return Range(max(self.start, other.start), min(self.end, other.end))

    def subtract(self, other: Range) -> tuple[Range, ...]:
        """The serials of this one that are not in `other`: none, one or two ranges in order."""
        left = (self.start, min(self.end, other.start))
        right = (max(self.start, other.end), self.end)
        if not self.overlaps(other):
            return (self,)
        return tuple(Range(start, end) for start, end in (left, right) if start < end)

    def split(self, at: int) -> tuple[Range, Range]:
        """The part before `at` and the part from it on; BadInput unless `at` lies strictly inside."""
        return Range(self.start, at), Range(at, self.end)

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read `120-4119`, both ends included, or `120` for one certificate."""
        found = _TEXT.fullmatch(text.replace(" ", "").replace(",", ""))
        if found is None:
            raise BadInput(f"{text!r} is no range.", field="range", value=text, remedy="Write it as 120-4119.")
        return cls(int(found[1]), int(found[2] or found[1]) + 1)

    def __str__(self) -> str:
        last = self.end - 1
        return str(last) if self.start == last else f"{self.start}-{last}"

    def text(self, total: int) -> Label:
        """Its place in a batch of `total`, counted from one: serials 120 to 4119 are `121 to 4,120 of 12,345`."""
        first, last = f"{self.start + 1:,}", f"{self.end:,}"
        if first == last:
            return Label(f"第 {first} 个，共 {total:,} 个", f"{first} of {total:,}")
        return Label(f"第 {first} 至 {last} 个，共 {total:,} 个", f"{first} to {last} of {total:,}")


def union(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The fewest ranges, in order, that hold the same serials; touching ones become one."""
    merged: list[Range] = []
    for current in sorted(ranges):
        if merged and current.start <= merged[-1].end:
            merged[-1] = Range(merged[-1].start, max(merged[-1].end, current.end))
        else:
            merged.append(current)
    return tuple(merged)


def covers(ranges: Iterable[Range], whole: Range) -> bool:
    """Whether the ranges are disjoint and together exactly `whole` (I2)."""
    at = whole.start
    for current in sorted(ranges):
        if current.start != at:
            return False
        at = current.end
    return at == whole.end
