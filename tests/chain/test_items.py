"""Calls with many items: grouped by gas, and what happened before found by name on nodes that give little at a time."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecchain.chain.items import GAS_PER_CALL, logs_naming, within_gas
from gecchain.chain.rpc import Rpc, RpcError
from gecchain.errors import Unavailable
from gecchain.events import Listed, PlatformAdmitted
from tests.chain.live import BUYER, PLATFORM, LiveRegistry

LIMIT = 100_000_000


@given(gas=st.lists(st.integers(1, 60_000_000), max_size=20))
def test_items_are_grouped_in_order_within_the_gas(gas: list[int]) -> None:
    groups = list(within_gas(gas, int))
    assert [item for group, _gas in groups for item in group] == gas
    for group, given_gas in groups:
        assert given_gas == GAS_PER_CALL + sum(group) <= LIMIT
    for (group, _gas), (after, _more) in pairwise(groups):
        assert GAS_PER_CALL + sum(group) + after[0] > LIMIT


class Limited:
    """The node behind a proxy that gives the logs of so many blocks at a time."""

    def __init__(self, rpc: Rpc, blocks: int) -> None:
        self._rpc = rpc
        self._blocks = blocks

    def request(self, method: str, *params: Any) -> Any:
        if method == "eth_getLogs":
            query = params[0]
            if int(query["toBlock"], 16) - int(query["fromBlock"], 16) >= self._blocks:
                raise RpcError(method, -32005, "too many blocks", "")
        return self._rpc.request(method, *params)


def test_what_happened_before_is_found_by_its_name(anvil_url: str) -> None:
    registry = LiveRegistry(anvil_url)
    names = [int(PLATFORM, 16), int(BUYER, 16)]
    for rpc in (registry.rpc, Limited(registry.rpc, 3), Limited(registry.rpc, 1)):
        reader: Any = SimpleNamespace(rpc=rpc, deployment=registry.deployment, head=registry.reader.head)
        (found,) = logs_naming(reader, "registry", PlatformAdmitted, names)
        assert found.account == PLATFORM
        assert logs_naming(reader, "registry", PlatformAdmitted, names[1:]) == []
        assert logs_naming(reader, "market", Listed, [1]) == []
    closed: Any = SimpleNamespace(
        rpc=Limited(registry.rpc, 0), deployment=registry.deployment, head=registry.reader.head
    )
    with pytest.raises(Unavailable, match="too many blocks"):
        logs_naming(closed, "registry", PlatformAdmitted, names)
    registry.close()
