"""One error tree, so that a caller asks of every failure: bad input, try again, or broken proof?

GecError
├── BadInput      what was handed in cannot be accepted; says which row, field and value, and what to do
│   └── Unsigned          nobody can tell who asks; says how to sign
├── NotFound      what was asked for does not exist
├── Refused       a rule or a role forbids it; carries the contract's error where there is one
│   └── NotEntitled       who asks is known and may not have it
├── Unavailable   node, database or file is out of reach; trying again may help
│   └── TooMany           this caller asks too often; says when to ask again
└── BrokenProof   chain, ledger and store disagree; nobody should go on
    └── EvidenceDamaged   kept bytes do not have the hash by which they are kept
"""

import re
from typing import Final

__all__ = [
    "MAKE_ROOM",
    "BadInput",
    "BrokenProof",
    "EvidenceDamaged",
    "GecError",
    "NotEntitled",
    "NotFound",
    "Refused",
    "TooMany",
    "Unavailable",
    "Unsigned",
    "without_password",
]

MAKE_ROOM: Final = "Make room on its disk, then try again."
_PASSWORD: Final = re.compile(r"(?<=://)([^/@\s]*?):[^/\s]*@|(?<=://):[^@\s]*@")


class GecError(Exception):
    """Root of every error that gecchain raises on purpose. `remedy` is one sentence, or empty."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class BadInput(GecError):
    """Input that cannot be accepted. `row` is a 1-based line or row, None where there is none."""

    def __init__(
        self,
        message: str,
        *,
        row: int | None = None,
        field: str = "",
        value: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.row = row
        self.field = field
        self.value = value


class Unsigned(BadInput):
    """A request that must be signed is not, or its signature does not hold."""


class NotFound(GecError):
    """What was asked for does not exist (or is not indexed yet)."""


class Refused(GecError):
    """A rule or a role forbids it. `reason` is the contract's error name, or empty."""

    def __init__(self, message: str, *, reason: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reason = reason


class NotEntitled(Refused):
    """Who asks is known, and may not have it."""


class Unavailable(GecError):
    """Node, database or file is out of reach; trying again may help."""


class TooMany(Unavailable):
    """This caller asks too often. `after` is in how many seconds it may ask again."""

    def __init__(self, message: str, *, after: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.after = after


class BrokenProof(GecError):
    """Chain, ledger and store disagree. `where` names the first difference."""

    def __init__(self, message: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.where = where


class EvidenceDamaged(BrokenProof):
    """An evidence's bytes or its label are not what was handed in. `where` is its hash."""


def without_password(url: str) -> str:
    """A URL as it may be shown: what stands between name and host is starred out."""
    return _PASSWORD.sub(lambda found: f"{found.group(1) or ''}:***@", url)
