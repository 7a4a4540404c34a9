"""Providers stand for a month's readings: each lot's Merkle root goes to the chain, signed by its provider's key.

A root that was prepared and not sent is sent by the next run as it is. Signers do not wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from gecchain.chain.codec import decode_log
from gecchain.chain.reader import Reader
from gecchain.chain.writer import Action, Writer
from gecchain.errors import Refused
from gecchain.events import ReadingsCommitted
from gecchain.issuance.planning import Lot
from gecchain.proofs import Leaf, Tree
from gecchain.rules import Electricity, Month
from gecchain.store.intake import KeptLeaf, KeptReading, PreparedCommitment, ReadingStore
from gecchain.trail import Trail

__all__ = ["EvidenceOf", "commit_lots", "leaf_of"]

trail = Trail(__name__)

_MOST_SIGNERS: Final = 16
# A commitment of more files names the first ones with each transaction, and each of them once, when it is made.
_FILES_TOLD: Final = 8
EvidenceOf = Callable[[Sequence[str]], bytes]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A commitment that was written down and is to be sent."""

    id: int
    provider: str
    sources: Sequence[str]
    action: Action


def commit_lots(
    store: ReadingStore,
    providers: Mapping[str, Writer],
    reader: Reader,
    month: Month,
    lots: Sequence[Lot],
    evidence_of: EvidenceOf,
) -> tuple[dict[str, PreparedCommitment], Refused | None]:
    """Commitments on the chain by provider, and the first refusal if there was one.

    Lots that have one already, or are declared, send nothing. Different signers send at the same time.
    """
    found = {lot.provider: lot.commitment for lot in lots if lot.commitment}
    by_signer: defaultdict[str, list[_Prepared]] = defaultdict(list)
    for lot in lots:
        if not (lot.commitment or lot.declared):
            by_signer[providers[lot.provider].sender].append(_prepare(store, reader, month, lot, evidence_of))
    failure: Refused | None = None
    with ThreadPoolExecutor(min(_MOST_SIGNERS, len(by_signer) or 1)) as pool:
        sending = [pool.submit(_commit, store, providers, month, some) for some in by_signer.values()]
        for sent in sending:
            try:
                found |= sent.result()
            except Refused as error:
                failure = failure or error
    return found, failure


def leaf_of(reading: KeptReading | KeptLeaf) -> Leaf:
    """The leaf of a reading."""
    return Leaf(reading.project, Electricity.of_number(reading.electricity), reading.wh, reading.digest)


def _prepare(store: ReadingStore, reader: Reader, month: Month, lot: Lot, evidence_of: EvidenceOf) -> _Prepared:
    tree = Tree.of(map(leaf_of, store.leaves_with(lot.open_ids)))
    sources = store.sources_of(lot.open_ids)
    evidence = evidence_of(sources)
    prepared = _prepared_before(store, month, lot, tree.root) or store.prepare(
        month,
        lot.provider,
        root=tree.root,
        reading_ids=lot.open_ids,
        total_wh=lot.wh,
        evidence=evidence,
        replaces=lot.replaces,
    )
    action = Action.call(
        f"committing {tree.count} readings of {month} by {lot.provider}",
        "Readings",
        reader.deployment.readings,
        "commit",
        [month.index, tree.root, tree.count, lot.wh, evidence, lot.replaces],
        facts={
            "month": str(month),
            "provider": lot.provider,
            "root": tree.root,
            "evidence": evidence,
            "files": sources[:_FILES_TOLD],
        },
    )
    return _Prepared(prepared, lot.provider, sources, action)


def _prepared_before(store: ReadingStore, month: Month, lot: Lot, root: bytes) -> int | None:
    """What a run prepared that was cut off before it could send it: the same leaves need no second row."""
    for one in store.commitments(month, lot.provider):
        if (one.root, one.replaces, one.status) == (root, lot.replaces, "prepared"):
            return one.id
    return None


def _commit(
    store: ReadingStore, providers: Mapping[str, Writer], month: Month, prepared: Sequence[_Prepared]
) -> dict[str, PreparedCommitment]:
    """Send the commitments of one signer."""
    done = {}
    for one in prepared:
        receipt = providers[one.provider].send(one.action)
        events = (decode_log(log["topics"], log["data"]) for log in receipt.logs)
        (event,) = (event for event in events if isinstance(event, ReadingsCommitted))
        store.mark(one.id, "committed", event.commitment)
        facts = {**one.action.facts, "commitment": event.commitment, "transaction": receipt.transaction}
        del facts["files"]
        for source in one.sources:
            trail.info("file_committed", **facts, file=source)
        done[one.provider] = next(kept for kept in store.commitments(month, one.provider) if kept.id == one.id)
    return done
