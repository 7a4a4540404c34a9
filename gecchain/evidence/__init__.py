"""The evidence room: files whose hash stands on the chain, kept by that hash, and downloadable by who may.

What a declaration, a correction or a dispute rests on (settlement sheets, meter certificates: Q26, Q95) is too large
and too private for the chain, which keeps 32 bytes: the file's Keccak-256. Here is the file that belongs to them.
Nothing here holds a key: whoever asks signs, and the signature alone decides.
"""

from gecchain.evidence.access import (
    AUTHORIZATION_SCHEME,
    LONGEST_VALIDITY,
    Request,
    Standing,
    authorization,
    parse_authorization,
    require_entitled,
    signable,
    signer_of,
)
from gecchain.evidence.label import Label, parse_digest
from gecchain.evidence.room import SIZE_LIMIT, Condition, EvidenceRoom, Finding

__all__ = [
    "AUTHORIZATION_SCHEME",
    "LONGEST_VALIDITY",
    "SIZE_LIMIT",
    "Condition",
    "EvidenceRoom",
    "Finding",
    "Label",
    "Request",
    "Standing",
    "authorization",
    "parse_authorization",
    "parse_digest",
    "require_entitled",
    "signable",
    "signer_of",
]
