"""How people name certificates at the terminal: the number of the first one, and how many."""

from __future__ import annotations

import re
from typing import Final

from gecchain.errors import BadInput
from gecchain.rules import Range, parse_number, split_token_id

__all__ = ["fen_to_yuan", "serials_from", "yuan_to_fen"]

_YUAN: Final = re.compile(r"(?P<yuan>[0-9]{1,15})(?:\.(?P<cents>[0-9]{1,2}))?")


def serials_from(number: str, quantity: int) -> tuple[int, Range]:
    """Batch id and serials of `quantity` certificates from this number on."""
    if quantity < 1:
        raise BadInput("a quantity is at least 1", field="quantity", value=str(quantity))
    batch, serial = split_token_id(parse_number(number))
    return batch, Range(serial, serial + quantity)


def yuan_to_fen(text: str) -> int:
    """Price in fen from yuan with at most two decimals, exactly: `4.50` is 450."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise BadInput(
            "a price is yuan with at most two decimals", field="price", value=text, remedy="For instance 4.50"
        )
    return int(found["yuan"]) * 100 + int((found["cents"] or "").ljust(2, "0"))


def fen_to_yuan(fen: int) -> str:
    """Price in yuan with two decimals: 450 is `4.50`."""
    return f"{fen // 100}.{fen % 100:02d}"
