"""Certificate, trade voucher and retirement sheet as documents: data, pages, and the mark by which they are found.

A document is a pure function of what the registry says as of a block: the same data give the same bytes, in any
process and at any time. This room knows no web, no database and no key.
"""

from gecchain.documents.certificate import certificate_document
from gecchain.documents.retirement import retirement_document
from gecchain.documents.values import FORMAT, Chain, Document, Kind
from gecchain.documents.voucher import voucher_document

__all__ = [
    "FORMAT",
    "Chain",
    "Document",
    "Kind",
    "certificate_document",
    "retirement_document",
    "voucher_document",
]
