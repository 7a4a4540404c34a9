"""Path and query parameters that many routes share, read into the types that the store wants."""

import re
from typing import Annotated, Final

from fastapi import Query

from gecchain.errors import BadInput, NotFound
from gecchain.rules import Electricity, Month, ProjectKey, Technology
from gecchain.rules.provinces import PROVINCES

__all__ = [
    "Account",
    "After",
    "Block",
    "Limit",
    "Months",
    "ProjectCode",
    "Province",
    "TechnologyWord",
    "account_address",
    "electricity_number",
    "month_index",
    "project_id",
    "province_number",
    "retirement_position",
    "serial_number",
    "technology_number",
    "word",
]

_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")
_WORD: Final = re.compile(r"0[xX][0-9a-fA-F]{64}")
_DIGITS: Final = re.compile(r"[0-9]{1,19}")

After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=500, description="How many items at the most")]
Account = Annotated[str | None, Query(max_length=400, description="Account address, 0x and 40 hex digits")]
ProjectCode = Annotated[str | None, Query(max_length=400, description="Project code, 17 characters")]
Months = Annotated[str | None, Query(max_length=40, description="Production month, such as 2026-09")]
Province = Annotated[str | None, Query(max_length=40, description="Province, two digits of GB/T 2260 such as 15")]
TechnologyWord = Annotated[str | None, Query(max_length=40, description="Technology, such as wind or solar_pv")]
Block = Annotated[int | None, Query(ge=0, le=1 << 38, description="Only what happened in this block or later")]


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


def project_id(code: str) -> int:
    """A project's id by its code; BadInput points at the part that is wrong."""
    return ProjectKey.parse(code).id


def month_index(field: str, text: str | None) -> int | None:
    """A production month; BadInput if it is none."""
    if text is None:
        return None
    try:
        return Month.parse(text).index
    except BadInput as error:
        raise BadInput(error.message, field=field, value=text, remedy="Write it as 2026-09.") from None


def province_number(text: str | None) -> int | None:
    """A province; BadInput for what GB/T 2260 does not assign."""
    if text is None:
        return None
    found = int(text) if text.isascii() and text.isdecimal() and len(text) == 2 else 0
    if found not in PROVINCES:
        known = ", ".join(f"{number:02d}" for number in PROVINCES)
        raise BadInput("There is no such province.", field="province", value=text, remedy=f"Choose among {known}.")
    return found


def technology_number(text: str | None) -> int | None:
    """A technology by its word; BadInput names those that there are."""
    return None if text is None else int(Technology.of_slug(text))


def electricity_number(text: str | None) -> int | None:
    """A kind of electricity by its word; BadInput names those that there are."""
    return None if text is None else int(Electricity.of_slug(text))
