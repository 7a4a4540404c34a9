"""Time stamps of interval series: with offset, or local with a time zone and its daylight changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gecchain.errors import BadInput
from gecchain.oracle.codes import Code
from gecchain.rules.months import MAX_MONTH_INDEX, Month

__all__ = ["Clock"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = Month(0).begins_at
_LAST: Final = Month(MAX_MONTH_INDEX - 1).ends_at


class Clock:
    """Reads the time stamps of one series in their order.

    A local time that occurs twice (clocks go back) is the first of the two unless that is not after the row before; one
    that never occurs (clocks go forward) is refused. A time with an offset needs no zone and ignores it.
    """

    def __init__(self, zone: ZoneInfo | None, shift_years: int) -> None:
        self._zone = zone
        self._shift = shift_years
        self._before: datetime | None = None

    @classmethod
    def of(cls, zone: str, shift_years: int = 0) -> Clock:
        """A clock of an IANA zone name, or of none; BadInput if there is no such zone."""
        try:
            return cls(ZoneInfo(zone) if zone else None, shift_years)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadInput(
                f"{zone!r} is no time zone.", field="zone", value=zone, remedy="Use a name such as Asia/Shanghai."
            ) from None

    def read(self, text: str) -> int | Code:
        """Unix seconds of a time stamp; TIME_FORMAT or LOCAL_TIME if it has none."""
        try:
            stamp = datetime.fromisoformat(text.replace("/", "-"))
            moment = self._local(stamp) if stamp.tzinfo is None else stamp
            if isinstance(moment, Code):
                return moment
            self._before = moment.astimezone(UTC)
            fixed = moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()))
            shifted = fixed.replace(year=fixed.year + self._shift) - _EPOCH
        except (ValueError, OverflowError):
            return Code.TIME_FORMAT
        seconds = shifted // timedelta(seconds=1)
        whole = not shifted % timedelta(seconds=1)
        return seconds if whole and _FIRST <= seconds < _LAST else Code.TIME_FORMAT

    def _local(self, stamp: datetime) -> datetime | Code:
        if self._zone is None:
            return Code.TIME_FORMAT
        first = stamp.replace(tzinfo=self._zone, fold=0)
        if first.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None, fold=0) != stamp.replace(fold=0):
            return Code.LOCAL_TIME
        second = first.replace(fold=1)
        if second.utcoffset() == first.utcoffset() or self._before is None:
            return first
        return first if first.astimezone(UTC) > self._before else second
