"""Carries a plan out: the provider's key commits the readings, the authority's key issues them chunk by chunk.

What is on its way from an earlier run must have ended before the plan is made; then nothing is minted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gecchain.chain.codec import decode_log
from gecchain.chain.reader import Reader
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import NotFound
from gecchain.events import NO_ACCOUNT, ConsecutiveTransfer, LeafRefused, ReadingsCommitted
from gecchain.issuance.planning import Lot, Plan
from gecchain.proofs import Leaf, Tree
from gecchain.rules import BatchKey, LeafRefusal, Month, ProjectKey, number_of
from gecchain.rules.parameters import CHUNK_LEAVES
from gecchain.store.intake import KeptReading, PreparedCommitment, ReadingStore
from gecchain.trail import Trail, along

__all__ = ["IssuedBatch", "Report", "issue_month"]

trail = Trail(__name__)

_GAS_BASE: Final = 1_000_000
_GAS_PER_LEAF: Final = 150_000
# A commitment of more files names the first ones with each transaction, and each of them once, when it is made.
_FILES_TOLD: Final = 8
Progress = Callable[[int], None]
EvidenceOf = Callable[[Sequence[str]], bytes]


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


@dataclass(frozen=True, slots=True)
class Report:
    """What issuing a month did. `asked` and `minted` count certificates and are equal unless leaves were refused."""

    month: Month
    asked: int
    minted: int
    readings: int
    issued_before: int
    batches: Sequence[IssuedBatch]
    refused: Sequence[tuple[str, LeafRefusal]]
    transactions: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Issued:
    """What became of one commitment: its leaves in order, and the receipts of its chunks."""

    leaves: Sequence[KeptReading]
    receipts: Sequence[Receipt]

    @property
    def refused(self) -> dict[str, LeafRefusal]:
        """Leaves that the contract refused, by project code; not those that were issued before."""
        found = [event for event in _events(self.receipts) if isinstance(event, LeafRefused)]
        return {
            self.leaves[event.leaf].code: LeafRefusal.of_number(event.reason)
            for event in found
            if event.reason != LeafRefusal.MONTH_ALREADY_ISSUED
        }


def issue_month(
    plan: Plan,
    store: ReadingStore,
    authority: Writer,
    providers: Mapping[str, Writer],
    reader: Reader,
    *,
    evidence_of: EvidenceOf,
    progress: Progress = lambda _n: None,
) -> Report:
    """Carry a plan out: `providers` holds a writer for each provider by name; `progress` is told of readings done.

    `evidence_of` gives the evidence hash of a commitment from the SHA-256 (hex) of its files (see `SourceFiles`).

    NotFound when a provider's key is missing, before anything is sent. Refused with the contract's error in words.
    """
    _require_keys(plan, providers)
    trail.info(
        "month_planned",
        month=str(plan.month),
        readings=len(plan.lines),
        to_issue=len(plan.open_lines),
        certificates=plan.certificates,
        refused=len(plan.refused_lines),
    )
    done: list[_Issued] = []
    for lot in plan.lots:
        if not lot.open_lines:
            continue
        if lot.declared:
            done.append(_issue_declared(authority, reader, plan.month, lot, progress))
            continue
        commitment = lot.commitment or _commit(store, providers[lot.provider], reader, plan.month, lot, evidence_of)
        done.append(_issue(store, authority, reader, lot, commitment, progress))
    report = _report(plan, done)
    trail.info(
        "month_issued",
        month=str(plan.month),
        asked=report.asked,
        minted=report.minted,
        batches=len(report.batches),
        transactions=len(report.transactions),
        refused=Counter(reason.slug for _place, reason in report.refused),
    )
    return report


def _commit(
    store: ReadingStore, provider: Writer, reader: Reader, month: Month, lot: Lot, evidence_of: EvidenceOf
) -> PreparedCommitment:
    readings = [line.reading for line in lot.open_lines]
    tree = Tree.of(map(_leaf, readings))
    total = sum(reading.wh for reading in readings)
    ids = [reading.id for reading in readings]
    sources = store.sources_of(ids)
    evidence = evidence_of(sources)
    prepared = _prepared_before(store, month, lot, tree.root) or store.prepare(
        month, lot.provider, root=tree.root, reading_ids=ids, total_wh=total, evidence=evidence, replaces=lot.replaces
    )
    args = [month.index, tree.root, tree.count, total, evidence, lot.replaces]
    what = f"committing {tree.count} readings of {month}"
    facts = {"month": str(month), "provider": lot.provider, "root": tree.root, "evidence": evidence}
    with along(**facts, files=sources[:_FILES_TOLD]):
        receipt = provider.send(Action.call(what, "Readings", reader.deployment.readings, "commit", args))
    (event,) = (event for event in _events([receipt]) if isinstance(event, ReadingsCommitted))
    store.mark(prepared, "committed", event.commitment)
    for source in sources:
        trail.info("file_committed", **facts, file=source, commitment=event.commitment, transaction=receipt.transaction)
    return next(one for one in store.commitments(month, lot.provider) if one.id == prepared)


def _prepared_before(store: ReadingStore, month: Month, lot: Lot, root: bytes) -> int | None:
    """What a run prepared that was cut off before it could send it: the same leaves need no second row."""
    for one in store.commitments(month, lot.provider):
        if (one.root, one.replaces, one.status) == (root, lot.replaces, "prepared"):
            return one.id
    return None


def _issue(
    store: ReadingStore,
    authority: Writer,
    reader: Reader,
    lot: Lot,
    commitment: PreparedCommitment,
    progress: Progress,
) -> _Issued:
    leaves = list(store.leaves_of(commitment.id))
    tree = Tree.of(map(_leaf, leaves))
    open_ids = {line.reading.id for line in lot.open_lines}
    chunks = Counter(at // CHUNK_LEAVES.value for at, reading in enumerate(leaves) if reading.id in open_ids)
    actions = (_issue_action(reader, commitment, tree, chunk) for chunk in sorted(chunks))
    sizes = iter([chunks[chunk] for chunk in sorted(chunks)])
    with along(month=str(commitment.month), commitment=commitment.number, root=commitment.root):
        return _Issued(leaves, authority.send_all(actions, lambda _receipt: progress(next(sizes))))


def _issue_declared(authority: Writer, reader: Reader, month: Month, lot: Lot, progress: Progress) -> _Issued:
    """A declared commitment has one chunk, which is its whole tree and needs no proof."""
    words = [_leaf(reading).pack() for reading in lot.leaves]
    gas = _GAS_BASE + _GAS_PER_LEAF * len(words)
    what = f"issuing {len(words)} declared readings of {month}"
    args = [lot.declared, 0, words, []]
    action = Action.call(what, "Certificates", reader.deployment.certificates, "issue", args, gas=gas)
    return _Issued(lot.leaves, authority.send_all([action], lambda _receipt: progress(len(lot.open_lines))))


def _issue_action(reader: Reader, commitment: PreparedCommitment, tree: Tree, chunk: int) -> Action:
    part = tree.chunk(chunk)
    args = [commitment.number, chunk, list(part.leaves), list(part.proof)]
    gas = _GAS_BASE + _GAS_PER_LEAF * len(part.leaves)
    what = f"issuing chunk {chunk + 1} of {tree.chunks} of {commitment.month}"
    return Action.call(what, "Certificates", reader.deployment.certificates, "issue", args, gas=gas)


def _report(plan: Plan, done: Sequence[_Issued]) -> Report:
    batches: list[IssuedBatch] = []
    refused = {line.reading.code: line.refusal for line in plan.refused_lines if line.refusal}
    for issued in done:
        for receipt in issued.receipts:
            batches += _batches(receipt)
        refused |= issued.refused
    return Report(
        month=plan.month,
        asked=plan.certificates,
        minted=sum(batch.count for batch in batches),
        readings=len(plan.open_lines),
        issued_before=sum(line.issued for line in plan.lines),
        batches=batches,
        refused=sorted(refused.items()),
        transactions=[receipt.transaction for issued in done for receipt in issued.receipts],
    )


def _batches(receipt: Receipt) -> Iterator[IssuedBatch]:
    for event in _events([receipt]):
        if isinstance(event, ConsecutiveTransfer) and event.from_address == NO_ACCOUNT:
            count = event.to_token_id - event.from_token_id + 1
            yield IssuedBatch(event.from_token_id >> 32, count, event.to_address, receipt.transaction)


def _require_keys(plan: Plan, providers: Mapping[str, Writer]) -> None:
    for lot in plan.lots:
        if lot.open_lines and not (lot.commitment or lot.declared) and lot.provider not in providers:
            raise NotFound(
                f"no key of the data provider {lot.provider!r}, who must sign its readings of {plan.month}",
                remedy="Name it in roles.json; the authority cannot mint what a provider did not sign.",
            )


def _leaf(reading: KeptReading) -> Leaf:
    return Leaf(reading.project, reading.electricity, reading.wh, reading.digest)


def _events(receipts: Iterable[Receipt]) -> Iterator[Any]:
    for receipt in receipts:
        for log in receipt.logs:
            event = decode_log(log["topics"], log["data"])
            if event is not None:
                yield event
