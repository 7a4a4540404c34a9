"""The named invariants over a whole state; each finding is a difference in words, or None for what holds."""

from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from gecchain.ledger import State
from gecchain.rules import CertificateState, Lane, number_of, token_id

__all__ = ["covers", "energy", "holdings", "owed", "trades_once"]

Sums = Callable[[], MutableMapping[Any, int]]
"""Makes a mapping for sums by account or trade, of which a country has more than memory should hold."""


def covers(state: State) -> Iterator[str | None]:
    """I2: segments are disjoint and cover the batch."""
    for batch in state.batches.values():
        at = 0
        for segment in state.segments_of(batch.id):
            yield None if segment.start == at < segment.end else f"{_number(batch.id, at)}: segments do not meet"
            at = segment.end
        yield None if at == batch.count else f"{_number(batch.id, at)}: the batch has {batch.count}, its segments {at}"


def holdings(state: State, sums: Sums) -> Iterator[str | None]:
    """I3: issued = held + retired + deducted, per account and in total."""
    counted = {name: sums() for name in ("holding", "retired", "deducted")}
    ended: dict[int, str] = {CertificateState.RETIRED: "retired", CertificateState.DEDUCTED: "deducted"}
    whole = Counter[str]()
    for segment in state.segments.values():
        name, count = ended.get(segment.state, "holding"), segment.end - segment.start
        counted[name][segment.owner] = counted[name].get(segment.owner, 0) + count
        whole[name] += count
    for balance in state.balances.values():
        found = tuple(counted[name].get(balance.account, 0) for name in counted)
        same = (balance.holding, balance.retired, balance.deducted) == found
        yield None if same else f"account {balance.account}: holds, retired and lost {found}, not {balance}"
    totals = state.totals[1]
    same = (whole.total(), whole["retired"], whole["deducted"]) == (totals.issued, totals.retired, totals.deducted)
    yield None if same else f"total: segments hold {dict(whole)}, totals say {totals}"


def energy(state: State) -> Iterator[str | None]:
    """I4: metered Wh, corrections and all = 1,000,000 * (issued - deducted - owed) + carry, per lane and in total."""
    carries = 0
    for lane in state.lanes.values():
        carry = Lane.unpack(lane.lane).carry
        carries += carry
        same = lane.metered_wh == 1_000_000 * (lane.issued - lane.deducted - lane.owed) + carry
        yield None if same else f"project {lane.project}, electricity {lane.electricity}: {lane}"
    totals = state.totals[1]
    metered = sum(lane.metered_wh for lane in state.lanes.values())
    whole = 1_000_000 * (totals.issued - totals.deducted - totals.owed) + carries
    same = totals.metered_wh == metered == whole and totals.carry_wh == carries
    yield None if same else f"total: metered {metered} Wh, carried {carries} Wh, totals say {totals}"


def owed(state: State) -> Iterator[str | None]:
    """What cases still owe is what the energy accounts wait for, and nothing is owed after a case."""
    due: Counter[tuple[int, int]] = Counter()
    for case in state.cases.values():
        due[case.batch >> 16, case.batch >> 1 & 7] += case.owed
        yield None if not (case.owed and case.closed) else f"case {case.id}: closed, and owes {case.owed}"
    for key, lane in state.lanes.items():
        same = lane.owed == due[key]
        yield None if same else f"project {key[0]}, electricity {key[1]}: owes {lane.owed}, its cases {due[key]}"


def trades_once(state: State, sums: Sums) -> Iterator[str | None]:
    """I5 and I8: between two undos a certificate is traded once, only if tradable, and marked with its trade."""
    marked = sums()
    for segment in state.segments.values():
        if segment.traded:
            marked[segment.trade] = marked.get(segment.trade, 0) + segment.end - segment.start
    for trade in state.trades.values():
        yield None if trade.batch & 1 else f"trade {trade.id}: its certificates are not tradable"
        left, found = trade.end - trade.start - trade.undone, marked.get(trade.id, 0)
        yield None if found == left else f"trade {trade.id}: {left} stand, {found} are marked"


def _number(batch: int, serial: int) -> str:
    return f"certificate {number_of(token_id(batch, serial))}"
