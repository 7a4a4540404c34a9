"""Sums that pages rank, draw and search by, kept by the fold so that nobody has to add up ranges for an answer."""

from dataclasses import dataclass

__all__ = ["Consumption", "ProjectName", "Turnover"]


@dataclass(frozen=True, slots=True)
class Consumption:
    """Certificates whose consumption an account has declared (Q54, Q58), by the year in which they were generated.

    The year is that of production because an assessment counts what was generated in its year (Q63); that the ranking
    does so too is ours. A retirement that a case undid is taken off again.
    """

    account: str
    year: int
    certificates: int


@dataclass(frozen=True, slots=True)
class Turnover:
    """What was traded in a calendar month (Beijing time) of one province's and technology's certificates, by way.

    `fen` is the sum of prices. It is the history of the market: a trade that is undone later stays in it.
    """

    month: int
    province: int
    technology: int
    way: int
    certificates: int
    fen: int


@dataclass(frozen=True, slots=True)
class ProjectName:
    """A project's code and the name in its filing in force, or before the first approval in the newest one.

    `folded` is the name as it is searched: without difference of case and width.
    """

    project: int
    code: str
    name: str
    folded: str
