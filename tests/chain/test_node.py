"""The embedded chain: it starts, keeps its state, and says why it does not start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gecchain.chain.node import embedded_node, find_anvil, is_up
from gecchain.chain.rpc import Rpc
from gecchain.errors import NotFound, Unavailable
from tests.conftest import free_port


def test_state_survives_a_restart_and_a_running_node_is_used(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with embedded_node(url, tmp_path), embedded_node(url, tmp_path / "unused"), Rpc(url) as rpc:
        rpc.request("anvil_setCode", "0x" + "11" * 20, "0x6001")
        rpc.request("anvil_mine", "0x5")
    assert not is_up(url)
    assert not (tmp_path / "unused").exists()
    with embedded_node(url, tmp_path), Rpc(url) as rpc:
        assert rpc.request("eth_blockNumber") == "0x5"
        assert rpc.request("eth_getCode", "0x" + "11" * 20, "latest") == "0x6001"


def test_a_chain_of_larger_blocks_goes_on_with_ours(tmp_path: Path) -> None:
    """The limit is in the state that is kept, and readers' memory follows it."""
    url = f"http://127.0.0.1:{free_port()}"
    limits = []
    for larger in (True, False):
        with embedded_node(url, tmp_path), Rpc(url) as rpc:
            if larger:
                rpc.request("evm_setBlockGasLimit", hex(3_000_000_000))
            rpc.request("anvil_mine", "0x2")
            limits.append(int(rpc.request("eth_getBlockByNumber", "latest", False)["gasLimit"], 16))
    assert limits == [3_000_000_000, 600_000_000]


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unavailable, match="did not start") as caught, embedded_node(url, tmp_path):
            pass
    assert url in caught.value.remedy


def test_without_anvil_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GEC_ANVIL", str(tmp_path / "none"))
    assert find_anvil().name == "anvil"
    monkeypatch.setattr("gecchain.chain.node.__file__", str(tmp_path / "a" / "b" / "c.py"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotFound, match="not installed") as caught:
        find_anvil()
    assert "make setup" in caught.value.remedy
