"""Documents at the door: set on demand, sealed by another process, and compared with what somebody has.

The same document as of the same block has the same bytes, so a file that somebody has is compared by its SHA-256 alone:
its bytes are made here again, and nobody has to upload anything.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from anyio import CapacityLimiter

from api.sealer import Sealer
from api.settings import ApiSettings
from gecchain.chain.deployment import Deployment
from gecchain.documents import Chain, Document, Press
from gecchain.documents.press import WORKERS
from gecchain.errors import NotFound, Unavailable

__all__ = ["Compared", "DocumentDesk", "Form", "Verdict"]


class Form(StrEnum):
    """In which form somebody has a document."""

    DATA = "data"
    PDF = "pdf"
    SEALED_PDF = "sealed_pdf"


class Verdict(StrEnum):
    """What comes of comparing bytes. `incomparable`: another press or seal made them, this process cannot say."""

    SAME = "same"
    DIFFERENT = "different"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class Compared:
    """The verdict, and for `same` the form."""

    verdict: Verdict
    form: Form | None = None


class DocumentDesk:
    """What all requests for documents share."""

    def __init__(self, settings: ApiSettings, deployment: Deployment) -> None:
        self._settings = settings
        self.chain = Chain(deployment.chain_id, deployment.certificates)
        self.sealer = Sealer(settings.sealer) if settings.sealer else None

    @cached_property
    def press(self) -> Press:
        """Sets documents. Unavailable if a typeface is missing on this machine."""
        try:
            return Press(self._settings.base_url, fonts=self._settings.fonts, demo=self._settings.demo)
        except NotFound as error:
            raise Unavailable(error.message, remedy=error.remedy) from error

    @cached_property
    def limiter(self) -> CapacityLimiter:
        """So many threads set or seal at once: documents must not take the threads of everything else."""
        return CapacityLimiter(WORKERS)

    def pdf(self, document: Document, *, sealed: bool) -> tuple[bytes, str | None]:
        """The PDF and the fingerprint of its seal, None for an unsealed one. Unavailable if the seal is away."""
        if sealed and self.sealer is not None:
            return self.sealer.sealed(document), self.sealer.fingerprint()
        return self.press.set(document), None

    def etag(self, document: Document, *, sealed: bool) -> str:
        """What changes whenever the bytes of the PDF would."""
        seal = self.sealer.fingerprint() if sealed and self.sealer is not None else "unsealed"
        return f'"{document.sha256[:32]}-{self.press.name}-{seal}"'

    def compare(self, document: Document, sha256: str, *, press: str = "", seal: str = "") -> Compared:
        """Whether a file of that SHA-256 is this document, byte by byte.

        `press` and `seal` are what the file says of itself: they are never a reason to believe it.
        """
        if sha256 == document.sha256:
            return Compared(Verdict.SAME, Form.DATA)
        if press not in ("", self.press.name):
            return Compared(Verdict.INCOMPARABLE)
        if not seal and _digest(self.press.set(document)) == sha256:
            return Compared(Verdict.SAME, Form.PDF)
        if seal and (self.sealer is None or seal != self.sealer.fingerprint()):
            return Compared(Verdict.INCOMPARABLE)
        if self.sealer is not None and _digest(self.sealer.sealed(document)) == sha256:
            return Compared(Verdict.SAME, Form.SEALED_PDF)
        return Compared(Verdict.DIFFERENT)

    def close(self) -> None:
        """Gives the connection to the sealing process back."""
        if self.sealer is not None:
            self.sealer.close()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
