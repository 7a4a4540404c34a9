"""Officers stand for a month before it is issued (decision 26): what there is to approve, whether the readings at hand
lead to it, and the approval itself.

An officer approves a root. Where this home has the readings, or the chain has the declarations, the tree is built anew
from them, so that nobody approves by mistake what is not in the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gecchain.chain.declared import commitments_of
from gecchain.chain.logs import logs_of
from gecchain.chain.reader import Reader
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Receipt, Writer
from gecchain.errors import BrokenProof
from gecchain.events import ReadingsCommitted
from gecchain.issuance.committing import leaf_of
from gecchain.issuance.planning import lines_of
from gecchain.proofs import Leaf, Tree
from gecchain.rules import Month
from gecchain.store.intake import KeptReading, ReadingStore

__all__ = ["Approvable", "approvable", "approve", "is_rebuilt", "quorum_of"]

_REPLACED: Final = 5
_APPROVALS: Final = 7


@dataclass(frozen=True, slots=True)
class Approvable:
    """A commitment in force: what its provider stands for, and how many officers do already.

    `provider` is a key (of declared readings the contract), `root` and `evidence` are 0x text, energy is in Wh.
    `approved` says whether the officer who asks is among the `approvals`.
    """

    number: int
    month: Month
    provider: str
    declared: bool
    root: str
    leaves: int
    total_wh: int
    evidence: str
    approvals: int
    approved: bool


def quorum_of(reader: Reader) -> int:
    """Officers who must approve a commitment before it is issued from; 0 for none."""
    return int(reader.view(View("readings", "quorum"))[0])


def approvable(reader: Reader, month: Month, officer: str) -> list[Approvable]:
    """The commitments of a month that are in force, oldest first, as an officer (0x) sees them."""
    told = [one.event for one in logs_of(reader, "readings", [ReadingsCommitted], None, month.index)]
    made = [event for event in told if isinstance(event, ReadingsCommitted)]
    structs = reader.views([View("readings", "commitment", (event.commitment,)) for event in made])
    mine = reader.views([View("readings", "approved", (event.commitment, officer)) for event in made])
    return [
        Approvable(
            number=event.commitment,
            month=month,
            provider=event.provider,
            declared=event.declared,
            root=event.root,
            leaves=event.leaves,
            total_wh=event.total_wh,
            evidence=event.evidence,
            approvals=int(struct[_APPROVALS]),
            approved=bool(approved),
        )
        for event, (struct,), (approved,) in zip(made, structs, mine, strict=True)
        if not struct[_REPLACED]
    ]


def is_rebuilt(store: ReadingStore, reader: Reader, one: Approvable) -> bool:
    """Whether the readings at hand lead to the commitment's root; False where there are none of its month.

    BrokenProof where there are some and they lead elsewhere, or to the root and another sum of energy.
    """
    empty = True
    for leaves in _at_hand(store, reader, one):
        empty = empty and not leaves
        if leaves and Tree.of(leaves).root == bytes.fromhex(one.root[2:]):
            _require_sums(one, leaves)
            return True
    if empty:
        return False
    raise BrokenProof(
        f"The readings at hand do not lead to the root of commitment {one.number}.",
        where=f"{one.month}, provider {one.provider}, root {one.root}",
        remedy="Do not approve it: compare the files with the provider's, and take in what is missing.",
    )


def approve(officer: Writer, reader: Reader, chosen: Sequence[Approvable]) -> list[Receipt]:
    """Approve, naming the root that was looked at. Refused with the contract's error in words."""
    return [
        officer.send(
            Action.call(
                f"approving commitment {one.number} of {one.month}",
                "Readings",
                reader.deployment.readings,
                "approve",
                [one.number, bytes.fromhex(one.root[2:])],
                facts={"month": str(one.month), "commitment": one.number, "root": one.root},
            )
        )
        for one in chosen
    ]


def _require_sums(one: Approvable, leaves: Sequence[Leaf]) -> None:
    total = sum(leaf.wh for leaf in leaves)
    if (total, len(leaves)) != (one.total_wh, one.leaves):
        raise BrokenProof(
            f"Commitment {one.number} is of {one.leaves} readings and {one.total_wh} Wh, the readings of its root are "
            f"{len(leaves)} and {total} Wh.",
            where=f"{one.month}, provider {one.provider}",
            remedy="Do not approve it: let the provider commit anew.",
        )


def _at_hand(store: ReadingStore, reader: Reader, one: Approvable) -> Iterator[list[Leaf]]:
    """Readings that may be the commitment's, in the order of leaves: of the declarations; those that were kept when it
    was committed from here; else those that were taken in here, by provider, without and with what is issued already.
    """
    if one.declared:
        for made in commitments_of(reader, one.month):
            if made.number == one.number:
                yield [Leaf.unpack(word) for word in made.leaves]
        return
    kept = [row for row in store.commitments(one.month) if row.number == one.number]
    if kept:
        yield [leaf_of(reading) for reading in store.leaves_of(kept[-1].id)]
        return
    opened, issuable = _by_provider(store, reader, one.month)
    for provider, readings in issuable.items():
        yield [leaf_of(reading) for reading in readings]
        yield [leaf_of(reading) for reading in opened[provider]]


def _by_provider(
    store: ReadingStore, reader: Reader, month: Month
) -> tuple[defaultdict[str, list[KeptReading]], defaultdict[str, list[KeptReading]]]:
    """What is to be issued, and with it what was issued; without what the contract would refuse."""
    opened, issuable = defaultdict[str, list[KeptReading]](list), defaultdict[str, list[KeptReading]](list)
    for line in lines_of(store, reader, month):
        if line.refusal is None and line.reading.id > 0:
            issuable[line.reading.provider].append(line.reading)
        if line.is_open and line.reading.id > 0:
            opened[line.reading.provider].append(line.reading)
    return opened, issuable
