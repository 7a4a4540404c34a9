"""Certificate, trade voucher and retirement sheet as documents: data, pages, and the mark by which they are found.

A document is a pure function of what the registry says as of a block: the same data give the same bytes, in any
process and at any time. This room knows no web, no database and no key.
"""

from gecchain.documents.certificate import certificate_document
from gecchain.documents.marks import Mark, mark_in
from gecchain.documents.press import ATTACHMENT, SEAL_BOX, Press
from gecchain.documents.retirement import retirement_document
from gecchain.documents.typefaces import DEFAULT_FOLDER
from gecchain.documents.values import FORMAT, Chain, Document, Kind
from gecchain.documents.voucher import voucher_document

__all__ = [
    "ATTACHMENT",
    "DEFAULT_FOLDER",
    "FORMAT",
    "SEAL_BOX",
    "Chain",
    "Document",
    "Kind",
    "Mark",
    "Press",
    "certificate_document",
    "mark_in",
    "retirement_document",
    "voucher_document",
]
