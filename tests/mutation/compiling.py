"""Mutated sources -> bytecode, by a compiler process that stays (loading it takes a second each time)."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path
from typing import Any, Final

__all__ = ["CONTRACTS", "ROOT", "Broken", "Compiler", "closure"]

ROOT: Final = Path(__file__).resolve().parents[2]
MANAGER: Final = "@openzeppelin/contracts/access/manager/AccessManager.sol"
CONTRACTS: Final[Mapping[str, str]] = {
    "Relay": "contracts/Relay.sol",
    "Registry": "contracts/Registry.sol",
    "Readings": "contracts/Readings.sol",
    "Certificates": "contracts/Certificates.sol",
    "Market": "contracts/Market.sol",
    "Declarations": "contracts/Declarations.sol",
    "Cases": "contracts/Cases.sol",
    "Guardian": "contracts/Guardian.sol",
    "Lookup": "contracts/Lookup.sol",
    "AccessManager": MANAGER,
}
_COMMAND: Final = [str(ROOT / "node_modules/.bin/node"), str(Path(__file__).with_name("compile.cjs"))]
_IMPORT: Final = re.compile(r'^import [^"]*"(\.[^"]+)"', re.MULTILINE)
_RENEW_AFTER: Final = 40
"""Compilations after which the process is renewed, because its memory only grows."""


class Broken(Exception):
    """The source does not compile; the first error of the compiler."""


@dataclass(slots=True)
class Compiler:
    """One process at a time; the next begins when it is asked."""

    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _asked: int = field(default=0, init=False)

    def parse(self, name: str, text: str) -> dict[str, Any]:
        """The syntax tree of one source; Broken."""
        return dict(self._ask({"parse": {"name": name, "text": text}})["ast"])

    def analyse(self, name: str, sources: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The syntax tree of one source with types, `sources` lying over the files; Broken."""
        return dict(self._ask({"analyse": {"name": name, "sources": dict(sources or {})}})["ast"])

    def compile(
        self, sources: Mapping[str, str], contracts: Sequence[str], *, quick: bool = False
    ) -> dict[str, dict[str, Any]]:
        """`abi` and `bytecode` (0x hex) of contracts by name, `sources` lying over the files; Broken.

        `quick` makes larger bytecode of the same meaning in half the time.
        """
        wanted = [[CONTRACTS[name], name] for name in contracts]
        asked = {"sources": dict(sources), "wanted": wanted, "quick": quick}
        return dict(self._ask({"compile": asked})["contracts"])

    def close(self) -> None:
        """Ends the process."""
        if self._process:
            self._process.communicate()
        self._process = None

    def _ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        if self._asked % _RENEW_AFTER == 0:
            self.close()
            self._process = subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._asked += 1
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        if "error" in answer:
            raise Broken(answer["error"])
        return answer


def closure(file: str) -> set[str]:
    """A source of ours and every one that it imports, by their paths from the root."""
    found, waiting = {file}, [file]
    while waiting:
        name = waiting.pop()
        for target in _IMPORT.findall((ROOT / name).read_text()):
            path = normpath(Path(name).parent / target)
            if path not in found:
                found.add(path)
                waiting.append(path)
    return found
