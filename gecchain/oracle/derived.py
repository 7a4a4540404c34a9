"""Monthly readings derived from a plant list, for demonstration: figures that nobody metered, and that say so.

Annual generation as the list gives it, else capacity times full-load hours, spread over the year by a seasonal shape
and varied a little. Hours, shapes and variation are ours. What comes out is an ordinary settlement table that goes
through the same door and the same checks as everybody's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gecchain.errors import Refused, Unavailable
from gecchain.oracle.plants import FilingDraft
from gecchain.oracle.reading import kwh_text
from gecchain.rules.classes import Electricity, Technology
from gecchain.rules.months import Month

__all__ = ["FULL_LOAD_HOURS", "SEASONS", "SettlementRow", "derived_row", "derived_wh", "write_settlement_table"]

FULL_LOAD_HOURS: Final = MappingProxyType(
    {
        Technology.WIND: 2130,
        Technology.OFFSHORE_WIND: 2130,
        Technology.SOLAR_PV: 1210,
        Technology.HYDRO: 3350,
        Technology.BIOMASS: 4500,
        Technology.LANDFILL_GAS: 4500,
        Technology.GEOTHERMAL: 6000,
    }
)
_FLAT: Final = (85, 77, 85, 82, 85, 82, 85, 85, 82, 85, 82, 85)
_WINDY: Final = (88, 84, 99, 103, 96, 75, 63, 61, 66, 84, 93, 88)
# Thousandths of a year's generation from January to December; each adds up to 1000.
SEASONS: Final = MappingProxyType(
    {
        Technology.WIND: _WINDY,
        Technology.OFFSHORE_WIND: _WINDY,
        Technology.SOLAR_PV: (66, 68, 87, 92, 100, 96, 98, 97, 86, 80, 67, 63),
        Technology.HYDRO: (45, 40, 50, 60, 85, 115, 135, 135, 120, 95, 65, 55),
        Technology.BIOMASS: _FLAT,
        Technology.LANDFILL_GAS: _FLAT,
        Technology.GEOTHERMAL: _FLAT,
    }
)
COLUMNS: Final = ("project", "month", "class", "kwh", "provider", "sheet", "sheet_kwh", "record", "derived")


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """One row of a settlement table. `wh` in whole Wh; `derived` says from what a figure is derived, or is empty."""

    code: str
    electricity: Electricity
    wh: int
    provider: str
    sheet: str
    sheet_wh: int | None = None
    record: str = ""
    derived: str = ""


def derived_wh(draft: FilingDraft, month: Month) -> int:
    """Wh of a plant in a month, the same at every call; never above capacity x hours.

    Refused for storage, which generates nothing, and for technologies of which the list holds no plant.
    """
    technology = draft.key.technology
    if technology not in SEASONS:
        raise Refused(f"No reading can be derived for {technology.slug}.", reason="not_issuable")
    annual = draft.annual_generation_wh
    if annual is None:
        annual = draft.capacity_kw * 1000 * FULL_LOAD_HOURS[technology]
    chance = int.from_bytes(sha256(f"{draft.source_id} {month}".encode()).digest()[:4], "big")
    varied = annual * SEASONS[technology][month.month - 1] * (950 + chance % 101) // 1_000_000
    hours = (month.ends_at - month.begins_at) // 3600
    return min(varied, draft.capacity_kw * 1000 * hours)


def derived_row(draft: FilingDraft, month: Month, provider: str) -> SettlementRow:
    """The derived reading of a plant as a row on grid, on a sheet of its own."""
    basis = "capacity and full-load hours" if draft.annual_generation_wh is None else "annual generation"
    return SettlementRow(
        code=draft.code,
        electricity=Electricity.ON_GRID,
        wh=derived_wh(draft, month),
        provider=provider,
        sheet=f"DEMO-{month}-{draft.source_id}",
        derived=f"derived from {basis} and season; not metered",
    )


def write_settlement_table(path: Path, month: Month, rows: Iterable[SettlementRow]) -> int:
    """Write one month's settlement table (CSV, UTF-8) with the documented English columns; the number of rows."""
    count = 0
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            for cells in _cells(month, rows):
                writer.writerow(cells)
                count += 1
    except OSError as error:
        raise Unavailable(f"{path.name} cannot be written: {error.strerror}.") from None
    return count


def _cells(month: Month, rows: Iterable[SettlementRow]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield (
            row.code,
            str(month),
            row.electricity.slug,
            kwh_text(row.wh),
            row.provider,
            row.sheet,
            "" if row.sheet_wh is None else kwh_text(row.sheet_wh),
            row.record,
            row.derived,
        )
