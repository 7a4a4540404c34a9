"""Checking a sealed file with nothing but the file and the certificates that one trusts; no key, no server."""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import x509 as asn1
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from gecchain.errors import BadInput

__all__ = ["SealFinding", "attached_file", "check_seal"]

# A certificate that nobody vouches for is a finding here and no trouble to be logged.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())
logging.getLogger("pyhanko").propagate = False


@dataclass(frozen=True, slots=True)
class SealFinding:
    """What a file's seal is worth. `intact`: the signature is of these bytes; `whole`: of all of them.

    `trusted`: its certificate is one of those handed in, or issued by one. `moment` is the time written in it.
    """

    intact: bool
    whole: bool
    trusted: bool
    name: str
    fingerprint: str
    certificate: asn1.Certificate
    moment: datetime | None

    @property
    def good(self) -> bool:
        """Whether the seal holds, whoever's it is."""
        return self.intact and self.whole


def check_seal(pdf: bytes, trusted: Sequence[asn1.Certificate] = ()) -> SealFinding | None:
    """The finding about a file's one seal, None if it has none. BadInput if it is no PDF, or has more than one."""
    reader = _reader(pdf)
    try:
        found = reader.embedded_regular_signatures
        if not found:
            return None
        if len(found) > 1:
            raise BadInput("The file has more than one signature.", field="file", remedy="Use it as it was downloaded.")
        context = ValidationContext(trust_roots=list(trusted), allow_fetching=False)
        usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
        status = validate_pdf_signature(found[0], context, key_usage_settings=usage)
    except (PdfError, SignatureValidationError, SigningError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"The file's signature cannot be read: {error}", field="file") from error
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    certificate = status.signing_cert
    return SealFinding(
        intact=bool(status.intact and status.valid),
        whole=whole and bool(status.docmdp_ok),
        trusted=bool(status.trusted),
        name=str(certificate.subject.native.get("common_name", "")),
        fingerprint=certificate.sha256.hex()[:16],
        certificate=certificate,
        moment=status.signer_reported_dt,
    )


def attached_file(pdf: bytes, name: str) -> bytes:
    """The bytes of a file that is attached to a PDF. BadInput if there is none of that name."""
    reader = _reader(pdf)
    try:
        names: Any = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
        found = {str(names[at]): names[at + 1] for at in range(0, len(names), 2)}
        return bytes(found[name]["/EF"]["/F"].data)
    except (PdfError, KeyError, IndexError, TypeError, ValueError) as error:
        raise BadInput(f"No {name} is attached to the file.", field="file", value=name) from error


def _reader(pdf: bytes) -> PdfFileReader:
    try:
        return PdfFileReader(io.BytesIO(pdf))
    except (PdfError, ValueError, KeyError, TypeError, IndexError, OSError) as error:
        raise BadInput(f"This is no PDF that can be read: {error}", field="file") from error
