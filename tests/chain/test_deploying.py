"""Deployment: five contracts, and every role has exactly the calls of the table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gecchain.chain.contracts import NAMES, artifact, calldata, selector
from gecchain.chain.deploying import RIGHTS, Role, deploy, grants, is_deployed, lacking
from gecchain.chain.deployment import Deployment, load_deployment, save_deployment
from gecchain.chain.rpc import Rpc
from gecchain.chain.writer import Writer
from gecchain.errors import BadInput, NotFound
from gecchain.signer import development_signer
from gecchain.store import open_engine
from gecchain.store.intake import SqlJournal, migrate


@pytest.fixture
def made(anvil_url: str, tmp_path: Path) -> Iterator[tuple[Rpc, Writer, Deployment]]:
    engine = open_engine(f"sqlite:///{tmp_path}/journal.db")
    migrate(engine)
    with Rpc(anvil_url) as rpc:
        writer = Writer(rpc, 31337, development_signer("governance"), SqlJournal(engine))
        yield rpc, writer, deploy(writer, rpc, "https://example.org/")
    engine.dispose()


def role_of(rpc: Rpc, deployment: Deployment, contract: str, function: str) -> int:
    target = getattr(deployment, contract.lower())
    data = calldata("AccessManager", "getTargetFunctionRole", [target, selector(contract, function)])
    return int(rpc.request("eth_call", {"to": deployment.access_manager, "data": data}, "latest"), 16)


def test_each_call_belongs_to_its_role_and_no_other(made: tuple[Rpc, Writer, Deployment]) -> None:
    rpc, _writer, deployment = made
    expected = {(name, function): int(role) for role, rights in RIGHTS.items() for name, functions in rights.items()
                for function in functions}  # fmt: skip
    for name in NAMES[1:]:
        for element in artifact(name).abi:
            if element["type"] == "function" and element["stateMutability"] not in ("view", "pure"):
                function = element["name"]
                assert role_of(rpc, deployment, name, function) == expected.pop((name, function), 0), (name, function)
    assert expected == {}


def test_roles_are_given_once(made: tuple[Rpc, Writer, Deployment]) -> None:
    rpc, writer, deployment = made
    members = {Role.AUTHORITY: [development_signer("a").address], Role.PROVIDER: [development_signer("b").address]}
    assert lacking(rpc, deployment, members) == members
    writer.send_all(grants(deployment, members))
    assert lacking(rpc, deployment, members) == {}
    members = {
        Role.MARKET: [deployment.market],
        Role.CERTIFICATES: [deployment.certificates],
        Role.DECLARATIONS: [deployment.declarations],
        Role.CASES: [deployment.cases],
        Role.ADMIN: [deployment.guardian],
    }
    assert lacking(rpc, deployment, members) == {}


def test_the_deployment_file_is_whole_or_not_there(made: tuple[Rpc, Writer, Deployment], tmp_path: Path) -> None:
    rpc, _writer, deployment = made
    path = tmp_path / "new" / "deployment.json"
    with pytest.raises(NotFound):
        load_deployment(path)
    save_deployment(path, deployment)
    assert load_deployment(path) == deployment
    path.write_text(json.dumps({"base_url": "http://gec.example", "deployment": json.loads(path.read_text())}))
    assert load_deployment(path) == deployment  # an answer of /v1/registry will do
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    for content in (b"", b"[]", b"{}", b"null", b'{"chain_id": 1}', b"\xff"):
        path.write_bytes(content)
        with pytest.raises(BadInput):
            load_deployment(path)
    assert is_deployed(rpc, deployment)
    rpc.request("anvil_setCode", deployment.certificates, "0x")
    assert not is_deployed(rpc, deployment)
