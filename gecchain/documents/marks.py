"""The plain text in a document's file by which it is found: which document it is, of which block, set by which press.

It is a claim and proves nothing. A browser reads it in the bytes of a dropped file, hashes them, and asks the registry
whether these are the bytes that it makes of that document.
"""

import re
from dataclasses import dataclass
from typing import Final

from gecchain.documents.values import Kind
from gecchain.errors import BadInput

__all__ = ["Mark", "mark_in"]

_FORM: Final = re.compile(
    rb"gec-document/([0-9a-f]{16})/(certificate|voucher|retirement)/([0-9A-Z]{1,32}(?:-[0-9]{1,19})?)/([0-9]{1,12})(?![0-9])"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Name of the press, kind, code, and the block that it is of."""

    press: str
    kind: Kind
    code: str
    as_of: int

    @property
    def text(self) -> str:
        """The mark as it stands in the file."""
        return f"gec-document/{self.press}/{self.kind}/{self.code}/{self.as_of}"


def mark_in(file: bytes) -> Mark:
    """The first mark in a file's bytes; BadInput if there is none."""
    found = _FORM.search(file)
    if found is None:
        raise BadInput(
            "This is no document of this registry.", field="file", remedy="Use the PDF as it was downloaded."
        )
    press, kind, code, as_of = (part.decode() for part in found.groups())
    return Mark(press, Kind(kind), code, int(as_of))
