"""The writer on a real node: every action once, whatever happens to process, node and connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecchain.chain import flight
from gecchain.chain import writer as writing
from gecchain.chain.contracts import creation
from gecchain.chain.flight import Flight
from gecchain.chain.rpc import Rpc, RpcError
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof, Refused, Unavailable
from gecchain.intents import Intent
from gecchain.signer import KeystoreSigner, development_signer
from gecchain.store.engine import open_engine
from gecchain.store.intake import SqlJournal, migrate
from tests.chain.faults import proxy_to

CHAIN_ID = 31337
WHO = development_signer("writer")


class Cut(BaseException):
    """Ends a process in the middle, as far as a test in the same process can."""


class CutJournal:
    """A journal whose process ends at a chosen place."""

    def __init__(self, inner: SqlJournal, place: str) -> None:
        self._inner = inner
        self._place = place

    def record(self, intents: Sequence[Intent]) -> None:
        if self._place == "before the journal":
            raise Cut
        self._inner.record(intents)
        if self._place == "before sending":
            raise Cut

    def settle(self, key: str, status: str) -> None:
        if self._place == "before noting the end":
            raise Cut
        self._inner.settle(key, status)

    def pending(self, sender: str) -> Sequence[Intent]:
        return self._inner.pending(sender)

    def ended(self, key: str) -> Intent | None:
        return self._inner.ended(key)


class Desk:
    """A node with one contract whose every call leaves one log with a number, and a journal."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._opened = ExitStack()
        self.rpc = self._opened.enter_context(Rpc(url))
        self.journal = self.new_journal(folder / "journal.db")
        self.manager = self.writer().send(Action("creating", "", creation("AccessManager", [WHO.address]))).created

    def new_journal(self, file: Path) -> SqlJournal:
        engine = open_engine(f"sqlite:///{file}")
        self._opened.callback(engine.dispose)
        migrate(engine)
        return SqlJournal(engine)

    def close(self) -> None:
        self._opened.close()

    def writer(self, url: str = "", *, cut: str = "", signer: KeystoreSigner = WHO, patience: float = 20) -> Writer:
        rpc = self._opened.enter_context(Rpc(url)) if url else self.rpc
        journal = CutJournal(self.journal, cut) if cut else self.journal
        return Writer(rpc, CHAIN_ID, signer, journal, patience=patience)

    def action(self, number: int, key: str = "", gas: int = 100_000) -> Action:
        options: dict[str, Any] = {"key": key} if key else {}
        what, args = f"labelling {number}", [number, "a label"]
        return Action.call(what, "AccessManager", self.manager, "labelRole", args, gas=gas, **options)

    def done(self) -> list[int]:
        """The numbers of the calls that were executed, in the order of the chain."""
        query = {"address": self.manager, "fromBlock": "0x0", "topics": [TOPIC]}
        return [int(log["topics"][1], 16) for log in self.rpc.request("eth_getLogs", query)]

    def automine(self, on: bool) -> None:
        self.rpc.request("evm_setAutomine", on)

    def mine(self) -> None:
        self.rpc.request("evm_mine")


TOPIC = "0x1256f5b5ecb89caec12db449738f2fbcd1ba5806cf38f35413f4e5c15bf6a450"  # RoleLabel(uint64,string)


@pytest.fixture
def desk(anvil_url: str, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(anvil_url, tmp_path)
    yield desk
    desk.close()


def test_receipts_that_come_one_by_one_are_all_there(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of large transactions do, also when the first ones lost their nonces to another home."""
    monkeypatch.setattr(flight, "_RECEIPTS_BYTES", 1)
    monkeypatch.setattr(flight, "_WHOLE_BYTES", 1)
    actions = [desk.action(number, f"key {number}") for number in range(1, 31)]
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send_all(actions)
    other = Writer(desk.rpc, CHAIN_ID, WHO, desk.new_journal(tmp_path / "other.db"), patience=20)
    other.send_all([desk.action(number) for number in range(101, 104)])
    receipts = desk.writer().send_all(actions)
    assert [receipt.key for receipt in receipts] == [action.key for action in actions]
    assert sorted(desk.done()) == [*range(1, 31), *range(101, 104)]


def test_the_same_key_is_done_once(desk: Desk) -> None:
    first = desk.writer().send(desk.action(1, "one"))
    again = desk.writer().send(desk.action(1, "one"))
    both = desk.writer().send_all([desk.action(2, "two"), desk.action(2, "two")])
    assert (first, both[0]) == (again, both[1])
    assert desk.done() == [1, 2]


def test_a_key_is_no_blank_cheque(desk: Desk) -> None:
    desk.writer().send(desk.action(1, "one"))
    with pytest.raises(Refused, match="given to another request") as caught:
        desk.writer().send(desk.action(2, "one"))
    assert caught.value.reason == "KeyUsed"
    with pytest.raises(Refused, match="given to another request"):
        desk.writer(signer=development_signer("somebody else")).send(desk.action(1, "one"))
    with pytest.raises(Refused, match="two different requests"):
        desk.writer().send_all([desk.action(3, "three"), desk.action(4, "three")])
    assert desk.done() == [1]


@pytest.mark.parametrize("place", ["before the journal", "before sending", "before noting the end"])
def test_a_crash_anywhere_and_a_second_run_do_it_once(desk: Desk, place: str) -> None:
    actions = [desk.action(number, f"key {number}") for number in range(1, 80)]
    with pytest.raises(Cut):
        desk.writer(cut=place).send_all(actions)
    receipts = desk.writer().send_all(actions)
    assert desk.done() == list(range(1, 80))
    assert [receipt.key for receipt in receipts] == [action.key for action in actions]
    assert desk.journal.pending(WHO.address) == []


def test_a_crash_is_resumed_without_asking_for_the_action(desk: Desk) -> None:
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send_all([desk.action(1), desk.action(2)])
    assert desk.done() == []
    assert desk.writer().resume() == 2
    assert desk.writer().resume() == 0
    assert desk.done() == [1, 2]


def test_a_key_on_its_way_is_not_given_away(desk: Desk) -> None:
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send(desk.action(1, "one"))
    with pytest.raises(Refused, match="on its way"):
        desk.writer(signer=development_signer("somebody else")).send(desk.action(1, "one"))
    desk.writer().resume()
    assert desk.done() == [1]


def test_a_node_that_forgot_its_pool_is_told_again(desk: Desk) -> None:
    desk.automine(False)
    with pytest.raises(Unavailable, match="not mined"):
        desk.writer(patience=0.3).send_all([desk.action(1), desk.action(2)])
    desk.rpc.request("anvil_dropAllTransactions")
    desk.automine(True)
    assert desk.writer().resume() == 2
    assert desk.done() == [1, 2]


@pytest.mark.parametrize("deaf", [False, True], ids=["ready", "believed to wait"])
def test_a_node_that_leaves_them_lie_is_nudged(desk: Desk, deaf: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """anvil misses transactions that come while it makes a block; nothing but another request wakes it."""
    monkeypatch.setattr(flight, "_NUDGE_SECONDS", 0.2)
    nudges: list[str] = []

    def fault(methods: list[str], _number: int) -> str:
        if methods[0] in ("evm_mine", "anvil_dropAllTransactions"):
            nudges.append(methods[0])
        elif methods[0] == "eth_sendRawTransaction" and "anvil_dropAllTransactions" in nudges:
            desk.automine(True)
        return "busy" if deaf and methods == ["evm_mine"] else ""

    desk.automine(False)
    with proxy_to(desk.url) as proxy:
        proxy.fault = fault
        assert len(desk.writer(proxy.url).send_all([desk.action(1), desk.action(2)])) == 2
    assert desk.done() == [1, 2]
    assert (nudges[0], nudges[-1]) == ("evm_mine", "anvil_dropAllTransactions" if deaf else "evm_mine")


def test_a_nonce_taken_by_another_home_is_signed_anew(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send(desk.action(1, "one"))
    Writer(desk.rpc, CHAIN_ID, WHO, desk.new_journal(tmp_path / "other.db")).send(desk.action(2))
    desk.writer().send(desk.action(1, "one"))
    assert desk.done() == [2, 1]


def test_what_the_chain_has_lost_is_sent_again_as_it_was(desk: Desk) -> None:
    desk.writer().send(desk.action(1, "one"))
    snapshot = desk.rpc.request("evm_snapshot")
    lost = desk.writer().send(desk.action(2, "two"))
    desk.rpc.request("evm_revert", snapshot)
    assert desk.done() == [1]
    assert desk.writer().send(desk.action(2, "two")).transaction == lost.transaction
    assert desk.done() == [1, 2]


def test_a_gap_that_lost_blocks_leave_is_closed(desk: Desk) -> None:
    snapshot = desk.rpc.request("evm_snapshot")
    desk.writer().send_all([desk.action(1), desk.action(2)])
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send(desk.action(3))
    desk.rpc.request("evm_revert", snapshot)
    assert desk.writer().resume() == 1
    desk.writer().send(desk.action(4))
    assert desk.done() == [3, 4]


def test_another_chain_is_told_from_a_gap(desk: Desk) -> None:
    with pytest.raises(Cut):
        desk.writer(cut="before sending").send(desk.action(1))
    (intent,) = desk.journal.pending(WHO.address)
    desk.journal.settle(intent.key, "lost")
    raw, hash_ = WHO.sign({"chainId": CHAIN_ID, "nonce": 5_000, "gas": 21_000, "gasPrice": 0, "to": WHO.address})
    desk.journal.record([Intent("far", "far ahead", WHO.address, 5_000, "", raw, hash_)])
    with pytest.raises(BrokenProof, match="knows 1 transactions"):
        desk.writer().resume()


def test_what_the_node_will_never_take_blocks_nothing(desk: Desk) -> None:
    with pytest.raises(Refused, match="labelling 2: the node did not take the transaction"):
        desk.writer().send_all([desk.action(1), desk.action(2, gas=4_000_000_000), desk.action(3)])
    desk.writer().send(desk.action(4))
    assert desk.done() == [1, 3, 4]
    assert desk.journal.pending(WHO.address) == []


def test_many_in_flight_keep_their_order(desk: Desk) -> None:
    done: list[Receipt] = []
    receipts = desk.writer().send_all((desk.action(number) for number in range(1, 201)), done.append)
    assert desk.done() == list(range(1, 201))
    assert receipts == done
    assert [receipt.block for receipt in receipts] == sorted(receipt.block for receipt in receipts)


def test_more_than_may_fly_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks are slow, so that the flight fills up; a name that comes again is the same transaction."""
    monkeypatch.setattr(writing, "_IN_FLIGHT", 128)
    flown: list[int] = []
    began = Flight.begin

    def begin(self: Flight, *args: Any, **options: Any) -> None:
        began(self, *args, **options)
        flown.append(len(self))

    monkeypatch.setattr(Flight, "begin", begin)
    desk.rpc.request("evm_setIntervalMining", 1)
    numbers = [*range(1, 301), *range(150, 160), *range(301, 400)]
    receipts = list(desk.writer().stream(desk.action(number, f"{number}") for number in numbers))
    assert [receipt.key for receipt in receipts] == [f"{number}" for number in numbers]
    assert desk.done() == list(range(1, 400))
    assert max(flown) == 128
    assert desk.journal.pending(WHO.address) == []


def test_two_requests_of_one_name_end_a_stream_and_those_on_their_way_end_first(desk: Desk) -> None:
    actions = [*(desk.action(number) for number in range(1, 130)), desk.action(500, "x"), desk.action(501, "x")]
    with pytest.raises(Refused, match="labelling 501: two different requests"):
        desk.writer().send_all(actions)
    assert desk.done() == list(range(1, 129))
    assert desk.journal.pending(WHO.address) == []


def test_a_refusal_speaks_and_the_rest_ends(desk: Desk) -> None:
    stranger = desk.writer(signer=development_signer("stranger"))
    with pytest.raises(Refused, match=r"labelling 7 was refused: .*role") as caught:
        stranger.send(desk.action(7))
    assert caught.value.reason == "AccessManagerUnauthorizedAccount"
    with pytest.raises(Refused, match="labelling 7"):
        stranger.send(desk.action(7, gas=0))
    # A label of role 0 is refused by the contract; those beside it are done.
    with pytest.raises(Refused, match="labelling 0"):
        desk.writer().send_all([desk.action(1), desk.action(0), desk.action(2)])
    assert desk.done() == [1, 2]


def test_nothing_is_sent_when_one_of_a_window_is_refused_beforehand(desk: Desk) -> None:
    with pytest.raises(Refused, match="labelling 0"):
        desk.writer().send_all([desk.action(1, gas=0), desk.action(0, gas=0)])
    assert desk.done() == []


FAULTS = ("", "", "drop request", "drop answer", "twice", "busy", "leave one out", "garble")


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(plan=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=12), count=st.integers(1, 70))
def test_a_bad_connection_neither_loses_nor_doubles(desk: Desk, plan: list[str], count: int) -> None:
    """Broadcasts and questions after them meet faults; the action that fails for good is done by the second run."""
    before = len(desk.done())
    numbers = list(range(before + 1, before + 1 + count))
    actions = [desk.action(number, f"{number}") for number in numbers]
    with proxy_to(desk.rpc.url) as proxy:
        started: list[bool] = []

        def fault(methods: list[str], _number: int) -> str:
            started.extend([True] if "eth_sendRawTransaction" in methods else [])
            chosen = plan.pop() if started and plan else ""
            return "" if chosen == "leave one out" and len(methods) == 1 else chosen

        proxy.fault = fault
        try:
            desk.writer(proxy.url, patience=10).send_all(actions)
        except Unavailable:
            desk.writer().send_all(actions)
    assert desk.done()[before:] == numbers
    assert desk.journal.pending(WHO.address) == []


def test_a_dropped_answer_is_no_second_transaction(desk: Desk) -> None:
    with proxy_to(desk.rpc.url) as proxy:
        proxy.fault = lambda methods, _n: (
            "drop answer" if "eth_sendRawTransaction" in methods and not proxy.committed else ""
        )
        desk.writer(proxy.url).send(desk.action(1))
        assert proxy.committed == ["drop answer"]
    assert desk.done() == [1]
    assert int(desk.rpc.request("eth_getTransactionCount", WHO.address, "pending"), 16) == 2


def test_a_node_that_is_away_is_waited_for_and_then_named(desk: Desk) -> None:
    with proxy_to(desk.rpc.url) as proxy:
        sent: list[int] = []

        def fault(methods: list[str], number: int) -> str:
            if "eth_sendRawTransaction" in methods and not sent:
                sent.append(number)
            return "busy" if sent and number < sent[0] + 9 else ""

        proxy.fault = fault
        desk.writer(proxy.url).send(desk.action(1))
        assert proxy.committed == ["busy"] * 9
        sent.clear()
        proxy.fault = lambda methods, _n: "garble" if "eth_getTransactionReceipt" in methods else ""
        with pytest.raises(Unavailable, match=r"did not answer|no JSON-RPC"):
            desk.writer(proxy.url, patience=0.5).send(desk.action(2))
    desk.writer().resume()
    assert desk.done() == [1, 2]


def test_answers_that_are_no_json_rpc_are_unavailable(desk: Desk) -> None:
    with proxy_to(desk.rpc.url) as proxy:
        for fault in ("garble", "drop request", "busy"):
            proxy.fault = lambda _methods, _n, fault=fault: fault  # type: ignore[misc]
            assert_away(proxy.url)
    for url in (proxy.url, "", "nonsense", "http://[::1", "ftp://example.org"):
        assert_away(url)
    with pytest.raises(RpcError):
        desk.rpc.request("eth_noSuchMethod")


def assert_away(url: str) -> None:
    with Rpc(url) as rpc, pytest.raises(Unavailable):
        rpc.request("eth_chainId")
