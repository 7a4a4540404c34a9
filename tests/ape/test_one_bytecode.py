"""Ape, Hardhat and the package have one bytecode of each contract."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACTS = ["Relay", "Registry", "Readings", "Declarations", "Certificates", "Market", "Cases", "Guardian", "Lookup"]


def packaged(name: str) -> Any:
    """The artefact in the Python package."""
    return json.loads((REPOSITORY / "gecchain" / "chain" / "artifacts" / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def hardhat() -> Path:
    """Folder of what Hardhat makes of the sources as they are now."""
    command = [REPOSITORY / "node_modules" / ".bin" / "hardhat", "build", "--no-tests"]
    subprocess.run(command, check=True, capture_output=True, cwd=REPOSITORY)
    return REPOSITORY / "build" / "hardhat" / "contracts"


@pytest.mark.parametrize("name", CONTRACTS)
def test_ape_makes_the_packaged_bytecode(project: Any, name: str) -> None:
    contract = project.contracts[name]
    assert str(contract.deployment_bytecode.bytecode) == packaged(name)["bytecode"]
    assert str(contract.runtime_bytecode.bytecode) == packaged(name)["deployedBytecode"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_hardhat_makes_the_packaged_bytecode(hardhat: Path, name: str) -> None:
    made = json.loads((hardhat / f"{name}.sol" / f"{name}.json").read_text())
    assert made["bytecode"] == packaged(name)["bytecode"]
    assert made["deployedBytecode"] == packaged(name)["deployedBytecode"]
