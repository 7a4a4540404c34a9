"""Carries a plan out: the providers' keys commit the readings, the authority's key issues them chunk by chunk.

What is on its way from an earlier run must have ended before the plan is made; then nothing is minted twice.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gecchain.chain.codec import decode_log, topic_of
from gecchain.chain.reader import Reader
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof, NotFound
from gecchain.events import NO_ACCOUNT, ConsecutiveTransfer, LeafRefused
from gecchain.issuance.committing import EvidenceOf, commit_lots, leaf_of
from gecchain.issuance.planning import Lot, Plan
from gecchain.proofs import Chunk, Leaf, Tree
from gecchain.rules import BatchKey, LeafRefusal, Month, ProjectKey, number_of
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.intake import KeptLeaf, PreparedCommitment, ReadingStore
from gecchain.trail import Trail

__all__ = ["IssuedBatch", "OnBatch", "Report", "Waiting", "issue_month"]

trail = Trail(__name__)

_GAS_BASE: Final = 1_000_000
_GAS_PER_LEAF: Final = 150_000
_MINTED: Final = topic_of("ConsecutiveTransfer")
_REFUSED: Final = topic_of("LeafRefused")
_NONE: Final[Mapping[str, Any]] = {}
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class IssuedBatch:
    """A batch that was minted: serials `[0, count)` of `batch`, first held by `holder`."""

    batch: int
    count: int
    holder: str
    transaction: str

    @property
    def first_number(self) -> str:
        """Number of its first certificate."""
        return number_of(self.batch << 32)

    @property
    def project_code(self) -> str:
        """The project's code."""
        return ProjectKey.from_id(BatchKey.from_id(self.batch).project).code


OnBatch = Callable[[IssuedBatch], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What issuing a month did. `asked` and `minted` count certificates and are equal unless leaves were refused.

    What waits for officers was committed, and neither asked for nor issued: `waiting`.
    """

    month: Month
    asked: int
    minted: int
    readings: int
    issued_before: int
    batches: int
    refused: Sequence[tuple[str, LeafRefusal]]
    transactions: Sequence[str]
    waiting: Sequence[Waiting] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A commitment of `readings` that too few officers have approved, and the `certificates` that wait for it."""

    provider: str
    commitment: int
    readings: int
    certificates: int
    approvals: int
    quorum: int


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What one transaction issues: so many open leaves of a commitment, and the packed leaf of an index in it."""

    word: Callable[[int], int]
    open: int


def issue_month(
    plan: Plan,
    store: ReadingStore,
    authority: Writer,
    providers: Mapping[str, Writer],
    reader: Reader,
    *,
    evidence_of: EvidenceOf,
    progress: Progress = lambda _n: None,
    on_batch: OnBatch = lambda _batch: None,
) -> Report:
    """Carry a plan out: `providers` holds a writer for each provider by name; `progress` is told of readings done.

    All providers commit at the same time; then all lots are issued in one stream of transactions, and `on_batch` is
    told of each batch when it is minted. `evidence_of` gives the evidence hash of a commitment from the SHA-256 (hex)
    of its files (see `SourceFiles`).

    NotFound when a provider's key is missing, before anything is sent. Refused with the contract's error in words; a
    provider whose commitment is refused does not keep the others' readings from being issued, nor does one whose
    commitment waits for officers (decision 26).
    """
    _require_keys(plan, providers)
    trail.info(
        "month_planned",
        month=str(plan.month),
        readings=plan.readings,
        to_issue=plan.to_issue,
        certificates=plan.certificates,
        refused=len(plan.refused),
    )
    lots = [lot for lot in plan.lots if lot.open_ids]
    commitments, failure = commit_lots(store, providers, reader, plan.month, lots, evidence_of)
    waiting = [_waiting(plan, lot, commitments) for lot in plan.waiting if _number(lot, commitments)]
    ready = [lot for lot in lots if lot.approvals >= plan.quorum]
    chunks = deque[_Chunk]()
    minted = batches = 0
    transactions: list[str] = []
    refused = {line.reading.code: line.refusal for line in plan.refused if line.refusal}
    for receipt in authority.stream(_actions(store, reader, plan.month, ready, commitments, chunks)):
        chunk = chunks.popleft()
        transactions.append(receipt.transaction)
        for batch in _batches(receipt):
            minted, batches = minted + batch.count, batches + 1
            on_batch(batch)
        refused.update(_refused(receipt, chunk))
        progress(chunk.open)
    if failure is not None:
        raise failure
    asked = sum(lot.certificates for lot in ready)
    trail.info(
        "month_issued",
        month=str(plan.month),
        asked=asked,
        minted=minted,
        batches=batches,
        transactions=len(transactions),
        refused=Counter(reason.slug for reason in refused.values()),
        waiting=len(waiting),
    )
    return Report(
        month=plan.month,
        asked=asked,
        minted=minted,
        readings=sum(len(lot.open_ids) for lot in ready),
        issued_before=plan.issued,
        batches=batches,
        refused=sorted(refused.items()),
        transactions=transactions,
        waiting=sorted(waiting, key=lambda one: one.commitment),
    )


def _number(lot: Lot, commitments: Mapping[str, PreparedCommitment]) -> int:
    made = commitments.get(lot.provider)
    return (made.number or 0) if made else lot.number


def _waiting(plan: Plan, lot: Lot, commitments: Mapping[str, PreparedCommitment]) -> Waiting:
    number = _number(lot, commitments)
    return Waiting(lot.provider, number, len(lot.open_ids), lot.certificates, lot.approvals, plan.quorum)


def _require_keys(plan: Plan, providers: Mapping[str, Writer]) -> None:
    for lot in plan.lots:
        if lot.open_ids and not (lot.commitment or lot.declared) and lot.provider not in providers:
            raise NotFound(
                f"no key of the data provider {lot.provider!r}, who must sign its readings of {plan.month}",
                remedy="Name it in roles.json; the authority cannot mint what a provider did not sign.",
            )


def _actions(
    store: ReadingStore,
    reader: Reader,
    month: Month,
    lots: Sequence[Lot],
    commitments: Mapping[str, PreparedCommitment],
    chunks: deque[_Chunk],
) -> Iterator[Action]:
    """The transactions of all lots, lot by lot; `chunks` gets what each of them issues."""
    for lot in lots:
        if lot.declared:
            # One chunk in the order in which it was committed, which is the whole tree and needs no proof.
            words = [leaf_of(reading).pack() for reading in lot.leaves]
            chunks.append(_Chunk(words.__getitem__, len(lot.open_ids)))
            yield _issue(reader, lot.declared, month, 0, Chunk(tuple(words), ()), f"{len(words)} declared readings")
        elif commitment := commitments.get(lot.provider):
            counting = _Counting(lot.open_ids)
            tree = Tree.of(map(leaf_of, counting.counted(store.leaves_of(commitment.id))))
            for chunk, count in sorted(counting.found.items()):
                chunks.append(_Chunk(tree.word, count))
                what = f"chunk {chunk + 1} of {tree.chunks}"
                number, facts = commitment.number or 0, {"root": commitment.root}
                yield _issue(reader, number, month, chunk, tree.chunk(chunk), what, facts)


class _Counting:
    """How many of the open readings are in each chunk: `found`, once the leaves have been read."""

    def __init__(self, open_ids: Sequence[int]) -> None:
        self.found = Counter[int]()
        self._open = open_ids

    def counted(self, leaves: Iterable[KeptLeaf]) -> Iterator[KeptLeaf]:
        """The leaves, in whose order the open readings are."""
        place = 0
        for at, leaf in enumerate(leaves):
            if place < len(self._open) and leaf.id == self._open[place]:
                place += 1
                self.found[at // CHUNK_LEAVES.value] += 1
            yield leaf
        if place < len(self._open):
            raise BrokenProof("A commitment lacks a reading that it was to hold.", where=f"reading {self._open[place]}")


def _issue(
    reader: Reader, commitment: int, month: Month, number: int, part: Chunk, what: str, more: Mapping[str, Any] = _NONE
) -> Action:
    args = [commitment, number, list(part.leaves), list(part.proof)]
    gas = _GAS_BASE + _GAS_PER_LEAF * len(part.leaves)
    facts = {"month": str(month), "commitment": commitment, **more}
    contract = reader.deployment.certificates
    return Action.call(f"issuing {what} of {month}", "Certificates", contract, "issue", args, gas=gas, facts=facts)


def _batches(receipt: Receipt) -> Iterator[IssuedBatch]:
    for event in _events(receipt, _MINTED):
        if isinstance(event, ConsecutiveTransfer) and event.from_address == NO_ACCOUNT:
            count = event.to_token_id - event.from_token_id + 1
            yield IssuedBatch(event.from_token_id >> 32, count, event.to_address, receipt.transaction)


def _refused(receipt: Receipt, chunk: _Chunk) -> Iterator[tuple[str, LeafRefusal]]:
    """Leaves that the contract refused, by project code; not those that were issued before."""
    for event in _events(receipt, _REFUSED):
        if isinstance(event, LeafRefused) and event.reason != LeafRefusal.MONTH_ALREADY_ISSUED:
            project = Leaf.unpack(chunk.word(event.leaf)).project
            yield ProjectKey.from_id(project).code, LeafRefusal.of_number(event.reason)


def _events(receipt: Receipt, topic: str) -> Iterator[Any]:
    for log in receipt.logs:
        if log["topics"][0] == topic:
            yield decode_log(log["topics"], log["data"])
