"""Issued: what every leaf of a chunk became, computed from the project's terms and its lane as the contract does."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from gecchain.errors import GecError
from gecchain.events import NO_ACCOUNT, Issued, Recorded
from gecchain.ledger.ranges import add_to, broken, count, echo
from gecchain.ledger.state import State
from gecchain.ledger.values import Batch, Chunk, Commitment, LaneAccount, Project, Segment
from gecchain.rules.carry import EMPTY_LANE, Lane
from gecchain.rules.classes import Electricity, FirstHolder, Technology, classify
from gecchain.rules.months import Month
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.rules.purposes import CertificateState

__all__ = ["IssuedLeaf", "apply_issued", "issued_leaves"]

_WH_MASK = (1 << 64) - 1


class IssuedLeaf(NamedTuple):
    """A leaf by its place in the commitment, and as it was packed: `word`."""

    place: int
    project: int
    electricity: int
    wh: int
    word: int


def issued_leaves(event: Issued) -> Iterator[IssuedLeaf]:
    """Each leaf whose bit is set, in order."""
    first = event.chunk * CHUNK_LEAVES.value
    for offset, word in enumerate(event.leaves):
        if event.issued >> offset & 1:
            yield IssuedLeaf(first + offset, word >> 208, word >> 200 & 0xFF, word >> 136 & _WH_MASK, word)


def apply_issued(state: State, at: Recorded, event: Issued) -> None:
    """Every leaf whose bit is set becomes a batch, or carry alone (Q24); its month is used for good (I1)."""
    commitment = state.commitments.get(event.commitment)
    if commitment is None:
        raise broken(f"Commitment {event.commitment} is unknown.", at)
    _require_approved(state, at, commitment)
    key = (event.commitment, event.chunk)
    done = state.chunks[key].issued if key in state.chunks else 0
    left = commitment.leaves - event.chunk * CHUNK_LEAVES.value
    if len(event.leaves) != min(left, CHUNK_LEAVES.value) or event.issued >> len(event.leaves):
        raise broken(f"Chunk {event.chunk} of commitment {event.commitment} has other leaves.", at)
    if done & event.issued or not event.issued:
        raise broken(f"Chunk {event.chunk} of commitment {event.commitment} is issued twice, or not at all.", at)
    state.chunks[key] = Chunk(event.commitment, event.chunk, done | event.issued)
    for leaf in issued_leaves(event):
        _issue(state, at, commitment, leaf)


def _require_approved(state: State, at: Recorded, commitment: Commitment) -> None:
    """As many officers as the quorum that is in force at this place of the chain (decision 26)."""
    quorum = state.parameters[1].quorum
    if commitment.approvals < quorum:
        raise broken(
            f"Commitment {commitment.id} is issued from with {commitment.approvals} approvals of {quorum}.", at
        )


def _issue(state: State, at: Recorded, commitment: Commitment, leaf: IssuedLeaf) -> None:
    index, project_id, electricity, wh, word = leaf
    project = state.projects.get(project_id)
    if project is None or not project.approved:
        raise broken(f"Leaf {index}: project {project_id} is not approved.", at)
    before = state.lanes.get((project_id, electricity)) or LaneAccount(project_id, electricity, EMPTY_LANE.pack(), 0, 0)
    old = Lane.unpack(before.lane)
    try:
        lane, issued = old.issue(Month(commitment.month), wh)
        tradable, holder = _terms(state, project, electricity)
    except GecError as error:
        raise broken(f"Leaf {index} of commitment {commitment.id}: {error}", at) from error
    if not holder:
        raise broken(f"Leaf {index} of commitment {commitment.id} has no first holder.", at)
    state.lanes[project_id, electricity] = replace(
        before, lane=lane.pack(), metered_wh=before.metered_wh + wh, issued=before.issued + issued
    )
    totals = state.totals[1]
    state.totals[1] = replace(
        totals, metered_wh=totals.metered_wh + wh, carry_wh=totals.carry_wh + lane.carry - old.carry
    )
    if issued:
        number = project_id << 16 | commitment.month << 4 | electricity << 1 | tradable
        filing, month = project.approved, commitment.month
        _mint(state, at, Batch(number, issued, commitment.id, index, filing, at.position, month, holder, word=word))


def _terms(state: State, project: Project, electricity: int) -> tuple[bool, str]:
    """Whether the certificates can be traded, and their first holder (empty where there is none)."""
    technology = project.id >> 39 & 0x1F
    issued, tradable, provincial = _class_of(technology, electricity, project.in_operation, project.market_based)
    if not issued:
        return False, ""
    return tradable, state.provinces.get(project.id >> 20 & 0x7F, "") if provincial else project.owner


@cache
def _class_of(technology: int, electricity: int, in_operation: int, market_based: bool) -> tuple[bool, bool, bool]:
    found = classify(
        Technology.of_number(technology), Electricity.of_number(electricity), Month(in_operation), market_based
    )
    return found.issued, found.tradable, found.first_holder is not FirstHolder.OWNER


def _mint(state: State, at: Recorded, batch: Batch) -> None:
    if batch.id in state.batches:
        raise broken(f"Batch {batch.id} is issued twice.", at)
    state.batches[batch.id] = batch
    state.put_segment(Segment(batch.id, 0, batch.count, batch.holder, CertificateState.HELD.value, 0, at.position))
    add_to(state, batch.holder, holding=batch.count)
    count(state, batch.id, issued=batch.count)
    echo(state, batch.id, 0, batch.count, NO_ACCOUNT, batch.holder)
