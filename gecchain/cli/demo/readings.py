"""What the demonstration files and measures: plants of the list, one measured system, a year of readings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gecchain.cli.context import Context
from gecchain.cli.demo.parties import GRID, METER
from gecchain.cli.ingest import show_intake, take_series, take_table
from gecchain.oracle.derived import derived_row, write_settlement_table
from gecchain.oracle.intake import SeriesOrigin
from gecchain.oracle.interval_series import SeriesShape
from gecchain.oracle.interval_values import Unit
from gecchain.oracle.owners import made_up_owner, made_up_uscc
from gecchain.oracle.plants import FilingDraft
from gecchain.rules import Electricity, Month, ProjectKey, ProjectType, Technology, classify

__all__ = ["SHIFTED_FROM", "by_hand", "ingest", "last_months", "photovoltaic", "some"]

_MONTHS: Final = 12
_SERIES_SHIFT: Final = 10
SHIFTED_FROM: Final = Month.of(2016, 7) + 12 * _SERIES_SHIFT


def some(drafts: Sequence[FilingDraft], limit: int) -> Sequence[FilingDraft]:
    """So many plants from all over the list, or all of them."""
    if not 0 < limit < len(drafts):
        return drafts
    return [drafts[at * len(drafts) // limit] for at in range(limit)]


def photovoltaic() -> FilingDraft:
    """The filing of the real photovoltaic system; what is not its own is marked made up."""
    owner = made_up_owner("SERF-EAST")
    approved = Month.of(2015, 7)
    return FilingDraft(
        source_id="SERF-EAST",
        key=ProjectKey(ProjectType.DISTRIBUTED, Technology.SOLAR_PV, approved, 63, 999_999),
        name="SERF East 光伏系统 SERF East photovoltaic system",
        capacity_kw=7,
        in_operation=Month.of(2016, 7),
        owner=owner,
        owner_code=made_up_uscc(owner),
        location="Golden, Colorado (measured there)",
        latitude="",
        longitude="",
        source="NREL SERF East, pvanalytics example data (MIT); time moved by ten years",
        annual_generation_wh=None,
        made_up=("owner", "province", "approved", "in_operation", "capacity_kw"),
    )


def last_months() -> list[Month]:
    """Twelve months up to last month, Beijing time."""
    last = Month.at(int(datetime.now(UTC).timestamp())) - 1
    return [last - back for back in reversed(range(_MONTHS))]


def by_hand(context: Context, drafts: Sequence[FilingDraft], months: Sequence[Month]) -> tuple[Path, Month]:
    """A table of the month before all those, which nobody has handed in, and its month. Its last two rows are wrong."""
    folder = context.settings.home / "demo"
    told = (Month.parse(path.stem.removeprefix("readings-")) for path in folder.glob("readings-*.csv"))
    month = min((*told, *months)) - 1
    table = folder / f"by-hand-{month}.csv"
    rows = [derived_row(draft, month, GRID) for draft in _working(drafts, month)]
    write_settlement_table(table, month, rows)
    with table.open("a", encoding="utf-8") as stream:
        stream.write(f"{rows[0].code},{month},on_grid,-5,{GRID},NEGATIVE\n")
        stream.write(f"CW01A50215999999X,{month},on_grid,1000,{GRID},NO-SUCH-PROJECT\n")
    return table, month


def ingest(context: Context, data: Path, drafts: Sequence[FilingDraft], months: Sequence[Month]) -> None:
    """Take in derived readings of the plants for every month, and what the photovoltaic system measured."""
    folder = context.settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for month in months:
        table = folder / f"readings-{month}.csv"
        write_settlement_table(table, month, (derived_row(draft, month, GRID) for draft in _working(drafts, month)))
        show_intake(context, take_table(context, table, GRID))
    origin = SeriesOrigin(drafts[-1].key, Electricity.ON_GRID, METER, "SERF-EAST")
    shape = SeriesShape(unit=Unit.W, shift_years=_SERIES_SHIFT)
    if months[-1] >= SHIFTED_FROM + 3:
        show_intake(context, take_series(context, data / "pv_serf_east_15min_ac_power.csv", origin, shape))


def _working(drafts: Sequence[FilingDraft], month: Month) -> list[FilingDraft]:
    """The plants, without the measured system, that have derived readings of that month."""
    return [draft for draft in drafts[:-1] if _generates(draft) and draft.in_operation <= month]


def _generates(draft: FilingDraft) -> bool:
    return classify(draft.key.technology, Electricity.ON_GRID, draft.in_operation, draft.market_based).issued
