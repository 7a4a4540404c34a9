"""A contract that is none of ours, deployed from its creation code and called by signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from bench.gas.chain import Chain
from gecchain.chain.actions import Action, Receipt

__all__ = ["Foreign"]


class Foreign:
    """Deployed when it is made; `types` and `args` are its constructor's."""

    def __init__(self, chain: Chain, code: str, types: Sequence[str] = (), args: Sequence[Any] = ()) -> None:
        self.chain = chain
        self.address = chain.send(Action("creating a peer", "", code + encode(types, args).hex())).created

    def action(self, signature: str, *args: Any) -> Action:
        """The call of a function, to be sent."""
        return Action(signature, self.address, _data(signature, args))

    def call(self, signature: str, *args: Any) -> Receipt:
        """The same, sent."""
        return self.chain.send(self.action(signature, *args))

    def asked(self, signature: str, *args: Any) -> int:
        """The number that a view answers."""
        call = {"to": self.address, "data": _data(signature, args)}
        return int(str(self.chain.rpc.request("eth_call", call, "latest")), 16)


def _data(signature: str, args: Sequence[Any]) -> str:
    types = [word for word in signature[signature.index("(") + 1 : -1].split(",") if word]
    return "0x" + (keccak(text=signature)[:4] + encode(types, args)).hex()
