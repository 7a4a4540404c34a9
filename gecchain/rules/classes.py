"""Which electricity gets certificates, whether they may be traded, and who holds them first.

One pure function over four facts of a project and its reading. Days do not matter: the only date in the rules is the
first of a month (2023-01-01, Q23), so the month of first operation decides exactly as the day would.
"""

from dataclasses import dataclass
from typing import Final

from gecchain.rules.labels import LabelledEnum
from gecchain.rules.months import Month
from gecchain.rules.parameters import MARKET_HYDRO_FROM, MECHANISM_TRADABLE

__all__ = ["Classification", "Electricity", "FirstHolder", "ProjectType", "Technology", "classify"]


class ProjectType(LabelledEnum):
    """How a plant is built (项目类型); `code` opens the project code."""

    CENTRALISED = 1, "C", "集中式", "centralised"
    DISTRIBUTED = 2, "D", "分布式", "distributed"
    HOUSEHOLD = 3, "H", "户用", "household"


class Technology(LabelledEnum):
    """What a plant generates from (发电类型, Q22); `code` is the energy letter of the project code."""

    WIND = 1, "W", "陆上风电", "onshore wind"
    OFFSHORE_WIND = 2, "W", "海上风电", "offshore wind"
    DEEP_SEA_WIND = 3, "W", "深远海海上风电", "deep-sea offshore wind"
    SOLAR_PV = 4, "S", "光伏发电", "solar photovoltaic"
    SOLAR_THERMAL = 5, "S", "光热发电", "solar thermal"
    HYDRO = 6, "H", "常规水电", "conventional hydro"
    PUMPED_STORAGE = 7, "E", "抽水蓄能", "pumped storage"
    BIOMASS = 8, "B", "生物质发电", "biomass"
    LANDFILL_GAS = 9, "B", "垃圾填埋气发电", "landfill gas"
    GEOTHERMAL = 10, "G", "地热能发电", "geothermal"
    OCEAN = 11, "O", "海洋能发电", "ocean energy"
    STORAGE = 12, "E", "独立储能", "stand-alone storage"


class Electricity(LabelledEnum):
    """What became of the electricity (电量类型); `code` is the electricity letter of the certificate number."""

    ON_GRID = 0, "G", "上网电量", "fed into the grid"
    SELF_USE = 1, "S", "自发自用电量", "self-used"
    OFF_GRID = 2, "F", "离网电量", "off-grid"
    MECHANISM = 3, "M", "机制电量", "under the price mechanism"


class FirstHolder(LabelledEnum):
    """Into whose account certificates are issued."""

    OWNER = 1, "", "项目业主", "project owner"
    PROVINCE = 2, "", "省级绿证专用账户", "provincial account"
    BY_SETTLEMENT = 3, "", "按结算结果划转", "direct buyer or province, by settlement"


@dataclass(frozen=True, slots=True)
class Classification:
    """What the rules say of a reading. Where nothing is issued, `tradable` is False and `first_holder` None."""

    issued: bool
    tradable: bool
    first_holder: FirstHolder | None
    why: str


_STORED: Final = frozenset({Technology.PUMPED_STORAGE, Technology.STORAGE})
_MARKET_HYDRO_FROM: Final = Month.parse(MARKET_HYDRO_FROM.value)


def classify(
    technology: Technology, electricity: Electricity, in_operation: Month, fully_market_based: bool
) -> Classification:
    """Class of the certificates of a reading (核发范围, Q22, Q23, Q31 to Q33, Q47; 2026 rules).

    `in_operation` is the month of first operation; `fully_market_based` (完全市场化) matters for hydro alone. Stock
    hydro goes to the direct buyer or the province, as the settlement says; the registry issues it to the province.
    """
    if technology in _STORED:
        return Classification(False, False, None, "2026 rules: discharge is no generation")
    if electricity is Electricity.MECHANISM:
        return Classification(True, MECHANISM_TRADABLE.value, FirstHolder.PROVINCE, "2026 rules, parameter")
    if electricity is Electricity.OFF_GRID:
        return Classification(True, False, FirstHolder.OWNER, "2026 rules: off-grid")
    if electricity is Electricity.SELF_USE:
        return Classification(True, False, FirstHolder.OWNER, "Q23, Q33: self-used")
    if technology is Technology.HYDRO:
        return _hydro_on_grid(in_operation, fully_market_based)
    return Classification(True, True, FirstHolder.OWNER, "Q22, Q23")


def _hydro_on_grid(in_operation: Month, fully_market_based: bool) -> Classification:
    if in_operation < _MARKET_HYDRO_FROM:
        return Classification(True, False, FirstHolder.BY_SETTLEMENT, "Q23, Q47: in operation before 2023-01")
    if not fully_market_based:
        return Classification(True, False, FirstHolder.BY_SETTLEMENT, "Q23: not fully market-based")
    return Classification(True, True, FirstHolder.OWNER, "Q23: from 2023-01 and fully market-based")
