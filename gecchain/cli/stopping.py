"""How a process that stays is ended: SIGTERM or Ctrl-C, within seconds, with exit status 0 and nothing half done.

The first signal asks: what is being done is finished, nothing new begins. What has not ended a few seconds later (a
node that does not answer, a block that does not come) is left where it is: every step is safe to leave at any instant
and is gone on with at the next start.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from gecchain.cli.context import Context
from gecchain.trail import Trail

__all__ = ["GRACE_SECONDS", "ending_well", "staying", "stoppable"]

trail = Trail(__name__)
GRACE_SECONDS: Final = 5.0
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _Left(BaseException):
    """Whatever was being done is left; no handler of errors may hold it up."""


@contextmanager
def stoppable(name: str, *, grace: float = GRACE_SECONDS) -> Iterator[threading.Event]:
    """An event that is set when the process is asked to end; what still runs `grace` seconds later is left.

    For the main thread. `name` is told when it begins and ends.
    """
    stop = threading.Event()

    def ask(*_signal: object) -> None:
        if not stop.is_set():
            stop.set()
            signal.setitimer(signal.ITIMER_REAL, grace)

    def leave(*_signal: object) -> None:
        raise _Left

    before = {number: signal.signal(number, ask) for number in _SIGNALS}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, leave)
    trail.info("started", process=name)
    try:
        yield stop
    except _Left:
        trail.warning("left_undone", process=name, seconds=grace)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        trail.info("stopped", process=name)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def staying(context: Context, name: str) -> Iterator[threading.Event]:
    """As `stoppable`; meanwhile the process counts what it tells and offers its figures where GEC_METRICS says."""
    with stoppable(name) as stop, context.meter.listening(), context.meter.offered(context.settings.metrics):
        yield stop


@contextmanager
def ending_well(name: str) -> Iterator[None]:
    """For what handles signals itself once it runs (a web server): before and after it, they end the process with 0.

    Only the first one counts, so that nothing interrupts the end.
    """
    asked = threading.Event()

    def end(*_signal: object) -> None:
        if not asked.is_set():
            asked.set()
            sys.exit(0)

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    trail.info("started", process=name)
    try:
        yield
    finally:
        trail.info("stopped", process=name)
        for number, handler in before.items():
            signal.signal(number, handler)
