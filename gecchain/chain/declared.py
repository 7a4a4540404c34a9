"""Declared readings as the chain has them (Q26, Q33): where each stands, and the commitments made of those that passed.

The leaves of a declared commitment are known from its events alone, so that whoever issues needs no file of the owner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gecchain.chain.codec import decode_log
from gecchain.chain.logs import logs_of
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Call, RpcError
from gecchain.chain.views import View
from gecchain.errors import BrokenProof, Unavailable
from gecchain.events import DeclarationChecked, DeclarationRechecked, Declared, ReadingsCommitted, Recorded
from gecchain.proofs import Leaf
from gecchain.rules import DeclarationStage, Month

__all__ = ["Declaration", "DeclaredCommitment", "commitments_of", "declarations_of", "stages_of"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared reading: `id`, `evidence` are 0x text, `leaf` its word; `declared_at` in Unix seconds. `reason` is why
    it was sent back, or empty.
    """

    id: str
    month: Month
    owner: str
    leaf: int
    evidence: str
    caller: str
    declared_at: int
    stage: DeclarationStage
    reason: str

    @property
    def reading(self) -> Leaf:
        """Project, class, energy in Wh and digest."""
        return Leaf.unpack(self.leaf)

    @property
    def key(self) -> int:
        """Project and class: what a month can have once."""
        return self.leaf >> 200


@dataclass(frozen=True, slots=True)
class DeclaredCommitment:
    """A commitment of declared readings: its number, leaves (words) in order, and whether it was replaced."""

    number: int
    month: Month
    leaves: tuple[int, ...]
    replaced: bool


def stages_of(reader: Reader, ids: Sequence[bytes]) -> list[DeclarationStage]:
    """Where each declaration stands."""
    answers = reader.views([View("declarations", "stageOf", (one,)) for one in ids])
    return [DeclarationStage.of_number(answer[0]) for answer in answers]


def declarations_of(reader: Reader, month: Month | None = None) -> list[Declaration]:
    """Declarations of a month, or all, in the order they were last made."""
    latest = {one.event.declaration: one for one in _declared(reader, month)}
    stages = stages_of(reader, [bytes.fromhex(number[2:]) for number in latest])
    reasons = _reasons(reader) if DeclarationStage.SENT_BACK in stages else {}
    return [
        _declaration(one, stage, reasons.get(number, "") if stage == DeclarationStage.SENT_BACK else "")
        for (number, one), stage in zip(latest.items(), stages, strict=True)
    ]


def commitments_of(reader: Reader, month: Month) -> list[DeclaredCommitment]:
    """What was committed of a month's declared readings, oldest first."""
    made = logs_of(reader, "readings", [ReadingsCommitted], None, month.index, int(reader.deployment.declarations, 16))
    if not made:
        return []
    leaves = {one.event.declaration: one.event.leaf for one in _declared(reader, month)}
    answers = reader.rpc.batch([Call("eth_getTransactionReceipt", (one.transaction,)) for one in made])
    found = []
    for one, receipt in zip(made, answers, strict=True):
        if isinstance(receipt, RpcError):
            raise Unavailable(f"The node does not give a receipt: {receipt.reply}") from receipt
        number = getattr(one.event, "commitment", 0)
        passed = _passed([decode_log(log["topics"], log["data"]) for log in receipt["logs"]], number, one.transaction)
        replaced = reader.commitment(number)[5] != 0
        found.append(DeclaredCommitment(number, month, tuple(leaves[declaration] for declaration in passed), replaced))
    return found


def _passed(events: Sequence[object], commitment: int, transaction: str) -> list[str]:
    """Ids of the declarations in the order of the commitment's leaves."""
    mine = [one for one in events if isinstance(one, DeclarationRechecked) and one.commitment == commitment]
    in_order = sorted(mine, key=lambda one: one.leaf)
    if [one.leaf for one in in_order] != list(range(len(in_order))):
        raise BrokenProof(f"The leaves of commitment {commitment} are not told one by one.", where=transaction)
    return [one.declaration for one in in_order]


class _At:
    """A `Declared` event and its time."""

    def __init__(self, event: Declared, time: int) -> None:
        self.event = event
        self.time = time


def _declared(reader: Reader, month: Month | None) -> list[_At]:
    found: list[Recorded] = logs_of(reader, "declarations", [Declared], None, month.index if month else None)
    return [_At(one.event, one.time) for one in found if isinstance(one.event, Declared)]


def _reasons(reader: Reader) -> Mapping[str, str]:
    """Why declarations were sent back, the latest reason of each."""
    found: dict[str, str] = {}
    for one in logs_of(reader, "declarations", [DeclarationChecked, DeclarationRechecked]):
        event = one.event
        if isinstance(event, DeclarationChecked | DeclarationRechecked) and not event.passed:
            found[event.declaration] = event.reason
    return found


def _declaration(one: _At, stage: DeclarationStage, reason: str) -> Declaration:
    event = one.event
    return Declaration(
        id=event.declaration,
        month=Month(event.month),
        owner=event.owner,
        leaf=event.leaf,
        evidence=event.evidence,
        caller=event.caller,
        declared_at=one.time,
        stage=stage,
        reason=reason,
    )
