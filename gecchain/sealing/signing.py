"""Sealing: a PAdES baseline signature (B-B) over the whole file, with the stamp where the page leaves room for it.

The signature is an appended revision, so what was typeset stays byte for byte what it was. Nothing in it comes from a
clock or from chance: its time is the time of the block that the document is of, its identifier follows from the
content, RSA of PKCS #1 v1.5 is deterministic. The same document under the same seal gives the same bytes.
"""

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import AnnotAppearances
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.stamp.base import BaseStampStyle

from gecchain.errors import BadInput
from gecchain.sealing.keys import Seal

__all__ = ["FIELD", "apply_seal"]

FIELD: Final = "Seal"
_DIGEST: Final = "sha256"


class _Revision(IncrementalPdfFileWriter):
    """An appended revision that changes no metadata and whose identifier follows from the file before it."""

    def _update_meta(self) -> None:
        pass

    @classmethod
    def _handle_id(cls, prev: Any) -> generic.ArrayObject:
        prev.stream.seek(0)
        digest = hashlib.sha256(prev.stream.read()).digest()[:16]
        first, _second = prev.trailer["/ID"]
        kept = first.original_bytes if isinstance(first, generic.TextStringObject) else bytes(first)
        return generic.ArrayObject([generic.ByteStringObject(kept), generic.ByteStringObject(digest)])


def apply_seal(
    pdf: bytes, seal: Seal, time: int, *, stamp: bytes, box: tuple[int, int, int, int], page: int = 0
) -> bytes:
    """The sealed file. `time` in UTC seconds; `stamp` is a PDF of one page that is shown in `box` of `page`.

    The box is left, bottom, right, top in points from the page's lower left corner. BadInput for a sealed file.
    """
    if b"/ByteRange" in pdf:
        raise BadInput("The file is sealed already.", field="file", remedy="Seal what was typeset, once.")
    signing = _sealed(pdf, seal, datetime.fromtimestamp(time, UTC), stamp, box, page)
    # In a thread of its own, since whoever calls may have an event loop that runs already.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, signing).result()


async def _sealed(
    pdf: bytes, seal: Seal, moment: datetime, stamp: bytes, box: tuple[int, int, int, int], page: int
) -> bytes:
    # PDF/A wants each object to begin on a line of its own (ISO 19005-3, 6.1.9), the first that is appended as well.
    out = _Revision(io.BytesIO(pdf if pdf.endswith(b"\n") else pdf + b"\n"))
    signer = PdfSigner(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=_DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            reason=f"gec seal {seal.fingerprint}",
            name=seal.name,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
        signer=seal.signer,
        stamp_style=_Stamp(drawing=stamp),
        new_field_spec=SigFieldSpec(FIELD, on_page=page, box=box),
    )
    session = signer.init_signing_session(out)
    session.system_time = moment
    reserved = await session.estimate_signature_container_size(None, tight=False)
    prepared = session.prepare_tbs_document(validation_info=None, bytes_reserved=reserved)
    stream = io.BytesIO()
    digest, _same = prepared.digest_tbs_document(output=stream)
    signed = await prepared.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=moment))
    await signed.post_signature_processing(stream)
    return stream.getvalue()


@dataclass(frozen=True)
class _Stamp(BaseStampStyle):
    """Shows a page of another PDF, under no random name."""

    drawing: bytes = b""

    def create_stamp(self, writer: BasePdfFileWriter, box: Any, text_params: Any) -> Any:
        """The stamp, drawn into the file."""
        return _Drawn(writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self.drawing))))


@dataclass(frozen=True, slots=True)
class _Drawn:
    drawing: generic.IndirectObject

    def apply_appearance(self, annotation: generic.DictionaryObject) -> None:
        """Makes it what the signature field looks like."""
        annotation["/AP"] = AnnotAppearances(normal=self.drawing).as_pdf_object()
