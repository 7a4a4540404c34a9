"""Calendar months in Beijing time, and how long a certificate of a month is valid.

A month is the only time unit of the registry: readings, batches, claims and validity all count in months. It is one
number, months since 1900-01, so that it packs into 12 bits and compares and subtracts as a number.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Self, overload

from gecchain.errors import BadInput
from gecchain.rules.parameters import TRANSITION_BEFORE, TRANSITION_LAST_MONTH, UTC_OFFSET, VALIDITY, WARNING

__all__ = ["BEIJING", "MAX_MONTH_INDEX", "Month", "expires_at", "expiring_within", "last_valid_day"]

BEIJING = timezone(timedelta(hours=UTC_OFFSET.value))
MAX_MONTH_INDEX = (1 << 12) - 1
_FIRST_YEAR = 1900
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEXT = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_CODE = re.compile(r"([0-9A-Z])([0-9])(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month (生产年月); `index` counts months since 1900-01, from 0 to 4095 (2241-04)."""

    index: int

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_MONTH_INDEX:
            raise BadInput(
                "A month lies between 1900-01 and 2241-04.",
                field="month",
                value=str(self.index),
                remedy="Check the year.",
            )

    @classmethod
    def of(cls, year: int, month: int) -> Self:
        """The month of a year (four digits) and month (1 to 12)."""
        if not 1 <= month <= 12:
            raise BadInput("A month's number is 1 to 12.", field="month", value=f"{year}-{month}")
        return cls((year - _FIRST_YEAR) * 12 + month - 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `YYYY-MM`; BadInput for anything else."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise BadInput(f"{text!r} is no month.", field="month", value=text, remedy="Write it as 2026-09.")
        return cls.of(int(found[1]), int(found[2]))

    @classmethod
    def from_code(cls, code: str) -> Self:
        """Read the four characters of a number: decade since 1900 in base 36, year, month (`C609` is 2026-09)."""
        found = _CODE.fullmatch(code)
        if found is None:
            raise BadInput(f"{code!r} is no month code.", field="month", value=code, remedy="2026-09 is C609.")
        return cls.of(_FIRST_YEAR + _BASE36.index(found[1]) * 10 + int(found[2]), int(found[3]))

    @classmethod
    def at(cls, unix_seconds: int) -> Self:
        """The month in which that second lies, in Beijing time."""
        try:
            moment = (_EPOCH + timedelta(seconds=unix_seconds)).astimezone(BEIJING)
        except OverflowError:
            raise BadInput("A time out of reach.", field="time", value=str(unix_seconds)) from None
        return cls.of(moment.year, moment.month)

    @property
    def year(self) -> int:
        """Calendar year, four digits."""
        return _FIRST_YEAR + self.index // 12

    @property
    def month(self) -> int:
        """Month of the year, 1 to 12."""
        return self.index % 12 + 1

    @property
    def code(self) -> str:
        """The four characters that stand for it in project codes and certificate numbers."""
        decade, year = divmod(self.year - _FIRST_YEAR, 10)
        return f"{_BASE36[decade]}{year}{self.month:02d}"

    @property
    def begins_at(self) -> int:
        """Unix second at which it begins in Beijing time."""
        return _begins_at(self.index)

    @property
    def ends_at(self) -> int:
        """Unix second at which it is over: the first second of the next month."""
        return _begins_at(self.index + 1)

    @property
    def last_day(self) -> date:
        """Its last calendar day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    def __add__(self, months: int) -> Month:
        return Month(self.index + months)

    @overload
    def __sub__(self, other: Month) -> int: ...
    @overload
    def __sub__(self, other: int) -> Month: ...
    def __sub__(self, other: Month | int) -> Month | int:
        if isinstance(other, Month):
            return self.index - other.index
        return Month(self.index - other)


def _begins_at(index: int) -> int:
    first = datetime(_FIRST_YEAR + index // 12, index % 12 + 1, 1, tzinfo=BEIJING)
    return (first - _EPOCH) // timedelta(seconds=1)


_TRANSITION_BEFORE = Month.parse(TRANSITION_BEFORE.value)
_TRANSITION_LAST = Month.parse(TRANSITION_LAST_MONTH.value)


def _last_index(month: Month) -> int:
    return _TRANSITION_LAST.index if month < _TRANSITION_BEFORE else month.index + VALIDITY.value


@lru_cache(maxsize=MAX_MONTH_INDEX + 1)
def expires_at(month: Month) -> int:
    """First unix second at which certificates of that production month are no longer valid (有效期, Q28, Q80).

    The end (24:00 Beijing time) of the month 24 months after production; production before 2024-01 ends with 2025.
    """
    return _begins_at(_last_index(month) + 1)


@lru_cache(maxsize=MAX_MONTH_INDEX + 1)
def last_valid_day(month: Month) -> date:
    """Last day on which certificates of that production month are valid."""
    return (datetime.fromtimestamp(expires_at(month), BEIJING) - timedelta(days=1)).date()


def expiring_within(month: Month, now: int, months: int = WARNING.value) -> bool:
    """Whether certificates of that production month end within so many calendar months but not yet (临期预警, Q96)."""
    return _begins_at(_last_index(month) + 1 - months) <= now < expires_at(month)
