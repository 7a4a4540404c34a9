"""The named invariants over a whole state; each finding is a difference in words, or None for what holds."""

from collections import Counter
from collections.abc import Iterator

from gecchain.ledger import Segment, State
from gecchain.rules import CertificateState, Lane, number_of, token_id

__all__ = ["covers", "energy", "holdings", "trades_once"]


def covers(state: State) -> Iterator[str | None]:
    """I2: segments are disjoint and cover the batch."""
    for batch in state.batches.values():
        at = 0
        for segment in state.segments_of(batch.id):
            yield None if segment.start == at < segment.end else f"{_number(batch.id, at)}: segments do not meet"
            at = segment.end
        yield None if at == batch.count else f"{_number(batch.id, at)}: the batch has {batch.count}, its segments {at}"


def holdings(state: State) -> Iterator[str | None]:
    """I3: issued = held + retired, per account and in total."""
    alive: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for segment in state.segments.values():
        counter = ended if segment.state >= CertificateState.RETIRED else alive
        counter[segment.owner] += segment.end - segment.start
    for account, balance in state.balances.items():
        same = (balance.holding, balance.retired) == (alive[account], ended[account])
        yield None if same else f"account {account}: holds {alive[account]} and retired {ended[account]}, not {balance}"
    totals = state.totals[1]
    counted = (alive.total() + ended.total(), ended.total())
    yield None if counted == (totals.issued, totals.retired) else f"total: segments hold {counted}, totals say {totals}"


def energy(state: State) -> Iterator[str | None]:
    """I4: metered Wh of the issued leaves = 1,000,000 * issued + carry, per lane and in total."""
    carries = 0
    for lane in state.lanes.values():
        carry = Lane.unpack(lane.lane).carry
        carries += carry
        same = lane.metered_wh == 1_000_000 * lane.issued + carry
        yield None if same else f"project {lane.project}, electricity {lane.electricity}: {lane}"
    totals = state.totals[1]
    metered = sum(lane.metered_wh for lane in state.lanes.values())
    same = totals.metered_wh == metered == 1_000_000 * totals.issued + carries and totals.carry_wh == carries
    yield None if same else f"total: metered {metered} Wh, carried {carries} Wh, totals say {totals}"


def trades_once(state: State) -> Iterator[str | None]:
    """I5 and I8: a certificate is traded at most once, only if tradable, and what was traded is marked so."""
    traded: Counter[int] = Counter()
    for trade in state.trades.values():
        traded[trade.batch] += trade.end - trade.start
        yield None if trade.batch & 1 else f"trade {trade.id}: its certificates are not tradable"
    marked: Counter[int] = Counter()
    for segment in state.segments.values():
        marked[segment.batch] += _traded(segment)
    for batch in state.batches:
        yield (
            None
            if marked[batch] == traded[batch]
            else (f"{_number(batch, 0)}: {traded[batch]} of its batch were traded, {marked[batch]} are marked")
        )


def _traded(segment: Segment) -> int:
    return segment.end - segment.start if segment.traded else 0


def _number(batch: int, serial: int) -> str:
    return f"certificate {number_of(token_id(batch, serial))}"
