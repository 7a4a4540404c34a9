"""Real processes of `gec`, killed -9 at moments that the caller chooses.

One process has the imports behind it (they take longer than the work) and forks a process of its own for each command.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from tests.world import World

__all__ = ["Kennel", "kennel"]

LONGEST_START_SECONDS = 60

_FORKING = """
import json, os, sys
from gecchain.cli import verbs
from gecchain.cli.app import app, main
verbs.register(app)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        sys.stdin.close()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.argv = ["gec", *json.loads(line)]
        main()
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Kennel:
    """Runs commands of one home folder, one at a time."""

    def __init__(self, world: World) -> None:
        environment = {**os.environ, **world.environment()}
        self._parent = subprocess.Popen(
            [sys.executable, "-c", _FORKING],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._child = 0

    def run(self, words: Sequence[str], is_at_work: Callable[[int], bool]) -> float:
        """Let a command run to its end; seconds since the first sign of its work."""
        self._begin(words, is_at_work)
        since = time.monotonic()
        assert self._status() == 0
        return time.monotonic() - since

    def kill(self, words: Sequence[str], is_at_work: Callable[[int], bool], seconds: float) -> bool:
        """Kill -9 a command so many seconds after the first sign of its work; False if it had ended before."""
        self._begin(words, is_at_work)
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        return self._status() == -signal.SIGKILL

    def _begin(self, words: Sequence[str], is_at_work: Callable[[int], bool]) -> None:
        _pipe(self._parent.stdin).write(json.dumps(list(words)).encode() + b"\n")
        self._child = int(self._line())
        deadline = time.monotonic() + LONGEST_START_SECONDS
        while not is_at_work(self._child):
            assert time.monotonic() < deadline, f"no sign of work of {words}"
            if select.select([_pipe(self._parent.stdout)], [], [], 0.005)[0]:
                return

    def _status(self) -> int:
        self._child = 0
        return int(self._line())

    def _line(self) -> bytes:
        return _pipe(self._parent.stdout).readline()

    def close(self) -> None:
        """End what still runs."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
        self._parent.kill()
        self._parent.wait()
        _pipe(self._parent.stdin).close()
        _pipe(self._parent.stdout).close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


@contextmanager
def kennel(world: World) -> Iterator[Kennel]:
    found = Kennel(world)
    try:
        yield found
    finally:
        found.close()
