"""How often a caller may ask: by API key or session where there is one, by address where there is none.

A moving window (`limits`), told in the headers RateLimit-Limit, -Remaining and -Reset and, when it is over, in
Retry-After. Without a shared storage each process counts for itself.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from hashlib import sha256
from typing import Final

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool

from api.settings import Rates
from gecchain.errors import TooMany

__all__ = ["Limiter", "limited"]

_KEPT: Final = 10_000
_READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Limiter:
    """Counts the requests of one process, or of all that share a storage."""

    def __init__(self, rates: Rates) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(rates.storage))
        self._public, self._known, self._writes = (
            parse(rate) if rate else None for rate in (rates.public, rates.known, rates.writes)
        )
        self._is_local = rates.storage.startswith("memory")
        self._good = OrderedDict[str, None]()

    @property
    def is_local(self) -> bool:
        """Whether counting takes no time worth a thread."""
        return self._is_local

    def trust(self, request: Request) -> None:
        """What this request came with is a good key or session: from now on it is counted by that.

        An address cannot escape its limit by making keys up.
        """
        self._good[_token(request)] = None
        while len(self._good) > _KEPT:
            self._good.popitem(last=False)

    def count(self, request: Request) -> dict[str, str]:
        """Count a request and return the headers that tell how many are left; TooMany when none is."""
        who, rate = self._caller(request)
        headers = self._spend(rate, "all", who)
        if request.method not in _READS:
            headers |= self._spend(self._writes, "writes", who)
        return headers

    def _caller(self, request: Request) -> tuple[str, RateLimitItem | None]:
        """Whom a request is counted for, and how often that one may ask."""
        token = _token(request) if "authorization" in request.headers else ""
        return (token, self._known) if token in self._good else (_address(request), self._public)

    def _spend(self, rate: RateLimitItem | None, kind: str, who: str) -> dict[str, str]:
        if rate is None:
            return {}
        granted = self._limiter.hit(rate, kind, who)
        window = self._limiter.get_window_stats(rate, kind, who)
        after = max(1, math.ceil(window.reset_time - time.time()))
        if not granted:
            raise TooMany(
                f"More than {rate} requests came from here.", after=after, remedy=f"Ask again in {after} seconds."
            )
        return {
            "RateLimit-Limit": str(rate.amount),
            "RateLimit-Remaining": str(window.remaining),
            "RateLimit-Reset": str(after),
        }


async def limited(request: Request) -> None:
    """Counts a request to /v1; the headers go with its answer."""
    limiter: Limiter = request.app.state.limiter
    count = limiter.count
    request.state.rate = count(request) if limiter.is_local else await run_in_threadpool(count, request)


def _token(request: Request) -> str:
    return sha256(request.headers.get("authorization", "").encode()).hexdigest()


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"
