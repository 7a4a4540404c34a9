"""Path and query parameters that many routes share, read into the types that the store wants."""

import re
from typing import Annotated, Final

from fastapi import Query

from gecchain.errors import BadInput, NotFound

__all__ = ["After", "Limit", "account_address", "retirement_position", "serial_number", "word"]

_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_WORD: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")
_DIGITS: Final = re.compile(r"[0-9]{1,19}")

After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items at the most")]


def account_address(text: str) -> str:
    """An account's address in lower-case hex; BadInput if it is none."""
    if _ADDRESS.fullmatch(text) is None:
        raise BadInput(
            "This is no account.", field="account", value=text, remedy="An account is 0x and 40 hexadecimal digits."
        )
    return text.lower()


def word(field: str, text: str) -> str:
    """A hash in lower-case hex; BadInput if it is none."""
    if _WORD.fullmatch(text) is None:
        raise BadInput(f"This is no {field}.", field=field, value=text, remedy="It is 0x and 64 hexadecimal digits.")
    return text.lower()


def serial_number(field: str, text: str) -> int:
    """The number of a listing or trade; BadInput if it is none."""
    if _DIGITS.fullmatch(text) is None:
        raise BadInput(f"This is no {field} number.", field=field, value=text, remedy="It has digits only.")
    return int(text)


def retirement_position(text: str) -> int:
    """The position of a retirement; NotFound for one that no chain can have."""
    position = serial_number("retirement", text)
    if position >= 1 << 63:
        raise NotFound(f"There is no retirement {text}.")
    return position
