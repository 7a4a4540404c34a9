"""Gets the peers' packages and makes contracts of them: npm's lock in bench/, our own compiler and its settings."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

__all__ = ["BENCH", "bytecode", "compiled", "install", "node", "published", "versions"]

BENCH: Final = Path(__file__).resolve().parent.parent
_ROOT: Final = BENCH.parent
_PACKAGES: Final = BENCH / "node_modules"
_SOURCES: Final = BENCH / "gas" / "contracts"


def versions(lock: Path = BENCH / "package-lock.json") -> dict[str, str]:
    """Version of each pinned package, by name."""
    packages: Mapping[str, Mapping[str, str]] = json.loads(lock.read_text())["packages"]
    return {place.removeprefix("node_modules/"): entry["version"] for place, entry in packages.items() if place}


def install(folder: Path = BENCH) -> None:
    """Put a folder's pinned packages into its node_modules, unless they are there. RuntimeError when npm does not."""
    installed = folder / "node_modules" / ".package-lock.json"
    if installed.exists() and _needed(folder / "package-lock.json") <= versions(installed).items():
        return
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([_program("npm"), "ci", *quiet], f"the packages of {folder.name} were not installed", folder=folder)


def _needed(lock: Path) -> AbstractSet[tuple[str, str]]:
    """Names and versions of what every machine installs."""
    packages: Mapping[str, Mapping[str, Any]] = json.loads(lock.read_text())["packages"]
    optional = {place.removeprefix("node_modules/") for place, entry in packages.items() if entry.get("optional")}
    return {(name, version) for name, version in versions(lock).items() if name not in optional}


def compiled(*others: Path) -> dict[str, str]:
    """Creation code (0x hex) of our small contracts around the peers' libraries, and of other files, by name."""
    files = [*sorted(_SOURCES.glob("*.sol")), *others]
    wanted = {
        "language": "Solidity",
        "sources": {file.name: {"content": file.read_text()} for file in files},
        "settings": {"outputSelection": {"*": {"*": ["evm.bytecode.object"]}}},
    }
    command = [node(), str(_ROOT / "scripts" / "solc.cjs"), "--base-path", str(_PACKAGES), "--standard-json"]
    said = _run(command, "the peers' contracts were not compiled", json.dumps(wanted))
    output = json.loads(said[said.index("{") :])
    return {file.stem: bytecode(output, file) for file in files}


def bytecode(output: Mapping[str, Any], file: Path) -> str:
    """Creation code of the contract that its file is named after. RuntimeError with the compiler's own words."""
    errors = [found["formattedMessage"] for found in output.get("errors", ()) if found["severity"] == "error"]
    if errors:
        raise RuntimeError("the peers' contracts do not compile:\n" + "\n".join(errors))
    return "0x" + str(output["contracts"][file.name][file.stem]["evm"]["bytecode"]["object"])


def published(name: str) -> str:
    """Creation code (0x hex) that Energy Web published for a contract."""
    file = _PACKAGES / "@energyweb" / "issuer" / "dist" / "js" / "build" / "contracts" / f"{name}.json"
    return str(json.loads(file.read_text())["bytecode"])


def node() -> str:
    """The program that runs JavaScript: the project's, or the machine's."""
    ours = _ROOT / "node_modules" / ".bin" / "node"
    return str(ours) if ours.exists() else _program("node")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed: run make setup")
    return found


def _run(command: Sequence[str], failure: str, given: str = "", folder: Path = BENCH) -> str:
    done = subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{failure}:\n{done.stderr.strip()}")
    return done.stdout
