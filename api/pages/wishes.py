"""What people ask of the market in a form: any field may be empty; what cannot be read is told beside the form."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast, get_args
from urllib.parse import urlencode

from fastapi import Request

from gecchain.errors import BadInput
from gecchain.rules import Month, Technology
from gecchain.rules.provinces import province_label
from gecchain.store.browsing import LotOrder, LotWish

__all__ = ["ORDERS", "Wish", "wish_of"]

ORDERS: Final = get_args(LotOrder)
_LONGEST: Final = 100
_YUAN: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """The form's fields as typed, what they mean, and the names of those that cannot be read."""

    typed: dict[str, str]
    lots: LotWish
    order: LotOrder
    wrong: tuple[str, ...]

    @property
    def query(self) -> str:
        """The form as the part of an address, without what was left empty."""
        return urlencode({name: text for name, text in self.typed.items() if text})

    @property
    def asked(self) -> bool:
        """Whether anything but the order was asked for."""
        return any(text for name, text in self.typed.items() if name != "order")


def wish_of(request: Request) -> Wish:
    """The wish in a request's query."""
    names = ("project", "province", "technology", "from", "until", "price", "order")
    typed = {name: request.query_params.get(name, "").strip()[:_LONGEST] for name in names}
    readers: dict[str, Callable[[str], int]] = {
        "province": _province,
        "technology": lambda text: Technology.of_slug(text).value,
        "from": lambda text: Month.parse(text).index,
        "until": lambda text: Month.parse(text).index,
        "price": _fen,
    }
    read: dict[str, int] = {}
    wrong = [name for name, reader in readers.items() if typed[name] and not _read(reader, typed[name], name, read)]
    if typed["order"] and typed["order"] not in ORDERS:
        wrong.append("order")
    return Wish(
        typed=typed,
        lots=LotWish(
            project=typed["project"],
            province=read.get("province"),
            technology=read.get("technology"),
            first_month=read.get("from"),
            last_month=read.get("until"),
            price=read.get("price"),
        ),
        order=cast("LotOrder", typed["order"] if typed["order"] in ORDERS else ORDERS[0]),
        wrong=tuple(wrong),
    )


def _read(reader: Callable[[str], int], text: str, name: str, read: dict[str, int]) -> bool:
    try:
        read[name] = reader(text)
    except BadInput:
        return False
    return True


def _province(text: str) -> int:
    code = int(text) if text.isascii() and text.isdecimal() and len(text) == 2 else 0
    province_label(code)
    return code


def _fen(text: str) -> int:
    """Yuan with up to two decimals as fen."""
    found = _YUAN.fullmatch(text.replace(",", ""))
    if found is None:
        raise BadInput(f"{text!r} is no price.", field="price", value=text, remedy="Write it as 3.50.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
