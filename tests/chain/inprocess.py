"""The contracts in an EVM in this process: thousands of calls a second, for differential tests."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import pyrevm
from eth_hash.auto import keccak

from gecchain.chain.codec import decode_log
from gecchain.chain.contracts import NAMES, artifact
from gecchain.chain.deploying import Role, deploy, grants
from gecchain.chain.views import View, answer_of, canonical_type, data_of
from gecchain.chain.writer import Action, Receipt
from gecchain.events import Event

__all__ = ["InProcess"]

DEPLOYER = "0x" + "d0" * 20
GAS = 1_000_000_000
CHAIN_ID = 1


class InProcess:
    """Deployed contracts; `call` gives the error's name or the events. Writer, node and reader at once."""

    def __init__(self, members: dict[Role, list[str]]) -> None:
        self.evm = pyrevm.EVM(gas_limit=GAS, spec_id="PARIS")
        self.sender = DEPLOYER
        self.now = 0
        self.deployment = deploy(self, self, "https://example.org/")  # type: ignore[arg-type]
        self.send_all(grants(self.deployment, members))
        self._places = {
            name.lower(): getattr(self.deployment, name.lower()) for name in NAMES if name != "AccessManager"
        }

    def request(self, method: str) -> str:
        """What deployment asks a node."""
        return {"eth_blockNumber": "0x0", "eth_chainId": hex(CHAIN_ID)}[method]

    def send(self, action: Action) -> Receipt:
        """Runs an action of deployment."""
        created = ""
        if action.to:
            self.evm.message_call(self.sender, action.to, bytes.fromhex(action.data[2:]), gas=GAS)
        else:
            created = self.evm.deploy(self.sender, bytes.fromhex(action.data[2:]), gas=GAS).lower()
        return Receipt("", "", 0, 0, created, [])

    def send_all(self, actions: Iterable[Action]) -> list[Receipt]:
        return [self.send(action) for action in actions]

    def at(self, now: int) -> None:
        """Sets the block's time."""
        self.now = now
        self.evm.set_block_env(pyrevm.BlockEnv(number=1, timestamp=now))

    def call(self, caller: str, contract: Any, function: str, args: tuple[Any, ...]) -> str | list[Event]:
        """One transaction."""
        data = bytes.fromhex(data_of(View(contract, function, args))[2:])
        try:
            self.evm.message_call(caller, self._places[contract], data, gas=GAS)
        except RuntimeError as error:
            return error_name(str(error))
        result = self.evm.result
        assert result is not None
        found = []
        for log in result.logs:
            data_hex = "0x" + bytes(log.data[1] if isinstance(log.data, tuple) else log.data).hex()
            event = decode_log([str(topic) for topic in log.topics], data_hex)
            if event is not None:
                found.append(event)
        return found

    def views(self, views: Sequence[View], *, block: int | str = "latest") -> list[tuple[Any, ...]]:
        """Answers of the contracts, as the reader gives them; there is only one block."""
        del block
        return [answer_of(view, "0x" + self._view(view).hex()) for view in views]

    def _view(self, view: View) -> bytes:
        data = bytes.fromhex(data_of(view)[2:])
        return bytes(self.evm.message_call(DEPLOYER, self._places[view.contract], data, gas=GAS, is_static=True))


def error_name(text: str) -> str:
    found = re.search(r"0x([0-9a-f]{8})", text)
    if found is None:
        raise AssertionError(f"no custom error: {text}")
    return error_names()[found[1]]


@cache
def error_names() -> dict[str, str]:
    errors = [item for name in NAMES for item in artifact(name).abi if item["type"] == "error"]
    return {
        keccak(f"{item['name']}({','.join(map(canonical_type, item['inputs']))})".encode())[:4].hex(): item["name"]  # type: ignore[arg-type]
        for item in errors
    }
