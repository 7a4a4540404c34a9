"""Enumerations that people read: each member has its number, a short code, and its name in Chinese and English.

Kept apart so that classes, purposes and provinces speak of labels in one way.
"""

import re
from enum import IntEnum
from typing import NamedTuple, Self

from gecchain.errors import BadInput

__all__ = ["Label", "LabelledEnum", "certificates"]


class Label(NamedTuple):
    """The name of something in Chinese and in English."""

    zh: str
    en: str


class LabelledEnum(IntEnum):
    """An IntEnum whose members are `NUMBER, code, Chinese, English`; `code` may repeat or be empty."""

    code: str
    label: Label

    def __new__(cls, number: int, code: str, zh: str, en: str) -> Self:
        """A member from its four parts."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.code = code
        member.label = Label(zh, en)
        return member

    @property
    def slug(self) -> str:
        """The name in files, JSON and SQL: lower case, words joined by underscores."""
        return self.name.lower()

    @classmethod
    def of_slug(cls, slug: str) -> Self:
        """The member of that slug; BadInput names those there are."""
        try:
            return cls[slug.upper()]
        except KeyError:
            known = ", ".join(member.slug for member in cls)
            raise cls._unknown(slug, f"Use one of: {known}.") from None

    @classmethod
    def of_number(cls, number: int) -> Self:
        """The member of that number; BadInput if there is none."""
        found = cls._value2member_map_.get(number)
        if isinstance(found, cls):
            return found
        known = ", ".join(f"{member.value} {member.slug}" for member in cls)
        raise cls._unknown(str(number), f"Known are: {known}.")

    @classmethod
    def _unknown(cls, value: str, remedy: str) -> BadInput:
        words = re.sub("(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
        return BadInput(f"{value!r} is no {words}.", field=words, value=value, remedy=remedy)


def certificates(count: int) -> str:
    """A quantity in a sentence: `1 certificate`, `12,345 certificates`."""
    return f"{count:,} certificate" + ("" if count == 1 else "s")
