"""The client of all: a block's transactions are handed over, the block is made, and the next follow."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.gas.chain import Chain
from bench.national.running import processor_of
from bench.peers.subjects import TRANSACTION_GAS, Subject, Transaction
from gecchain.errors import Refused

__all__ = ["BLOCK_GAS", "Measured", "measure"]

BLOCK_GAS: Final = 30 * TRANSACTION_GAS
"""What the transactions of a block come to: about what the node does in a second."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A line: units issued in `sending` + `making` seconds, `gas` of all transactions, the node's processor seconds.

    `sending` is handing transactions to the node, `making` the blocks. `bare` is the gas a second of the loop over new
    slots just before, 0 for the loops themselves.
    """

    name: str
    package: str
    unit: str
    units: int
    transactions: int
    blocks: int
    gas: int
    sending: float
    making: float
    processor: float
    bare: float

    @property
    def seconds(self) -> float:
        """On the clock."""
        return self.sending + self.making

    @property
    def rate(self) -> float:
        """Units a second."""
        return self.units / self.seconds

    @property
    def speed(self) -> float:
        """Gas a second."""
        return self.gas / self.seconds


def measure(
    chain: Chain, node: int, subject: Subject, seconds: float, bare: float = 0.0, block_gas: int = BLOCK_GAS
) -> Measured:
    """Send until the clock has run so long, at least one block; the chain is as before afterwards.

    Refused when the contract does not hold what was asked for.
    """
    with chain.undone():
        run = _Run(chain, node)
        left = subject.transactions()
        used: dict[str, int] = {}
        while not run.blocks or run.sending + run.making < seconds:
            block = list(_block(left, used, block_gas))
            if not block:
                break
            gas = run.make(block)
            used.update(_each(block, gas))
        if subject.unit != "gas" and subject.issued() != run.units:
            raise Refused(f"{subject.name}: {subject.issued()} of {run.units} {subject.unit}s were issued")
    units = run.gas if subject.unit == "gas" else run.units
    return Measured(
        subject.name,
        subject.package,
        subject.unit,
        units,
        run.transactions,
        run.blocks,
        run.gas,
        round(run.sending, 3),
        round(run.making, 3),
        round(run.processor, 2),
        round(bare),
    )


def _block(left: Iterator[Transaction], used: dict[str, int], most: int) -> Iterator[Transaction]:
    """The next transactions, until they come to the gas of a block by what such calls used before."""
    total = 0
    while total < most and (found := next(left, None)) is not None:
        total += used.get(found.action.what, TRANSACTION_GAS)
        yield found


def _each(block: list[Transaction], gas: int) -> dict[str, int]:
    """About what a transaction of each kind in this block used."""
    return dict.fromkeys({one.action.what for one in block}, gas // len(block))


class _Run:
    """What was done so far."""

    def __init__(self, chain: Chain, node: int) -> None:
        self._chain, self._node = chain, node
        self.units = self.transactions = self.blocks = self.gas = 0
        self.sending = self.making = self.processor = 0.0

    def make(self, block: Sequence[Transaction]) -> int:
        """One block on the clock; the gas it used."""
        actions = [one.action for one in block]
        processor, began = processor_of(self._node), time.perf_counter()
        self._chain.hand_over(actions, TRANSACTION_GAS)
        handed_over = time.perf_counter()
        self._chain.make_block()
        made = time.perf_counter()
        self.processor += processor_of(self._node) - processor
        self.sending, self.making = self.sending + handed_over - began, self.making + made - handed_over
        return self._count(block)

    def _count(self, block: Sequence[Transaction]) -> int:
        told = self._chain.rpc.request("eth_getBlockByNumber", "latest", False)
        if len(told["transactions"]) != len(block):
            raise Refused(f"the node took {len(told['transactions'])} of {len(block)} transactions into its block")
        gas = int(told["gasUsed"], 16)
        self.units += sum(one.units for one in block)
        self.transactions, self.blocks, self.gas = self.transactions + len(block), self.blocks + 1, self.gas + gas
        return gas
