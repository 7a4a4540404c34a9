"""What leads a certificate back to its meter reading and its project's filing, and the faults it can have.

Whoever keeps the evidence can check it for good: the readings root and the filing hash are facts of the certificate.
"""

from dataclasses import dataclass

from gecchain.errors import BadInput
from gecchain.proofs.facts import CertificateFacts
from gecchain.proofs.hashing import document_hash
from gecchain.proofs.tree import Leaf, verify_leaf
from gecchain.rules import BatchKey, Label, certificates_of
from gecchain.rules.parameters import WH_PER_CERTIFICATE

__all__ = ["Evidence", "filing_fault", "reading_fault"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The packed leaf, the number of leaves of its commitment, the siblings to the root, and the filing's bytes."""

    leaf: int
    leaves: int
    proof: tuple[bytes, ...]
    filing: bytes

    @property
    def filing_hash(self) -> bytes:
        """Keccak-256 of the filing: 32 bytes."""
        return document_hash(self.filing)


def reading_fault(facts: CertificateFacts, evidence: Evidence) -> Label | None:
    """What is wrong with the reading, or None.

    The leaf lies in the committed tree, is of the batch's project and electricity, and its Wh, with a carry below one
    certificate before it, give the number issued (Q24), without what cases added.
    """
    if not verify_leaf(facts.readings_root, evidence.leaves, facts.leaf, evidence.leaf, evidence.proof):
        return Label("电量记录不在承诺树中。", "The reading is not in the committed tree.")
    try:
        leaf = Leaf.unpack(evidence.leaf)
    except BadInput as error:
        return Label("电量记录无法读取。", str(error))
    batch = BatchKey.from_id(facts.token_id >> 32)
    if (leaf.project, leaf.electricity) != (batch.project, batch.electricity):
        return Label("电量记录属于另一项目或类别。", "The reading is of another project or class.")
    fewest, _ = certificates_of(0, leaf.wh)
    most, _ = certificates_of(WH_PER_CERTIFICATE.value - 1, leaf.wh)
    if not fewest <= facts.count - facts.added <= most:
        return Label("电量与核发数量不符。", "The reading does not give that many certificates.")
    return None


def filing_fault(facts: CertificateFacts, evidence: Evidence) -> Label | None:
    """What is wrong with the filing, or None: its hash is the one that the chain keeps for the project."""
    if evidence.filing_hash != facts.filing_hash:
        return Label("项目档案与链上记录不一致。", "The filing is not the recorded one.")
    return None
