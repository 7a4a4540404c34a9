"""What strikes: kill -9 of any process, a node or a database that begins again, a line that spoils what it carries."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from bench.faults.line import BadLine
from bench.faults.living import Command, Living
from bench.load.engines import crash
from gecchain.chain.node import start_node, stop_node

__all__ = ["KINDS", "Node", "Striker"]

_PROCESSES: Final = ("index", "relay", "webhooks", "api")
KINDS: Final = ("command", *_PROCESSES, "node", "database", "line")
_LATEST_SECONDS: Final = 6.0
_BAD_SHARE: Final = 0.25


@dataclass
class Node:
    """An embedded chain that may end and begin again at the same address with what it had."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.process = start_node(self.url, self.folder)

    def restart(self) -> None:
        """End it, having it write its state, and start it again after a moment."""
        stop_node(self.process)
        time.sleep(0.5)
        self.process = start_node(self.url, self.folder)


class Striker:
    """Strikes once, at a moment by chance, while something is done."""

    def __init__(self, registry: Living, node: Node, line: BadLine, database: Path | None, random: Random) -> None:
        self._registry, self._node, self._line, self._database = registry, node, line, database
        self._random = random
        self.hit = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """What can be struck here: without PostgreSQL there is no database that could end."""
        return KINDS if self._database else tuple(kind for kind in KINDS if kind != "database")

    def strike(self, kind: str, command: Callable[[], Command | None]) -> None:
        """Wait, then strike. `hit` says afterwards whether there was something to strike."""
        self.hit = True
        if kind == "line":
            self._line.share = _BAD_SHARE
            return
        time.sleep(self._random.uniform(0.0, _LATEST_SECONDS))
        if kind == "command":
            under_way = command()
            self.hit = under_way is not None and under_way.kill()
        elif kind == "node":
            self._node.restart()
        elif kind == "database":
            assert self._database is not None
            crash(self._database)
        else:
            self._registry.kill(kind)

    def mend(self) -> None:
        """The line carries everything again."""
        self._line.share = 0.0
