"""From a code to a document: reads what it is made of from the store, as of a block.

The one way that API, seal and command line share, so that all of them make the same document of the same code.
"""

import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from gecchain.documents import Chain, Document, Kind, certificate_document, retirement_document, voucher_document
from gecchain.errors import BadInput
from gecchain.rules import parse_number
from gecchain.store.papers import certificate_paper, retirement_paper, voucher_paper
from gecchain.store.views.papers import Later

__all__ = ["Read", "parse_kind", "read_document"]

_CODE: Final = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?")
_LARGEST: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Read:
    """A document, and what has happened since the block it is of."""

    document: Document
    since: tuple[Later, ...]


def parse_kind(text: str) -> Kind:
    """The kind of that word; BadInput names those there are."""
    try:
        return Kind(text)
    except ValueError:
        known = ", ".join(Kind)
        raise BadInput(f"{text!r} is no document.", field="kind", value=text, remedy=f"Use one of: {known}.") from None


def read_document(db: Connection, chain: Chain, kind: Kind, code: str, as_of: int | None = None) -> Read:
    """The document of a code as of the last block up to `as_of` in which something happened to it (default: now).

    Codes: a certificate's number; a trade's number or `first-last`; a retirement's position or `first-last`.
    BadInput for a code that cannot be read, NotFound for one that the registry does not have (by that block).
    """
    if kind is Kind.CERTIFICATE:
        certificate = certificate_paper(db, parse_number(code), as_of)
        return Read(certificate_document(certificate, chain), certificate.since)
    first, last = _span(kind, code)
    if kind is Kind.VOUCHER:
        voucher = voucher_paper(db, first, last, as_of)
        return Read(voucher_document(voucher, chain), voucher.since)
    retirement = retirement_paper(db, first, last, as_of)
    return Read(retirement_document(retirement, chain), retirement.since)


def _span(kind: Kind, code: str) -> tuple[int, int]:
    found = _CODE.fullmatch(code)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last or last > _LARGEST:
        raise BadInput(
            f"This is no {kind} code.", field="code", value=code, remedy="It is a number, or two joined by a hyphen."
        )
    return first, last
