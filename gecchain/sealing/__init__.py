"""The authority's seal on documents (绿证专用章): a digital signature of its own key, and the check of one.

The key is no chain key: it can move no certificate and mint none. It belongs to an organisation's e-seal, lives in a
PKCS#12 file, and is opened only by the process that seals. The API cannot reach this room.
"""

from gecchain.sealing.checking import SealFinding, attached_file, check_seal
from gecchain.sealing.keys import Seal, create_development_seal, load_certificate, open_seal, seal_of
from gecchain.sealing.signing import apply_seal

__all__ = [
    "Seal",
    "SealFinding",
    "apply_seal",
    "attached_file",
    "check_seal",
    "create_development_seal",
    "load_certificate",
    "open_seal",
    "seal_of",
]
