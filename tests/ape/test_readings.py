"""A provider's commitment through ape: who may make one, what it answers, what it says in its event."""

import json
from pathlib import Path
from typing import Any

import ape
import pytest
from ape.contracts import ContractContainer
from ethpm_types import ContractType

ARTIFACTS = Path(__file__).resolve().parents[2] / "gecchain" / "chain" / "artifacts"

PROVIDER = 4
"""The role's number in docs/architecture.md, section 2."""

MONTH = (2026 - 1900) * 12
"""2026-01, as the contracts count months."""

AFTER_MONTH = 1_769_900_000
"""A moment after the end of January 2026 in UTC+8."""

ROOT, EVIDENCE = b"\x11" * 32, b"\x22" * 32


def packaged(name: str) -> ContractContainer:
    """The contract as the Python package carries it."""
    artifact = json.loads((ARTIFACTS / f"{name}.json").read_text())
    code = {"bytecode": artifact["bytecode"]}
    return ContractContainer(ContractType(contractName=name, abi=artifact["abi"], deploymentBytecode=code))


@pytest.fixture
def provider(accounts: Any) -> Any:
    """Who holds the role."""
    return accounts[1]


@pytest.fixture
def readings(project: Any, chain: Any, accounts: Any, provider: Any) -> Any:
    """`Readings` under an access manager that lets `provider` commit."""
    governor = accounts[0]
    chain.pending_timestamp = max(AFTER_MONTH, chain.pending_timestamp)
    manager = governor.deploy(packaged("AccessManager"), governor)
    deployed = governor.deploy(project.Readings, manager, governor.deploy(project.Relay))
    selector = deployed.commit.abis[0].selector
    identifier = deployed.contract_type.method_identifiers[selector]
    manager.setTargetFunctionRole(deployed, [identifier], PROVIDER, sender=governor)
    manager.grantRole(PROVIDER, provider, 0, sender=governor)
    return deployed


def test_a_stranger_commits_nothing(readings: Any, accounts: Any) -> None:
    with ape.reverts():
        readings.commit(MONTH, ROOT, 3, 5_000_000, EVIDENCE, 0, sender=accounts[2])
    assert readings.commitments() == 0


def test_nothing_is_committed_without_readings(readings: Any, provider: Any) -> None:
    with ape.reverts(readings.LeavesZero):
        readings.commit(MONTH, ROOT, 0, 5_000_000, EVIDENCE, 0, sender=provider)


def test_a_commitment_is_numbered_kept_and_told(readings: Any, provider: Any) -> None:
    receipt = readings.commit(MONTH, ROOT, 3, 5_000_000, EVIDENCE, 0, sender=provider)
    (event,) = readings.ReadingsCommitted.from_receipt(receipt)
    told = event.event_arguments
    assert (told["commitment"], told["month"], told["provider"], told["declared"]) == (
        1,
        MONTH,
        provider.address,
        False,
    )
    assert (told["root"], told["leaves"], told["totalWh"], told["replaces"]) == (ROOT, 3, 5_000_000, 0)
    kept = readings.commitment(1)
    assert (kept.root, kept.leaves, kept.totalWh, kept.replacedBy) == (ROOT, 3, 5_000_000, 0)
