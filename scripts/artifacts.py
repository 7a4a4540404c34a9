"""Write the ABI and bytecode that the Python package carries, or check that they are those of the sources.

A user of the package deploys and reads the contracts without Node or a compiler; this file is where the two meet.
`python scripts/artifacts.py` writes what py-solc-x compiles; `--check` compares with what Hardhat builds, which the
tests need anyway, and fails on a difference (tests/ape holds the two together). Compiler settings are those of
`contracts/compiler.json`.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "gecchain" / "chain" / "artifacts"
MANAGER = "@openzeppelin/contracts/access/manager/AccessManager.sol"
SOURCES = {
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
SIZE_LIMIT = 24_576
"""Bytes of deployed code that EIP-170 allows."""


def standard_input() -> dict[str, Any]:
    """The compiler's standard JSON input: every source by its path from the root, the settings of compiler.json."""
    compiler = json.loads((ROOT / "contracts" / "compiler.json").read_text())
    files = {name: ROOT / name for name in SOURCES.values() if name != MANAGER}
    files[MANAGER] = ROOT / "node_modules" / MANAGER
    return {
        "language": "Solidity",
        "sources": {name: {"content": file.read_text()} for name, file in files.items()},
        "settings": compiler["settings"]
        | {"outputSelection": {"*": {"*": ["abi", "evm.bytecode", "evm.deployedBytecode"]}}},
    }


def compiled() -> Mapping[str, Any]:
    """Contracts by source file and name, from npm's compiler through py-solc-x."""
    os.environ.setdefault("SOLCX_BINARY_PATH", str(ROOT / ".solcx"))
    import solcx

    version = json.loads((ROOT / "contracts" / "compiler.json").read_text())["version"]
    output = solcx.compile_standard(standard_input(), solc_version=version, base_path=ROOT)
    contracts: Mapping[str, Any] = output["contracts"]
    return contracts


def built() -> Mapping[str, Any]:
    """The same from Hardhat's build, which is made if it is not there."""
    hardhat = ROOT / "node_modules" / ".bin" / "hardhat"
    subprocess.run([hardhat, "build", "--no-tests"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    manuals = {f"contracts/interfaces/I{name}.sol": f"I{name}" for name in SOURCES}
    names = {source: name for name, source in SOURCES.items()} | manuals
    found = {}
    for source, name in names.items():
        file = ROOT / "build" / "hardhat" / source / f"{name}.json"
        if file.exists():
            found[source] = {name: _as_compiled(json.loads(file.read_text()))}
    return found


def _as_compiled(made: Mapping[str, Any]) -> dict[str, Any]:
    code = {"object": made["bytecode"].removeprefix("0x"), "linkReferences": made["linkReferences"]}
    return {
        "abi": made["abi"],
        "evm": {"bytecode": code, "deployedBytecode": {"object": made["deployedBytecode"].removeprefix("0x")}},
    }


def as_in_manual(abi: list[dict[str, Any]], manual: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ABI with its functions' arguments named as in the interface: an implementation may shorten them."""
    known = {_signature(entry): entry["inputs"] for entry in manual if entry["type"] == "function"}
    return [
        {**entry, "inputs": known.get(_signature(entry), entry["inputs"])} if entry["type"] == "function" else entry
        for entry in abi
    ]


def _signature(entry: Mapping[str, Any]) -> str:
    def kind(part: Mapping[str, Any]) -> str:
        inner = ",".join(map(kind, part.get("components", ())))
        return part["type"].replace("tuple", f"({inner})")

    return f"{entry['name']}({','.join(map(kind, entry['inputs']))})"


def artifact(name: str, contract: Mapping[str, Any], manual: list[dict[str, Any]]) -> str:
    """One artefact as compact JSON with sorted keys; SystemExit if it cannot be deployed as it is."""
    deployed = contract["evm"]["deployedBytecode"]
    if contract["evm"]["bytecode"]["linkReferences"] or len(deployed["object"]) > 2 * SIZE_LIMIT:
        sys.exit(f"{name} is not linked or above {SIZE_LIMIT} bytes: {len(deployed['object']) // 2}")
    values = {
        "abi": sorted(as_in_manual(contract["abi"], manual), key=lambda entry: json.dumps(entry, sort_keys=True)),
        "bytecode": "0x" + contract["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + deployed["object"],
    }
    return json.dumps(values, sort_keys=True, separators=(",", ":")) + "\n"


def artifacts(contracts: Mapping[str, Any]) -> dict[Path, str]:
    """Every artefact's file and text."""
    manuals = {
        name: contracts.get(f"contracts/interfaces/I{name}.sol", {}).get(f"I{name}", {"abi": []})["abi"]
        for name in SOURCES
    }
    return {
        TARGET / f"{name}.json": artifact(name, contracts[source][name], manuals[name])
        for name, source in SOURCES.items()
    }


def stale(files: Mapping[Path, str]) -> list[str]:
    """Names of the artefacts that are missing, differ, or belong to no contract."""
    wrong = [file.name for file, text in files.items() if not file.exists() or file.read_text() != text]
    return sorted(wrong + [file.name for file in TARGET.glob("*.json") if file not in files])


def main() -> int:
    """Exit status 0 when the artefacts are written or fresh."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare only")
    check = parser.parse_args().check
    files = artifacts(built() if check else compiled())
    if check:
        for name in (names := stale(files)):
            print(f"{name} is not what contracts/ compiles to: run `make artifacts`", file=sys.stderr)
        return 1 if names else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        file.write_text(text)
        print(f"{file.relative_to(ROOT)}: {len(json.loads(text)['deployedBytecode']) // 2 - 1} bytes of code")
    return 0


if __name__ == "__main__":
    sys.exit(main())
