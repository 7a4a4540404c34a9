"""Issuing beside the peers: what is extrapolated and told, from figures; and our own line, on a chain."""

import itertools

import pytest

from bench.gas.chain import forgetful
from bench.gas.registry import Registry
from bench.peers.report import CERTIFICATES, PROJECTS, Report, duration, month_of, shown
from bench.peers.running import Measured, measure
from bench.peers.subjects import EACH, TRANSACTION_GAS, Ours, Transaction
from gecchain.chain.actions import Action
from gecchain.errors import Refused

OURS = Measured("ours", "this repository", "device-month", 20_800, 82, 1, 811_200_000, 0.1, 1.0, 1.0, 10**9)
PEER = Measured("a peer", "peer 1.0", "certificate", 19_600, 10, 1, 490_000_000, 0.2, 0.8, 0.9, 10**9)
LOOP = Measured("bare: arithmetic", "Loops.sol", "gas", 10**9, 60, 2, 10**9, 0.1, 1.9, 2.0, 0)


def test_the_month_is_extrapolated_by_the_unit_of_each() -> None:
    ours, peer = month_of(OURS, OURS), month_of(PEER, OURS)
    assert (round(ours.seconds, 6), ours.gas, ours.times_seconds, ours.times_gas) == (44.0, 832_000 * 39_000, 1.0, 1.0)
    assert (peer.seconds, peer.gas) == (10_000.0, 196_000_000 * 25_000)
    assert (round(peer.times_seconds, 3), round(peer.times_gas, 3)) == (227.273, 151.011)


def test_the_page_tells_rates_shares_and_the_month() -> None:
    told = shown(Report("2040-01-15", {"node": "anvil"}, 5, [LOOP], [OURS, PEER]))
    assert "| bare: arithmetic | 1,000,000,000 | 2.0 | 500,000,000 | 100 % |\n" in told
    figures = "19,600 | 1,960 | 1.0 | 19,600 | 25,000 | 490,000,000 | 0.49 | 20 % | 90 %"
    assert f"| a peer | certificate | {figures} |\n" in told
    assert "| a peer | peer 1.0 | 2.8 h | 227.3 | 4,900,000 | 151.0 |\n" in told


def test_a_device_month_has_its_share_of_the_certificates() -> None:
    assert round(CERTIFICATES / PROJECTS) == EACH


def test_durations_are_said_in_their_unit() -> None:
    assert [duration(one) for one in (44.0, 600.0, 36_000.0)] == ["44 s", "10 min", "10.0 h"]


class Short(Ours):
    """Leaves one chunk out and says that it did not."""

    def transactions(self) -> itertools.chain[Transaction]:
        sent = super().transactions()
        commit, chunk = next(sent), next(sent)
        useless = Action(chunk.action.what, self._registry.chain.sender, "0x")
        return itertools.chain([commit, Transaction(useless, chunk.units)], sent)


def test_months_of_ours_are_issued_whole_and_the_chain_is_as_before() -> None:
    with forgetful() as (chain, node):
        registry = Registry(chain)
        before = registry.asked("Certificates", "issuedTotal")
        line = measure(chain, node, Ours(registry, 512), 0.0, block_gas=3 * TRANSACTION_GAS)
        assert (line.units, line.transactions, line.blocks) == (512, 3, 1)
        assert 30_000 < line.gas / line.units < 40_000
        assert line.sending > 0
        assert line.making > 0
        assert registry.asked("Certificates", "issuedTotal") == before
        with pytest.raises(Refused, match="ours: 256 of 512 device-months were issued"):
            measure(chain, node, Short(registry, 512), 0.0, block_gas=3 * TRANSACTION_GAS)
