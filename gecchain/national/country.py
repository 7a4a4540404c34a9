"""Projects and their month by a seed: how many of each kind, how large, and what they generate.

Public of January 2026: 832,000 projects, 196 million certificates, hence 236 a project. How they spread is ours:

| share | type | capacity (median, sigma of the logarithm) | certificates a month |
| --- | --- | --- | --- |
| 60 % | household photovoltaics 户用 | 20 kW, 0.4, from 5 to 60 kW | 0 to 4, the rest is carried over |
| 37 % | distributed photovoltaics 分布式 | 200 kW, 1.3, up to 20 MW | a few to 1,600 |
| 3 % | centralised 集中式: 45 % photovoltaics | 30 MW, 0.8 | thousands |
| | 40 % wind | 52 MW, 0.7 | ten thousand |
| | 12 % hydro | 5 MW, 2.0, up to 22.5 GW | from hundreds to millions |
| | 3 % biomass | 25 MW, 0.5 | ten thousand |

A quarter of the distributed ones use their electricity themselves (自发自用), a tenth of the centralised ones are
under the mechanism (机制电量). Full-load hours and seasons are those of `oracle.derived`. The mean over many projects
is 236 in January; a small country may lie far off, since the largest plants weigh so much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log
from random import Random
from typing import Final

from gecchain.oracle.derived import FULL_LOAD_HOURS, SEASONS
from gecchain.oracle.owners import made_up_uscc
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology

__all__ = ["MEAN_CERTIFICATES", "PROVINCE_SHARES", "MadeUpProject", "projects_of", "wh_of"]

MEAN_CERTIFICATES: Final = 236
_HOUSEHOLD, _DISTRIBUTED = 0.60, 0.97
_SELF_USE, _MECHANISM = 0.25, 0.10
# Shares of the projects in thousandths, ours: households are many on the eastern plain.
PROVINCE_SHARES: Final = {
    37: 180, 41: 165, 13: 140, 32: 85, 34: 80, 33: 70, 44: 45, 36: 40, 42: 35, 43: 30, 14: 28, 61: 20, 35: 18, 45: 14,
    21: 12, 53: 8, 51: 7, 15: 6, 52: 5, 22: 4, 23: 4, 46: 2, 62: 1, 65: 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """A technology and its sizes: median and sigma of a log-normal capacity in kW, cut off at `least` and `most`."""

    technology: Technology
    median_kw: int
    sigma: float
    least_kw: int
    most_kw: int


_ROOF: Final = _Kind(Technology.SOLAR_PV, 20, 0.4, 5, 60)
_HALL: Final = _Kind(Technology.SOLAR_PV, 200, 1.3, 10, 20_000)
_PLANTS: Final = (
    (0.45, _Kind(Technology.SOLAR_PV, 30_000, 0.8, 1_000, 2_000_000)),
    (0.85, _Kind(Technology.WIND, 52_000, 0.7, 1_500, 1_500_000)),
    (0.97, _Kind(Technology.HYDRO, 5_000, 2.0, 100, 22_500_000)),
    (1.00, _Kind(Technology.BIOMASS, 25_000, 0.5, 1_000, 200_000)),
)


@dataclass(frozen=True, slots=True)
class MadeUpProject:
    """A project that does not exist; `owner_code` is no real identity either."""

    key: ProjectKey
    name: str
    owner: str
    owner_code: str
    capacity_kw: int
    in_operation: Month
    electricity: Electricity


def projects_of(province: int, count: int, seed: int) -> Iterator[MadeUpProject]:
    """`count` projects of a province (GB/T 2260), the same for the same seed; sequences count from 1."""
    draw = Random(f"{seed} {province}")  # noqa: S311 - a rehearsal must be repeatable
    for sequence in range(1, count + 1):
        yield _project(draw, province, sequence)


def wh_of(project: MadeUpProject, month: Month, seed: int) -> int:
    """Wh of a project in a month: capacity, hours and season, a tenth more or less."""
    technology = project.key.technology
    year = project.capacity_kw * 1000 * FULL_LOAD_HOURS[technology]
    chance = Random(f"{seed} {project.key.id} {month.index}").randrange(900, 1101)  # noqa: S311
    return year * SEASONS[technology][month.month - 1] * chance // 1_000_000


def _project(draw: Random, province: int, sequence: int) -> MadeUpProject:
    share = draw.random()
    if share < _HOUSEHOLD:
        type_, kind, electricity = ProjectType.HOUSEHOLD, _ROOF, Electricity.ON_GRID
    elif share < _DISTRIBUTED:
        used = draw.random() < _SELF_USE
        type_, kind = ProjectType.DISTRIBUTED, _HALL
        electricity = Electricity.SELF_USE if used else Electricity.ON_GRID
    else:
        chosen = draw.random()
        type_, kind = ProjectType.CENTRALISED, next(kind for limit, kind in _PLANTS if chosen < limit)
        electricity = Electricity.MECHANISM if draw.random() < _MECHANISM else Electricity.ON_GRID
    size = round(draw.lognormvariate(log(kind.median_kw), kind.sigma))
    approved = Month.of(draw.randrange(2012, 2025), draw.randrange(1, 13))
    key = ProjectKey(type_, kind.technology, approved, province, sequence)
    owner = f"示例业主 Example Owner {province}-{sequence if type_ is ProjectType.HOUSEHOLD else sequence // 5}"
    return MadeUpProject(
        key=key,
        name=f"示例项目 Example {kind.technology.slug} {province}-{sequence}",
        owner=owner,
        owner_code=made_up_uscc(owner),
        capacity_kw=min(max(size, kind.least_kw), kind.most_kw),
        in_operation=approved + 6,
        electricity=electricity,
    )
