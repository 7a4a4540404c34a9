"""Calls with many items, of which the contract does those it can and tells of each that it refuses (`ItemRefused`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from gecchain.chain.actions import Receipt
from gecchain.chain.codec import decode_log, topic_of
from gecchain.chain.contracts import refusal
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import RpcError
from gecchain.chain.views import Contract
from gecchain.errors import Unavailable
from gecchain.events import Event, ItemRefused

__all__ = [
    "GAS_PER_CALL",
    "GAS_PER_ITEM",
    "GAS_PER_RANGE",
    "Located",
    "chunks",
    "events_in",
    "located",
    "logs_naming",
    "refusals_in",
    "within_gas",
]

# A node's estimate is no use here: the call succeeds also when its items run out of gas. These bounds are ours, twice
# what the dearest split of a segment took in the benches; gas that is left over is not used up.
GAS_PER_CALL: Final = 200_000
GAS_PER_ITEM: Final = 200_000
GAS_PER_RANGE: Final = 500_000
_GAS_OF_A_CALL: Final = 100_000_000
_NAMES_A_QUESTION: Final = 200
_T = TypeVar("_T")
_E = TypeVar("_E", bound=Event)


def chunks(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The items in order, so many at a time."""
    for first in range(0, len(items), size):
        yield items[first : first + size]


def within_gas(items: Sequence[_T], gas_of: Callable[[_T], int]) -> Iterator[tuple[list[_T], int]]:
    """The items in order, as many at a time as a transaction of a hundred million gas can do, and gas enough."""
    group: list[_T] = []
    gas = GAS_PER_CALL
    for item in items:
        if group and gas + gas_of(item) > _GAS_OF_A_CALL:
            yield group, gas
            group, gas = [], GAS_PER_CALL
        group.append(item)
        gas += gas_of(item)
    if group:
        yield group, gas


def events_in(receipt: Receipt, *kinds: type[_E]) -> list[_E]:
    """Events of these kinds that a transaction caused, in order."""
    found = [decode_log(log["topics"], log["data"]) for log in receipt.logs]
    return [event for event in found if isinstance(event, kinds)]


def refusals_in(receipt: Receipt) -> dict[int, tuple[str, str, str]]:
    """`(sentence, reason, remedy)` for each item that was refused, by its place in the call."""
    found = {}
    for event in events_in(receipt, ItemRefused):
        error = refusal("It", event.reason, "the contract gave no reason")
        found[event.index] = (error.message.removeprefix("It was refused: "), error.reason, error.remedy)
    return found


@dataclass(frozen=True, slots=True)
class Located(Generic[_E]):
    """An event, its transaction (0x hex) and its block's number."""

    event: _E
    transaction: str
    block: int


def logs_naming(reader: Reader, contract: Contract, kind: type[_E], names: Sequence[int]) -> list[_E]:
    """Events of a kind whose first indexed field is one of `names`, in the chain's order within each 200 of them."""
    return [found.event for found in located(reader, contract, kind, names)]


def located(reader: Reader, contract: Contract, kind: type[_E], names: Sequence[int]) -> list[Located[_E]]:
    """The same with their places."""
    found: list[Located[_E]] = []
    for some in chunks(sorted(set(names)), _NAMES_A_QUESTION):
        query = {"address": getattr(reader.deployment, contract), "topics": [topic_of(kind.__name__), _words(some)]}
        logs = _between(reader, query, reader.deployment.block, reader.head())
        for log in logs:
            event = decode_log(log["topics"], log["data"])
            if isinstance(event, kind):
                found.append(Located(event, log["transactionHash"], int(log["blockNumber"], 16)))
    return found


def _between(reader: Reader, query: Mapping[str, Any], first: int, last: int) -> list[Any]:
    """Logs of blocks `first .. last`, asked for in halves where the node gives only so many at a time."""
    try:
        logs: list[Any] = reader.rpc.request("eth_getLogs", {**query, "fromBlock": hex(first), "toBlock": hex(last)})
    except RpcError as error:
        if first >= last:
            raise Unavailable(f"The node does not give what happened before: {error.reply}") from error
        middle = (first + last) // 2
        return _between(reader, query, first, middle) + _between(reader, query, middle + 1, last)
    return logs


def _words(names: Sequence[int]) -> list[str]:
    return [f"0x{name:064x}" for name in names]
