"""Accounts, who acts for them, projects, and their choice between certificates and CCER."""

from dataclasses import dataclass

__all__ = [
    "AccountClosed",
    "AccountFrozen",
    "AccountOpened",
    "CcerChosen",
    "CcerLinkageSet",
    "CcerRegistered",
    "EnergyCorrected",
    "FilingReviewed",
    "FilingSubmitted",
    "MandateFiled",
    "MandateRevoked",
    "OperatorChanged",
    "PlatformAdmitted",
]


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account exists from now on (Q84, Q86). `province` is 0 where it does not apply; a person has no name."""

    account: str
    kind: int
    province: int
    operator: str
    name: str


@dataclass(frozen=True, slots=True)
class PlatformAdmitted:
    """A platform's account got its bit (0..63) in the mask of a listing's platforms (Q97)."""

    account: str
    index: int


@dataclass(frozen=True, slots=True)
class OperatorChanged:
    """Another key acts for the account (Q88)."""

    account: str
    operator: str


@dataclass(frozen=True, slots=True)
class AccountFrozen:
    """The account may not act any more, or may again."""

    account: str
    frozen: bool
    reason: str


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """The account neither acts nor receives any more; what it holds is to be retired (账户注销, 2026 rules)."""

    account: str
    reason: str


@dataclass(frozen=True, slots=True)
class MandateFiled:
    """An agent acts for the principal in `[from_, until)`, UTC seconds (授权委托, Q36, Q40). `document` is a hash."""

    principal: str
    agent: str
    from_: int
    until: int
    document: str


@dataclass(frozen=True, slots=True)
class MandateRevoked:
    """The mandate ended before its day."""

    principal: str
    agent: str


@dataclass(frozen=True, slots=True)
class FilingSubmitted:
    """A version of a project's filing (建档立卡, Q90) waits for its province. `in_operation` is a month."""

    project: int
    version: int
    owner: str
    in_operation: int
    capacity_kw: int
    market_based: bool
    document: str


@dataclass(frozen=True, slots=True)
class FilingReviewed:
    """The province approved a version or sent it back (Q91)."""

    project: int
    version: int
    approved: bool
    reviewer: str
    reason: str


@dataclass(frozen=True, slots=True)
class CcerChosen:
    """The project turned to CCER, or back: its untraded certificates stand still meanwhile (Q12, Q66)."""

    project: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class CcerRegistered:
    """Emission reductions of the months `[from_, to)` were registered under a number (Q79, Q80)."""

    project: int
    from_: int
    to: int
    number: str


@dataclass(frozen=True, slots=True)
class CcerLinkageSet:
    """Projects can turn to CCER until then, in UTC seconds; 0 for no end."""

    ends: int


@dataclass(frozen=True, slots=True)
class EnergyCorrected:
    """A decided case corrects a month's metered energy: so many certificates more, or fewer (Q95)."""

    project: int
    month: int
    electricity: int
    case_id: int
    watt_hours: int
    certificates: int
