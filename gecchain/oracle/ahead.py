"""Reads and checks tables in a process of its own, ahead of the one that keeps them.

Reading takes as long as keeping: side by side, a month of a country is in after half the time. How far it is ahead is
bounded, so memory does not grow with a file. If either process dies, the other ends too, and what was kept by then is
whole files.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from multiprocessing.connection import wait
from queue import Empty
from types import TracebackType
from typing import TYPE_CHECKING, Final, TypeAlias

from gecchain.errors import GecError, Unavailable
from gecchain.oracle.checks import ProjectFacts
from gecchain.oracle.sorting import Sorted, sorted_table
from gecchain.oracle.source import FileFacts

if TYPE_CHECKING:
    from multiprocessing.queues import Queue, SimpleQueue

__all__ = ["OpenRegister", "ReadAhead"]

OpenRegister: TypeAlias = Callable[[], Mapping[str, ProjectFacts]]
"""Opens the register in the process that reads; it is handed over, so it must pickle."""

_Answer: TypeAlias = Sorted | GecError | None
_BATCHES: Final = 16
_POLL_SECONDS: Final = 1.0


class ReadAhead(AbstractContextManager["ReadAhead"]):
    """One process that reads the tables it is given, in their order.

    `open_register` gives it the projects; `provider` and `now` are those of `take_in`. Started with the first table.
    """

    def __init__(self, open_register: OpenRegister, provider: str, now: datetime) -> None:
        context = multiprocessing.get_context("spawn")
        self._asked: SimpleQueue[FileFacts] = context.SimpleQueue()
        self._read: Queue[_Answer] = context.Queue(_BATCHES)
        words = (self._asked, self._read, open_register, provider, now)
        self._process = context.Process(target=_read_all, args=words, name="gec-read-ahead", daemon=True)
        self._begun: deque[str] = deque()

    def begin(self, facts: FileFacts) -> None:
        """Read this table after those begun before it."""
        if self._process.pid is None:
            self._process.start()
        self._begun.append(facts.sha256)
        self._asked.put(facts)

    def table(self, facts: FileFacts) -> Iterator[Sorted]:
        """The batches of a table; of those begun it is the first.

        What went wrong in the other process is raised here; Unavailable if it is no longer there.
        """
        while self._begun and self._begun[0] == facts.sha256:
            if (batch := self._next()) is not None:
                yield batch
            else:
                self._begun.popleft()
                return

    def pass_over(self, facts: FileFacts) -> None:
        """Take what is left of a table, if it was begun, so that the next one can be asked for."""
        for _batch in self.table(facts):
            pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._end()

    def _next(self) -> Sorted | None:
        while True:
            try:
                answer = self._read.get(timeout=_POLL_SECONDS)
            except Empty:
                if not self._process.is_alive():
                    raise Unavailable(
                        f"the process that reads files ended with status {self._process.exitcode}",
                        remedy="Run it again: files taken in before stay, and the rest is read anew.",
                    ) from None
            else:
                if isinstance(answer, GecError):
                    raise answer
                return answer

    def _end(self) -> None:
        if self._process.pid is not None:
            self._process.kill()
            self._process.join()


def _read_all(
    asked: SimpleQueue[FileFacts], read: Queue[_Answer], open_register: OpenRegister, provider: str, now: datetime
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells both; the other one decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        projects = open_register()
        while True:
            for batch in sorted_table(asked.get(), provider, projects, now):
                read.put(batch)
            read.put(None)
    except GecError as error:
        read.put(error)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        wait([parent.sentinel])
        os._exit(1)
