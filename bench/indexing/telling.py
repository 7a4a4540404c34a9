"""How an indexer that is a process of its own tells what its work took, without its start."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable

from bench.national.running import peak_mb_of

__all__ = ["tell"]


def tell(work: Callable[[], int]) -> None:
    """Do the work, which returns a number of events; print that, seconds on clock and processor, and peak memory."""
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    events = work()
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told = {"events": events, "seconds": round(seconds, 3), "processor": round(processor, 3)}
    print(json.dumps(told | {"peak_mb": peak_mb_of(os.getpid())}))
