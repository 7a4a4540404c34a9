"""Hashes, Merkle trees and the verification of a certificate as a numbered list of steps.

Everything is a pure function of values: the same code verifies behind the API, on the command line against a node, and
offline from a saved answer. Nothing here imports web3.
"""

from gecchain.proofs.claims import Claim, parse_claim
from gecchain.proofs.evidence import Evidence
from gecchain.proofs.facts import (
    FACTS_VERSION,
    CertificateFacts,
    certificate_hash,
    facts_hash,
    split_certificate_hash,
)
from gecchain.proofs.hashing import JsonValue, canonical_json, document_hash, keccak256, record_digest
from gecchain.proofs.steps import STEP_NAMES, Step
from gecchain.proofs.tree import (
    MAX_LEAVES,
    Chunk,
    Leaf,
    Tree,
    chunk_root,
    leaf_hash,
    verify_chunk,
    verify_leaf,
)
from gecchain.proofs.verification import (
    Status,
    Verdict,
    Verification,
    verify_certificate,
)

__all__ = [
    "FACTS_VERSION",
    "MAX_LEAVES",
    "STEP_NAMES",
    "CertificateFacts",
    "Chunk",
    "Claim",
    "Evidence",
    "JsonValue",
    "Leaf",
    "Status",
    "Step",
    "Tree",
    "Verdict",
    "Verification",
    "canonical_json",
    "certificate_hash",
    "chunk_root",
    "document_hash",
    "facts_hash",
    "keccak256",
    "leaf_hash",
    "parse_claim",
    "record_digest",
    "split_certificate_hash",
    "verify_certificate",
    "verify_chunk",
    "verify_leaf",
]
