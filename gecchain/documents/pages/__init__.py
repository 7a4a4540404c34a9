"""What stands on the pages of a document, as text in runs: a pure function of its data, without any layout."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from gecchain.documents.pages.certificate import certificate_page
from gecchain.documents.pages.retirement import retirement_page
from gecchain.documents.pages.voucher import voucher_page
from gecchain.documents.values import Document, Kind

__all__ = ["page_of"]

_PAGES: Final[dict[Kind, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    Kind.CERTIFICATE: certificate_page,
    Kind.VOUCHER: voucher_page,
    Kind.RETIREMENT: retirement_page,
}


def page_of(document: Document) -> dict[str, Any]:
    """Titles, facts, tables and notes of a document."""
    return _PAGES[document.kind](document.data)
