"""Batches, their segments and what happened to them, and the sums."""

from dataclasses import dataclass

__all__ = [
    "Addition",
    "Balance",
    "Batch",
    "Deduction",
    "ExpiryWarning",
    "Retirement",
    "Segment",
    "Step",
    "Tally",
    "Totals",
    "UndoneRetirement",
]


@dataclass(frozen=True, slots=True)
class Batch:
    """Certificates of one project, month and class. `leaf` counts over the commitment; `filing` is a version.

    `word` is that leaf, packed. `holder` is the first one; `count` grows by additions; `case_id` is the open case over
    it, or 0.
    """

    id: int
    count: int
    commitment: int
    leaf: int
    filing: int
    position: int
    month: int
    holder: str
    case_id: int = 0
    word: int = 0


@dataclass(frozen=True, slots=True)
class Addition:
    """Serials that a decided case added to a batch (Q95). `basis` is the hash of the evidence it was decided on."""

    batch: int
    start: int
    end: int
    holder: str
    case_id: int
    basis: str
    position: int


@dataclass(frozen=True, slots=True)
class Segment:
    """Serials `[start, end)` with one owner and one history; `since` is the position that made it what it is.

    `trade` is the one trade it has had, 0 while it is left to it.
    """

    batch: int
    start: int
    end: int
    owner: str
    state: int
    trade: int
    since: int

    @property
    def traded(self) -> bool:
        """Whether its one trade is used (Q51)."""
        return self.trade != 0


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the life of a range; `previous` is the position of the one before it, so histories are chains."""

    position: int
    batch: int
    start: int
    end: int
    previous: int


@dataclass(frozen=True, slots=True)
class Retirement:
    """A retired range and its claim (Q54, Q79); identified by its position. Months `[period_start, period_end)`.

    `undone` certificates were given back.
    """

    position: int
    batch: int
    start: int
    end: int
    holder: str
    reason: int
    beneficiary: str
    purpose: int
    period_start: int
    period_end: int
    statement: str
    undone: int = 0


@dataclass(frozen=True, slots=True)
class UndoneRetirement:
    """A part of a retirement (its position) that a case undid (Q95); identified by its own position."""

    position: int
    retirement: int
    batch: int
    start: int
    end: int
    holder: str
    case_id: int


@dataclass(frozen=True, slots=True)
class Deduction:
    """Numbers that a case ended (Q95); identified by its position."""

    position: int
    batch: int
    start: int
    end: int
    holder: str
    case_id: int


@dataclass(frozen=True, slots=True)
class ExpiryWarning:
    """That the end of a production month's certificates was told (Q96). `expires_at` in UTC seconds."""

    month: int
    expires_at: int
    position: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Certificates of one account: `holding` is alive in any state, `retired` and `deducted` ended as its (I3)."""

    account: str
    holding: int
    retired: int
    deducted: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """Certificates counted by what statistics ask for; `month` is the production month."""

    month: int
    province: int
    technology: int
    electricity: int
    tradable: bool
    issued: int
    traded: int
    retired: int
    deducted: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """The whole registry, one row, `id` is 1.

    `metered_wh == 1_000_000 * (issued - deducted - owed) + carry_wh` (I4); `issued == held + retired + deducted` (I3).
    """

    id: int = 1
    metered_wh: int = 0
    carry_wh: int = 0
    issued: int = 0
    retired: int = 0
    deducted: int = 0
    owed: int = 0
