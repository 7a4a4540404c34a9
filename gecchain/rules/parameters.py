"""Every number of the rules that may change, in one place, each with its source and the month it took effect.

A rule that changes is changed here and nowhere else. Sources are questions of the official 100 questions and answers
of March 2025 (`Q28`), the rules of January 2026 (`2026 rules`), or `ours` where the choice is this registry's own.
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

__all__ = [
    "ALL_PARAMETERS",
    "CAPACITY_MARGIN",
    "CHECK_DAYS",
    "CHUNK_LEAVES",
    "DECISION_DAYS",
    "EXECUTION_DAYS",
    "LANE_WINDOW",
    "MARKET_HYDRO_FROM",
    "MAX_CERTIFICATES",
    "MECHANISM_TRADABLE",
    "PROPOSAL_DAYS",
    "TRANSITION_BEFORE",
    "TRANSITION_LAST_MONTH",
    "UTC_OFFSET",
    "VALIDITY",
    "WARNING",
    "WH_PER_CERTIFICATE",
    "Parameter",
]

T = TypeVar("T", int, str, bool)


@dataclass(frozen=True, slots=True)
class Parameter(Generic[T]):
    """One number of the rules. `effective` is a month `YYYY-MM`, or empty where the source names none."""

    name: str
    value: T
    unit: str
    source: str
    effective: str = ""


WH_PER_CERTIFICATE: Final = Parameter("energy of one certificate", 1_000_000, "Wh", "Q2, Q13, Q24")
VALIDITY: Final = Parameter(
    "months after the production month", 24, "months", "Q28 (国能发新能规〔2024〕67号)", "2024-08"
)
TRANSITION_BEFORE: Final = Parameter("production before this month is in transition", "2024-01", "month", "Q28")
TRANSITION_LAST_MONTH: Final = Parameter("last month of transition certificates", "2025-12", "month", "Q28")
WARNING: Final = Parameter("warning before the end", 3, "months", "Q96")
UTC_OFFSET: Final = Parameter("offset of Beijing time", 8, "hours", "Q80; UTC+8 all year")
MARKET_HYDRO_FROM: Final = Parameter("hydro in operation from here may be tradable", "2023-01", "month", "Q23")
MECHANISM_TRADABLE: Final = Parameter("mechanism electricity is tradable", False, "", "2026 rules", "2026-01")
MAX_CERTIFICATES: Final = Parameter("certificates of one batch", 999_999_999, "certificates", "ours: nine digits")
LANE_WINDOW: Final = Parameter("months behind the latest issued one that stay open", 32, "months", "ours")
PROPOSAL_DAYS: Final = Parameter("days for the proposal in a case", 10, "days", "ours")
CHECK_DAYS: Final = Parameter("days for the check in a case", 10, "days", "ours")
DECISION_DAYS: Final = Parameter("days for the decision in a case", 10, "days", "ours")
EXECUTION_DAYS: Final = Parameter("days for the execution of a decided case", 20, "days", "ours")
CAPACITY_MARGIN: Final = Parameter("margin above capacity x hours", 5, "percent", "ours")
CHUNK_LEAVES: Final = Parameter("leaves proved together", 256, "leaves", "ours")

ALL_PARAMETERS: Final = (
    WH_PER_CERTIFICATE,
    VALIDITY,
    TRANSITION_BEFORE,
    TRANSITION_LAST_MONTH,
    WARNING,
    UTC_OFFSET,
    MARKET_HYDRO_FROM,
    MECHANISM_TRADABLE,
    MAX_CERTIFICATES,
    LANE_WINDOW,
    PROPOSAL_DAYS,
    CHECK_DAYS,
    DECISION_DAYS,
    EXECUTION_DAYS,
    CAPACITY_MARGIN,
    CHUNK_LEAVES,
)
