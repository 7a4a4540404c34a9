"""Made-up owners for plants whose source names none, with social credit codes that have right check characters.

Everything here is marked as made up wherever it shows: it exists so that a demonstration can file real plants. The
same name always gives the same code.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from gecchain.errors import BadInput

__all__ = ["made_up_owner", "made_up_uscc", "uscc_check_character"]

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_COMPANY_OF_NOWHERE: Final = "91000000"


def made_up_owner(source_id: str) -> str:
    """A name that says of itself, in two languages, that it is an example."""
    return f"示例业主 {source_id} Example Owner {source_id}"


def made_up_uscc(name: str) -> str:
    """A social credit code (统一社会信用代码, GB 32100) made from a name: of division 000000, which is none."""
    number = int.from_bytes(sha256(name.encode()).digest()[:8], "big")
    organisation = ""
    for _ in range(8):
        number, place = divmod(number, len(_ALPHABET))
        organisation += _ALPHABET[place]
    head = _COMPANY_OF_NOWHERE + organisation + _organisation_check(organisation)
    return head + uscc_check_character(head)


def uscc_check_character(head: str) -> str:
    """The eighteenth character of a social credit code (GB 32100, MOD 31); BadInput unless 17 characters are given."""
    if len(head) != len(_WEIGHTS) or set(head) - set(_ALPHABET):
        raise BadInput("A social credit code has 17 characters before its check.", field="identity", value=head)
    total = sum(weight * _ALPHABET.index(one) for weight, one in zip(_WEIGHTS, head, strict=True))
    return _ALPHABET[-total % 31]


def _organisation_check(organisation: str) -> str:
    """The ninth character of an organisation code (GB 11714, MOD 11), where letters count from A = 10."""
    total = sum(w * int(one, 36) for w, one in zip(_ORGANISATION_WEIGHTS, organisation, strict=True))
    return "0123456789X0"[11 - total % 11]
