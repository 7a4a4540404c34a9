"""A small registry on a real node: contracts deployed, one key in every role, and the calls that tests need."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from eth_utils.address import to_checksum_address

from gecchain.chain.deploying import Role, deploy, grants
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Rpc
from gecchain.chain.writer import Action, Receipt
from gecchain.proofs import Tree

__all__ = ["BUYER", "PLANT_OWNER", "PLATFORM", "PROVINCE", "SOLAR", "WORD", "LiveRegistry", "leaf"]

PROVINCE, PLANT_OWNER, BUYER, PLATFORM = ("0x" + f"{number:02x}" * 20 for number in (0xA0, 0xA1, 0xA2, 0xA3))
WORD = bytes(range(32))
SOLAR = 1 << 44 | 4 << 39 | 1400 << 27 | 15 << 20 | 1


class NodeKey:
    """Sends through the node's own unlocked account; the writer's part that deployment needs."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self.sender = str(rpc.request("eth_accounts")[0])

    def send(self, action: Action) -> Receipt:
        request = {"from": self.sender, "data": action.data, "gas": hex(action.gas or 2_000_000_000)}
        if action.to:
            request["to"] = action.to
        transaction = self.rpc.request("eth_sendTransaction", request)
        while (answer := self.rpc.request("eth_getTransactionReceipt", transaction)) is None:
            time.sleep(0.002)
        assert answer["status"] == "0x1", action.what
        created = answer.get("contractAddress") or ""
        return Receipt("", transaction, int(answer["blockNumber"], 16), 0, created.lower(), answer["logs"])

    def send_all(self, actions: Iterable[Action]) -> list[Receipt]:
        return [self.send(action) for action in actions]


class LiveRegistry:
    """Everything happens at once and by one key; each call is one block."""

    def __init__(self, url: str) -> None:
        self.rpc = Rpc(url)
        self.key = NodeKey(self.rpc)
        self.deployment = deploy(self.key, self.rpc, "https://example.org/")  # type: ignore[arg-type]
        self.key.send_all(grants(self.deployment, {role: [self.key.sender] for role in list(Role)[:8]}))
        self.reader = Reader(self.rpc, self.deployment)
        self._leaves: dict[int, Tree] = {}
        openings = [self._opening(PROVINCE, 3, 15), self._opening(PLATFORM, 5, 0)]
        self.call("Registry", "openInstitutions", openings)
        self.call("Registry", "openBuyers", [self._opening(BUYER, 2, 0)])

    def close(self) -> None:
        self.rpc.close()

    def _opening(self, account: str, kind: int, province: int) -> tuple[Any, ...]:
        return (to_checksum_address(account), kind, province, to_checksum_address(self.key.sender), f"name of {kind}")

    def call(self, contract: str, function: str, *args: Any) -> Receipt:
        to = getattr(self.deployment, contract.lower())
        return self.key.send(Action.call(function, contract, to, function, args))

    def file(self, projects: Sequence[int]) -> None:
        owner, operator = to_checksum_address(PLANT_OWNER), to_checksum_address(self.key.sender)
        filings = [
            (project, owner, operator, "某发电公司", 1410, 50_000, False, f'{{"name":"电站 {project & 0xFFFFF}"}}')
            for project in projects
        ]
        self.call("Registry", "submit", filings)
        self.call("Registry", "review", filings, True, "")

    def commit(self, month: int, words: Sequence[int]) -> int:
        tree = Tree.of(words)
        total = sum(word >> 136 & 0xFFFFFFFFFFFFFFFF for word in words)
        self.call("Readings", "commit", month, tree.root, tree.count, total, WORD, 0)
        number = int(self.rpc.request("eth_call", self._commitments(), "latest"), 16)
        self._leaves[number] = tree
        return number

    def _commitments(self) -> dict[str, str]:
        action = Action.call("", "Readings", self.deployment.readings, "commitments", ())
        return {"to": action.to, "data": action.data}

    def issue(self, commitment: int) -> None:
        tree = self._leaves[commitment]
        for index in range(tree.chunks):
            chunk = tree.chunk(index)
            self.call("Certificates", "issue", commitment, index, list(chunk.leaves), list(chunk.proof))


def leaf(project: int, wh: int, digest: int = 1) -> int:
    return project << 208 | wh << 136 | digest
