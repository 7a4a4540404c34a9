"""The throw-away chain of the measurement: one key that may do everything, one block a transaction."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from gecchain.chain.actions import Action, Receipt
from gecchain.chain.contracts import refusal
from gecchain.chain.node import embedded_node, start_node
from gecchain.chain.rpc import Call, Rpc, RpcError
from gecchain.intents import Intent

__all__ = ["NOW", "Chain", "forgetful", "throw_away"]

NOW: Final = 2_210_198_400
"""The chain's clock at the start: 2040-01-15, ahead of the machine's, since anvil only sets clocks forward."""
_GAS: Final = 2_900_000_000
_BLOCK_GAS: Final = 3_000_000_000  # a million certificates in one transaction, as the peers need it
_SECONDS: Final = 300.0


class Chain:
    """Sends with the node's own key. As far as deployment is concerned it is a writer."""

    def __init__(self, rpc: Rpc) -> None:
        self.rpc = rpc
        self.sender = str(rpc.request("eth_accounts")[0])
        # Mined on demand: anvil's own miner clears its pool after the receipt is out, and would take a transaction that
        # follows a revert for the one it just mined.
        rpc.request("evm_setAutomine", False)
        rpc.request("evm_setBlockGasLimit", hex(_BLOCK_GAS))
        rpc.request("evm_setNextBlockTimestamp", NOW)
        rpc.request("evm_mine")

    def send(self, action: Action) -> Receipt:
        """The receipt of a mined transaction; Refused in the contract's words when it reverts."""
        request = {"from": self.sender, "data": action.data, "gas": hex(action.gas or _GAS)}
        if action.to:
            request["to"] = action.to
        transaction = str(self.rpc.request("eth_sendTransaction", request))
        self.rpc.request("evm_mine")
        answer = self.rpc.request("eth_getTransactionReceipt", transaction)
        if answer["status"] != "0x1":
            self._explain(action, request)
        intent = Intent(action.key, action.what, self.sender, 0, action.payload, "", transaction)
        return Receipt.of(intent, answer)

    def send_all(self, actions: Iterable[Action]) -> list[Receipt]:
        """One after the other."""
        return [self.send(action) for action in actions]

    def hand_over(self, actions: Sequence[Action], gas: int) -> None:
        """Give the node transactions of at most so much gas for its next block. RpcError when it refuses one."""
        first = int(self.rpc.request("eth_getTransactionCount", self.sender, "latest"), 16)
        limit = hex(gas)
        for answer in self.rpc.batch(
            [
                Call(
                    "eth_sendTransaction",
                    ({"from": self.sender, "to": one.to, "data": one.data, "gas": limit, "nonce": hex(nonce)},),
                )
                for nonce, one in enumerate(actions, first)
            ]
        ):
            if isinstance(answer, RpcError):
                raise answer

    def make_block(self) -> None:
        """A block of what was handed over."""
        self.rpc.request("evm_mine")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside did not happen afterwards, so that no measurement changes another."""
        mark = self.rpc.request("evm_snapshot")
        try:
            yield
        finally:
            self.rpc.request("evm_revert", mark)

    def _explain(self, action: Action, request: dict[str, str]) -> None:
        try:
            self.rpc.request("eth_call", request, "latest")
        except RpcError as error:
            raise refusal(action.what, error.data, error.reply) from error
        raise refusal(action.what, "", "it ran out of gas or failed only once")


@contextmanager
def throw_away() -> Iterator[Chain]:
    """A new anvil in a temporary folder, ended and forgotten with the context."""
    with (
        tempfile.TemporaryDirectory(prefix="gec-gas-") as name,
        embedded_node(_address(), Path(name)) as url,
        Rpc(url, timeout=_SECONDS) as rpc,
    ):
        yield Chain(rpc)


@contextmanager
def forgetful() -> Iterator[tuple[Chain, int]]:
    """A new anvil that keeps no old states and writes nothing while it runs, for clocks; with its process number."""
    with tempfile.TemporaryDirectory(prefix="gec-bench-") as name:
        url = _address()
        node = start_node(url, Path(name), remembers=False)
        try:
            with Rpc(url, timeout=_SECONDS) as rpc:
                yield Chain(rpc), node.pid
        finally:
            # Asked to end, it would write down a state that nobody wants.
            node.kill()
            node.wait()


def _address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
