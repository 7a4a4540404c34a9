"""A registry whose processes are started again whenever they end, as an operator's machine does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from gecchain.cli.context import Context
from gecchain.cli.screen import Screen
from gecchain.config import load_settings

__all__ = ["KILLED", "Command", "Living", "living", "until"]

KILLED: Final = -9
_LOOK_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 300.0


class Command:
    """A command of `gec` that is run until it succeeds, as an operator or a timer would; it may be killed meanwhile."""

    def __init__(self, registry: Living, words: Sequence[object]) -> None:
        self._registry = registry
        self._words = words
        self._process: subprocess.Popen[str] | None = None

    def kill(self) -> bool:
        """Kill -9 the run that is under way; False if there is none."""
        process = self._process
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return True

    def done(self) -> Any:
        """Its document. SystemExit if it ends with anything but success, a kill, or an error that may pass."""
        deadline = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < deadline:
            self._process = self._registry.popen(self._words, stdout=subprocess.PIPE)
            said, _none = self._process.communicate()
            status = self._process.returncode
            if status == 0:
                return json.loads(said)
            if status != KILLED:
                self._require_passing(status, said)
                time.sleep(0.2)
        sys.exit(f"gec {' '.join(map(str, self._words))} did not succeed within {_LONGEST_SECONDS:.0f} s")

    def _require_passing(self, status: int, said: str) -> None:
        error = json.loads(said)["error"] if said else {}
        if status != 1 or error.get("kind") != "Unavailable":
            sys.exit(f"gec {' '.join(map(str, self._words))} ended with {status}: {error}")
        self._registry.told[error["message"].split(":")[0][:80]] += 1


class Living:
    """The processes of one registry. `told` counts why commands and processes gave up before they were run again."""

    def __init__(self, home: Path, url: str, environment: Mapping[str, str]) -> None:
        self.home, self.url = home, url
        self.told: Counter[str] = Counter()
        self._environment = os.environ | dict(environment) | {"GEC_PASSWORD_FILE": str(home / "keys" / "password")}
        self._database = dict(environment)
        self._words: dict[str, Sequence[object]] = {}
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._guard = threading.Lock()
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)

    def popen(self, words: Sequence[object], **options: Any) -> subprocess.Popen[str]:
        """Start a command."""
        command = [sys.executable, "-m", "gecchain.cli", "--home", str(self.home), "--rpc", self.url, "--json"]
        said = (self.home / f"{words[0]}.log").open("a")
        try:
            return subprocess.Popen(
                [*command, *map(str, words)],
                env=self._environment,
                stderr=said,
                text=True,
                **({"stdout": said} | options),
            )
        finally:
            said.close()

    def stay(self, name: str, words: Sequence[object]) -> None:
        """Start a process that is started again whenever it ends."""
        with self._guard:
            self._words[name] = words
            self._processes[name] = self.popen(words)
        if not self._keeper.is_alive():
            self._keeper.start()

    def kill(self, name: str) -> None:
        """Kill -9 one of them."""
        with self._guard:
            self._processes[name].kill()

    def opened(self) -> Context:
        """What a command of this home works with."""
        for name, value in self._database.items():
            os.environ[name] = value
        return Context(load_settings(self.home, self.url), Screen(json=True))

    def close(self) -> None:
        """End all of them, as an operator would."""
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            if process.wait(60) not in (0, KILLED):
                self.told[f"{name} ended with {process.returncode}"] += 1

    def _keep(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            with self._guard:
                for name, process in self._processes.items():
                    if process.poll() is not None:
                        if process.returncode != KILLED:
                            self.told[f"{name} ended with {process.returncode}"] += 1
                        self._processes[name] = self.popen(self._words[name])


@contextmanager
def living(home: Path, url: str, environment: Mapping[str, str]) -> Iterator[Living]:
    """A registry whose processes end with the context."""
    found = Living(home, url, environment)
    try:
        yield found
    finally:
        found.close()


def until(what: str, seen: Callable[[], bool], seconds: float = _LONGEST_SECONDS) -> None:
    """Wait for something. SystemExit if it does not come."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            sys.exit(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.1)
