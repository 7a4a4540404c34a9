"""Project codes, batches, token ids and certificate numbers: pure packings that translate without asking anybody.

The layout (version 1) is ours: the official widths of the 32-character number (绿证编码, Q16) are not public.
Everything that decodes encodes back to itself: what is not canonical is refused. Ids are plain integers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

from stdnum.iso7064 import mod_37_36

from gecchain.errors import BadInput
from gecchain.rules.classes import Electricity, ProjectType, Technology
from gecchain.rules.months import MAX_MONTH_INDEX, Month
from gecchain.rules.parameters import MAX_CERTIFICATES
from gecchain.rules.typed import canonical_text

__all__ = [
    "MAX_SEQUENCE",
    "NUMBER_LAYOUT",
    "BatchKey",
    "ProjectKey",
    "number_of",
    "parse_number",
    "split_token_id",
    "token_id",
]

NUMBER_LAYOUT: Final = 1
MAX_SEQUENCE: Final = 999_999
_FIRST_PROVINCE, _LAST_PROVINCE = 11, 82
_CODE_LENGTH, _NUMBER_LENGTH = 17, 32
_KEPT: Final = 1 << 14
_E = TypeVar("_E", ProjectType, Electricity)


@dataclass(frozen=True, slots=True)
class ProjectKey:
    """Identity of a project for life (项目代码, Q21): five facts in 48 bits or 17 characters.

    `approved` is the month of approval, `province` the GB/T 2260 code (11 to 82), `sequence` 0 to 999,999. BadInput
    names the part that is out of its range.
    """

    type: ProjectType
    technology: Technology
    approved: Month
    province: int
    sequence: int

    def __post_init__(self) -> None:
        if not _FIRST_PROVINCE <= self.province <= _LAST_PROVINCE:
            raise _wrong("province", str(self.province), f"expected {_FIRST_PROVINCE} to {_LAST_PROVINCE} (GB/T 2260)")
        if not 0 <= self.sequence <= MAX_SEQUENCE:
            raise _wrong("sequence", str(self.sequence), f"expected 0 to {MAX_SEQUENCE}")

    @property
    def id(self) -> int:
        """48 bits, high first: type 4, technology 5, approval month 12, province 7, sequence 20."""
        kind = self.type << 5 | self.technology
        return ((kind << 12 | self.approved.index) << 7 | self.province) << 20 | self.sequence

    @classmethod
    def from_id(cls, project_id: int) -> ProjectKey:
        """The project of a 48-bit id; BadInput if no project has it."""
        return _project(project_id)

    @property
    def code(self) -> str:
        """17 characters: type, energy, technology 2, approval month 4, province 2, sequence 6, check."""
        return _code(self.id)

    @classmethod
    def parse(cls, text: str) -> ProjectKey:
        """Read a project code as people type it; BadInput points at the part that is wrong."""
        return _parsed(text)


@dataclass(frozen=True, slots=True)
class BatchKey:
    """Certificates of one project, production month and class; `project` is the 48-bit project id."""

    project: int
    month: Month
    electricity: Electricity
    tradable: bool

    def __post_init__(self) -> None:
        if not 0 <= self.project < 1 << 48:
            raise _wrong("project id", str(self.project), "expected 48 bits")

    @property
    def id(self) -> int:
        """64 bits, high first: project 48, production month 12, electricity 3, tradable 1."""
        return ((self.project << 12 | self.month.index) << 3 | self.electricity) << 1 | self.tradable

    @classmethod
    def from_id(cls, batch_id: int) -> BatchKey:
        """The batch of a 64-bit id; BadInput if no batch has it."""
        return _batch(batch_id)


# Packings never change what they mean, and the same few are asked for again and again.


@lru_cache(maxsize=_KEPT)
def _project(project_id: int) -> ProjectKey:
    if not 0 <= project_id < 1 << 48:
        raise _wrong("project id", str(project_id), "expected 48 bits")
    return ProjectKey(
        ProjectType.of_number(project_id >> 44),
        Technology.of_number(project_id >> 39 & 0x1F),
        Month(project_id >> 27 & MAX_MONTH_INDEX),
        project_id >> 20 & 0x7F,
        project_id & 0xFFFFF,
    )


@lru_cache(maxsize=_KEPT)
def _parsed(text: str) -> ProjectKey:
    code = canonical_text(text)
    if len(code) != _CODE_LENGTH:
        raise _wrong("length", text, f"expected {_CODE_LENGTH} characters, found {len(code)}")
    key = ProjectKey(
        _lettered(ProjectType, "project type", code[0]),
        _technology(code),
        _month("approval month", code[4:8]),
        _digits("province", code[8:10]),
        _digits("sequence", code[10:16]),
    )
    if code != key.code:
        raise _wrong("check character", code[16], f"expected {key.code[16]}, found {code[16]}")
    return key


@lru_cache(maxsize=_KEPT)
def _code(project_id: int) -> str:
    key = _project(project_id)
    head = f"{key.type.code}{key.technology.code}{key.technology:02d}{key.approved.code}"
    body = f"{head}{key.province:02d}{key.sequence:06d}"
    return body + str(mod_37_36.calc_check_digit(body))


@lru_cache(maxsize=_KEPT)
def _batch(batch_id: int) -> BatchKey:
    if not 0 <= batch_id < 1 << 64:
        raise _wrong("batch id", str(batch_id), "expected 64 bits")
    project = ProjectKey.from_id(batch_id >> 16)
    month = Month(batch_id >> 4 & MAX_MONTH_INDEX)
    return BatchKey(project.id, month, Electricity.of_number(batch_id >> 1 & 7), bool(batch_id & 1))


@lru_cache(maxsize=_KEPT)
def _around_serial(batch_id: int) -> tuple[str, str]:
    """What the numbers of a batch have before and after the serial."""
    batch = BatchKey.from_id(batch_id)
    before = f"{ProjectKey.from_id(batch.project).code}{batch.month.code}"
    return before, f"{batch.electricity.code}{'T' if batch.tradable else 'N'}"


def token_id(batch_id: int, serial: int) -> int:
    """96 bits: batch 64, serial 32. A serial is 0 to 999,999,998 since a batch holds at most 999,999,999."""
    if not 0 <= serial < MAX_CERTIFICATES.value:
        raise _wrong("serial", str(serial), f"expected 0 to {MAX_CERTIFICATES.value - 1}")
    return batch_id << 32 | serial


@lru_cache(maxsize=_KEPT)
def split_token_id(token: int) -> tuple[int, int]:
    """`(batch id, serial)` of a token id; BadInput if no certificate can have it."""
    if not 0 <= token < 1 << 96:
        raise _wrong("token id", str(token), "expected 96 bits")
    batch_id, serial = BatchKey.from_id(token >> 32).id, token & 0xFFFFFFFF
    if serial >= MAX_CERTIFICATES.value:
        raise _wrong("serial", str(serial), f"expected 0 to {MAX_CERTIFICATES.value - 1}")
    return batch_id, serial


@lru_cache(maxsize=_KEPT)
def number_of(token: int) -> str:
    """The 32 characters: project code 17, production month 4, serial 9, electricity letter, `T` or `N`."""
    batch_id, serial = split_token_id(token)
    before, after = _around_serial(batch_id)
    return f"{before}{serial:09d}{after}"


def parse_number(text: str) -> int:
    """The token id of a certificate number as people type it; BadInput points at the part that is wrong."""
    number = canonical_text(text)
    if len(number) != _NUMBER_LENGTH:
        raise _wrong("length", text, f"expected {_NUMBER_LENGTH} characters, found {len(number)}")
    project = ProjectKey.parse(number[:17])
    month = _month("production month", number[17:21])
    serial = _digits("serial", number[21:30])
    electricity = _lettered(Electricity, "electricity", number[30])
    if number[31] not in "TN":
        raise _wrong("trading class", number[31], f"expected T or N, found {number[31]}")
    return token_id(BatchKey(project.id, month, electricity, number[31] == "T").id, serial)


def _technology(code: str) -> Technology:
    technology = Technology.of_number(_digits("technology", code[2:4]))
    if code[1] != technology.code:
        raise _wrong("energy", code[1], f"technology {code[2:4]} wants {technology.code}, found {code[1]}")
    return technology


def _lettered(kind: type[_E], field: str, letter: str) -> _E:
    for member in kind:
        if member.code == letter:
            return member
    raise _wrong(field, letter, f"expected one of {''.join(member.code for member in kind)}, found {letter}")


def _month(field: str, code: str) -> Month:
    try:
        return Month.from_code(code)
    except BadInput:
        raise _wrong(field, code, "expected four characters such as C609 for 2026-09") from None


def _digits(field: str, text: str) -> int:
    if re.fullmatch("[0-9]+", text) is None:
        raise _wrong(field, text, f"expected {len(text)} digits")
    return int(text)


def _wrong(field: str, value: str, remedy: str) -> BadInput:
    return BadInput(f"The {field} {value!r} is wrong.", field=field, value=value, remedy=f"{field}: {remedy}.")
