"""Watt-hours into whole certificates, the rest carried on, and each month issued once.

A lane is what the chain remembers of one project and electricity class in 64 bits: the carry, the latest issued month
and a window of 32 months behind it. It makes "issued once" and "metered = issued + carry" one storage slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gecchain.errors import BadInput, Refused
from gecchain.rules.months import MAX_MONTH_INDEX, Month
from gecchain.rules.parameters import LANE_WINDOW, MAX_CERTIFICATES, WH_PER_CERTIFICATE

__all__ = ["EMPTY_LANE", "Lane", "certificates_of"]

_CARRY_BITS: Final = 20
_MONTH_BITS: Final = 12
_WINDOW_MASK: Final = (1 << LANE_WINDOW.value) - 1


def certificates_of(carry_wh: int, metered_wh: int) -> tuple[int, int]:
    """Whole certificates of carry plus reading, and the Wh carried to the next period (结转, Q24).

    `carry_wh + metered_wh == certificates * 1_000_000 + carry`, always. BadInput if either is negative.
    """
    if carry_wh < 0 or metered_wh < 0:
        raise BadInput("Energy is not negative.", field="wh", value=str(min(carry_wh, metered_wh)))
    return divmod(carry_wh + metered_wh, WH_PER_CERTIFICATE.value)


@dataclass(frozen=True, slots=True)
class Lane:
    """What has been issued of one project and electricity.

    `carry` in Wh below one certificate; `latest` issued month; `window` bit i: month `latest - i` is issued. A lane in
    which nothing was issued has all three zero (`EMPTY_LANE`); every other has bit 0 set.
    """

    carry: int
    latest: Month
    window: int

    def __post_init__(self) -> None:
        if not 0 <= self.carry < WH_PER_CERTIFICATE.value:
            raise BadInput("A carry is below one certificate.", field="carry", value=str(self.carry))
        empty = self.window == 0 and self.latest.index == 0 and self.carry == 0
        if not empty and (self.window & 1 == 0 or not 0 < self.window <= _WINDOW_MASK):
            raise BadInput("A lane's window holds its latest month.", field="window", value=str(self.window))

    def pack(self) -> int:
        """64 bits, from the lowest: carry 20, latest month 12, window 32."""
        return self.carry | self.latest.index << _CARRY_BITS | self.window << (_CARRY_BITS + _MONTH_BITS)

    @classmethod
    def unpack(cls, word: int) -> Lane:
        """The lane of a packed word; BadInput for a word that no lane packs to."""
        carry = word & ((1 << _CARRY_BITS) - 1)
        latest = Month(word >> _CARRY_BITS & MAX_MONTH_INDEX)
        return cls(carry, latest, word >> (_CARRY_BITS + _MONTH_BITS))

    def is_issued(self, month: Month) -> bool:
        """Whether that month is known to be issued; False also for months that have left the window."""
        behind = self.latest - month
        return 0 <= behind < LANE_WINDOW.value and bool(self.window >> behind & 1)

    def issue(self, month: Month, wh: int) -> tuple[Lane, int]:
        """The lane after a month's reading of `wh`, and the certificates issued for it (I1, I4).

        Refused, in this order: `too_many`, `too_old` (32 months or more behind the latest), `month_already_issued`;
        the reason is the slug of the LeafRefusal.
        """
        count, carry = certificates_of(self.carry, wh)
        if count > MAX_CERTIFICATES.value:
            raise Refused(f"{count} certificates do not fit into one batch.", reason="too_many")
        latest, window = self._opened(month)
        return Lane(carry, latest, window), count

    def _opened(self, month: Month) -> tuple[Month, int]:
        ahead = month - self.latest
        if self.window == 0:
            return month, 1
        if ahead > 0:
            return month, (self.window << min(ahead, LANE_WINDOW.value) | 1) & _WINDOW_MASK
        if -ahead >= LANE_WINDOW.value:
            raise Refused(
                f"{month} lies {-ahead} months behind {self.latest}, the latest issued one.",
                reason="too_old",
                remedy="Its certificates would have expired.",
            )
        if self.is_issued(month):
            raise Refused(f"{month} is issued already.", reason="month_already_issued", remedy="Dispute it (Q95).")
        return self.latest, self.window | 1 << -ahead


EMPTY_LANE: Final = Lane(0, Month(0), 0)
