"""What the contracts answer: view calls by name, decoded after the ABI, many in one request.

The write paths plan from these answers and never from SQL projections.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_utils.abi import get_abi_output_types

from gecchain.chain.contracts import artifact, calldata, refusal
from gecchain.chain.deployment import Deployment
from gecchain.chain.rpc import Call, Rpc, RpcError

__all__ = ["Views"]


class Views:
    """View calls to the contracts of one deployment. Addresses come back in lower case, structs as tuples."""

    def __init__(self, rpc: Rpc, deployment: Deployment) -> None:
        self.rpc = rpc
        self.deployment = deployment
        self._places: Mapping[str, str] = {
            "AccessManager": deployment.access_manager,
            "Registry": deployment.registry,
            "Readings": deployment.readings,
            "Certificates": deployment.certificates,
            "Market": deployment.market,
        }

    def ask(self, name: str, function: str, *args: Any) -> Any:
        """Answer of one view: the value itself when there is one output, else a tuple. Refused when it reverts."""
        return self.ask_many(name, function, [args])[0]

    def ask_many(self, name: str, function: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """Answers of the same view for many arguments, in order. Refused when one reverts."""
        place = self._places[name]
        requests = [
            Call("eth_call", [{"to": place, "data": calldata(name, function, args)}, "latest"]) for args in calls
        ]
        types = _outputs(name, function)
        answers: list[Any] = []
        for answer in self.rpc.batch(requests):
            if isinstance(answer, RpcError):
                raise refusal(f"{name}.{function}", answer.data, answer.reply) from answer
            values = decode(types, bytes.fromhex(answer[2:]))
            answers.append(values[0] if len(values) == 1 else values)
        return answers

    def now(self) -> int:
        """Unix time of the latest block: the chain's clock decides what is over and what has expired."""
        return int(self.rpc.request("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def _outputs(name: str, function: str) -> Sequence[str]:
    found = [element for element in artifact(name).abi if element.get("name") == function]
    return list(get_abi_output_types(found[0]))
