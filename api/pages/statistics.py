"""Statistics: what was issued, traded and retired, where, what expires soon, and who consumes most."""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.charts import bars, columns, every_month
from api.language import say, utc
from api.pages.rendering import language_of, page
from api.registry import Snapshot, registry_of
from api.shapes import province, statistics_row
from api.sheets import csv_answer
from api.tiles import cartogram
from gecchain.answers import Named, StatisticsRowAnswer
from gecchain.errors import BadInput, NotFound
from gecchain.rules import Month
from gecchain.store import charting, queries

__all__ = ["router"]

router = APIRouter()
SERIES: Final = ("issued", "traded", "retired")
TABLES: Final = ("month", "province", "technology", "expiring", "ranking")

Year = Annotated[str, Query(max_length=10, description="Production year of the ranking")]


@router.get("/statistics")
def statistics(request: Request, show: Annotated[str, Query(max_length=20)] = "issued", year: Year = "") -> Response:
    """Each chart with the table behind it. `show` is what the map shows, `year` that of the ranking."""
    if show not in SERIES:
        raise BadInput("The map shows no such number.", field="show", value=show, remedy=f"Use {', '.join(SERIES)}.")
    registry = registry_of(request)
    with registry.snapshot(request) as snapshot:
        totals = queries.registry_totals(snapshot.db)
        months = _rows(snapshot, "month")
        provinces = sorted(_rows(snapshot, "province"), key=lambda row: -row.issued)
        technologies = sorted(_rows(snapshot, "technology"), key=lambda row: -row.issued)
        ending = charting.expiring_months(snapshot.db, registry.now())
        years = charting.consumption_years(snapshot.db)
        chosen = _chosen(years, year)
        consumers = charting.ranking(snapshot.db, chosen) if chosen else ()
    labels, counted = every_month({row.group.code: _counts(row) for row in months}, (0, 0, 0))
    return page(
        request,
        "statistics.html",
        current="statistics",
        totals=totals,
        months=months,
        provinces=provinces,
        technologies=technologies,
        chart=columns(labels, counted) if labels else None,
        show=show,
        series=SERIES,
        map=cartogram({int(row.group.code): int(getattr(row, show)) for row in provinces}),
        ending=[(str(Month(row.month)), row.certificates, utc(row.expires_at)) for row in ending],
        years=years,
        year=chosen,
        consumers=[(one, province(one.province) if one.province else None) for one in consumers],
        ranked=bars([(one.name, one.certificates) for one in consumers]),
    )


@router.get("/statistics.csv")
def statistics_csv(request: Request, by: Annotated[str, Query(max_length=20)] = "month", year: Year = "") -> Response:
    """One of the tables: by month, province or technology, what expires, or the ranking."""
    if by not in TABLES:
        raise BadInput("There is no such table.", field="by", value=by, remedy=f"Use {', '.join(TABLES)}.")
    language, registry = language_of(request), registry_of(request)
    with registry.snapshot(request) as snapshot:
        if by == "expiring":
            header = ("field.month", "stats.left", "stats.expires")
            ending = charting.expiring_months(snapshot.db, registry.now())
            rows: Sequence[Sequence[str | int]] = [
                (str(Month(row.month)), row.certificates, utc(row.expires_at)) for row in ending
            ]
        elif by == "ranking":
            header = ("stats.rank", "stats.name", "stats.consumed")
            chosen = _chosen(charting.consumption_years(snapshot.db), year)
            found = charting.ranking(snapshot.db, chosen) if chosen else ()
            rows = [(one.rank, one.name, one.certificates) for one in found]
        else:
            header = (f"field.{by}", *(f"series.{name}" for name in SERIES))  # type: ignore[assignment]
            rows = [(_name(language, row.group), *_counts(row)) for row in _rows(snapshot, by)]
    return csv_answer(f"statistics-{by}", [say(language, key) for key in header], rows)


def _rows(snapshot: Snapshot, by: str) -> list[StatisticsRowAnswer]:
    return [statistics_row(row) for row in queries.statistics(snapshot.db, (by,))]  # type: ignore[arg-type]


def _counts(row: StatisticsRowAnswer) -> tuple[int, int, int]:
    return row.issued, row.traded, row.retired


def _name(language: str, group: Named) -> str:
    return (group.zh if language == "zh" else group.en) or group.code


def _chosen(years: Sequence[int], asked: str) -> int | None:
    """The year that is asked for, or the newest; NotFound for one in which nothing was declared."""
    if not asked:
        return years[0] if years else None
    found = next((year for year in years if str(year) == asked), None)
    if found is None:
        raise NotFound(f"No consumption of {asked} was declared.", remedy="Choose one of the years on the page.")
    return found
