"""A history for indexers: plants are filed, months issued, lots of every batch listed, sold in part, retired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from eth_utils.address import to_checksum_address

from bench.gas.chain import Chain
from bench.gas.registry import BUYER, CLAIM, MONTH, PLATFORM, PLATFORMS, Registry
from gecchain.chain.actions import Action
from gecchain.chain.codec import decode_log
from gecchain.chain.deployment import Deployment
from gecchain.errors import Refused
from gecchain.rules import BatchKey, Electricity, Month
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.indexing import KEPT_BLOCKS

__all__ = ["History", "contracts_of", "lived"]

_MONTHS: Final = 12
_COUNT: Final = 236
_LOTS: Final = ((20, 90), (120, 200))
"""Serials of a batch that are listed; of each lot the front is sold, and of that the end is retired."""
_SOLD: Final = 40
_RETIRED: Final = 15
_OF_LOT: Final = 5
"""Events: listed, traded, transferred, retired, transferred."""
_GAS: Final = 2_000_000
_A_BLOCK: Final = 200


@dataclass(frozen=True, slots=True)
class History:
    """A chain's contracts, its newest block, and how many events they told; of these, what ours passes over.

    The latter are OpenZeppelin's: whom each contract asks for roles.
    """

    deployment: Deployment
    head: int
    batches: int
    events: int
    passed_over: int


def lived(chain: Chain, batches: int) -> History:
    """So many batches, above 256 rounded up to whole chunks, and what happened to them.

    Refused when the chain did not tell as many events as were meant.
    """
    ours = Registry(chain)
    chunk = min(CHUNK_LEAVES.value, batches)
    chunks = -(-batches // chunk)
    plants = -(-chunks // _MONTHS)
    before = len(_logs(chain, ours))
    told = 0
    for group in range(plants):
        months = min(_MONTHS, chunks - group * _MONTHS)
        projects = ours.filed(_owners(group * chunk, chunk))
        told += 3 * chunk
        for back in reversed(range(months)):
            ours.issue(ours.committed(MONTH - back, projects, _COUNT))
            told += 2 + chunk
            _send(chain, _acts(ours, projects, MONTH - back))
            told += chunk * len(_LOTS) * _OF_LOT
    logs = _logs(chain, ours)
    if len(logs) - before != told:
        raise Refused(f"the chain told {len(logs) - before} events instead of {told}")
    passed_over = sum(decode_log(log["topics"], log["data"]) is None for log in logs)
    chain.rpc.request("anvil_mine", hex(KEPT_BLOCKS + 1))
    head = int(chain.rpc.request("eth_blockNumber"), 16)
    return History(ours.deployment, head, chunks * chunk, len(logs), passed_over)


def contracts_of(deployment: Deployment) -> dict[str, str]:
    """Addresses of the contracts that an indexer listens to, by name."""
    names = ("relay", "registry", "readings", "certificates", "market", "declarations", "cases")
    return {name.capitalize(): getattr(deployment, name) for name in names}


def _logs(chain: Chain, ours: Registry) -> list[dict[str, Any]]:
    query = {"address": list(contracts_of(ours.deployment).values()), "fromBlock": "0x0", "toBlock": "latest"}
    return list(chain.rpc.request("eth_getLogs", query))


def _owners(first: int, count: int) -> list[str]:
    return [to_checksum_address(f"{0xC0FFEE + number:06x}" * 6 + "ABCD") for number in range(first, first + count)]


def _send(chain: Chain, actions: Iterable[Action]) -> None:
    left = iter(actions)
    while some := list(islice(left, _A_BLOCK)):
        chain.hand_over(some, _GAS)
        chain.make_block()


def _acts(ours: Registry, projects: list[int], month: Month) -> Iterator[Action]:
    """Lists all lots, sells of all, retires of all, so that each part of the day has blocks of its own."""
    ids = [BatchKey(project, month, Electricity.ON_GRID, tradable=True).id for project in projects]
    lots = [(batch, start, end) for batch in ids for start, end in _LOTS]
    listing = ours.asked("Market", "latest")
    for batch, start, end in lots:
        yield ours.action("Market", "list", (batch, start, end, 350, PLATFORMS))
    for number, _lot in enumerate(lots, listing + 1):
        yield ours.action("Market", "take", (number, _SOLD, BUYER, PLATFORM))
    for batch, start, _end in lots:
        retired = (batch, start + _SOLD - _RETIRED, start + _SOLD, CLAIM)
        yield ours.action("Certificates", "retire", retired)
