"""The table as people and machines read it: on the screen, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.table import Table

from bench.gas.table import Figure, Row

__all__ = ["LEGEND", "Report", "gas_cell", "markdown", "on_screen", "save"]

NONE = "-"
LEGEND = (
    "Gas of real transactions, from the second time on. × is the peer's gas divided by ours; - means that the peer has"
    " no such act. Figures with ~ were not measured but lie on the straight line through two measured sizes, the "
    "larger of which is named. Where one of 200 is told, 200 batches or readings share a transaction and the figure is"
    " one's; the ERC-721 peers mint batches to one owner in one row. Those peers loop inside one transaction, whatever"
    " its gas: above some 30,000,000 most public chains would want it split. A certificate of Energy Web is an amount "
    "without serials."
)


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. `peers` maps the columns' names to packages; `missing` are entry points without a line."""

    day: str
    ran: Mapping[str, str]
    peers: Mapping[str, str]
    rows: Sequence[Row]
    missing: Sequence[str]


def gas_cell(figure: Figure | None, ours: Figure | None = None) -> str:
    """Gas, how it was come by, and the ratio to ours."""
    if figure is None:
        return NONE
    text = f"~{figure.gas:,} from {figure.points[-1]:,}" if figure.points else f"{figure.gas:,}"
    return f"{text} ×{_short(figure.times(ours))}" if ours else text


def each_cell(figure: Figure | None, certificates: int) -> str:
    """Gas per certificate."""
    if figure is None:
        return NONE
    return ("~" if figure.points else "") + _short(figure.each(certificates))


def _short(number: float) -> str:
    """Three significant digits below 100, whole numbers above."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _heads(report: Report) -> list[str]:
    return ["certificates", "ours", *report.peers]


def _gas_cells(report: Report, row: Row) -> list[str]:
    peers = [gas_cell(row.peers.get(name), row.ours) for name in report.peers]
    return [f"{row.certificates:,}" if row.batch else "any", gas_cell(row.ours), *peers]


def _each_cells(report: Report, row: Row) -> list[str]:
    figures = [row.ours, *(row.peers.get(name) for name in report.peers)]
    return [f"{row.certificates:,}", *(each_cell(figure, row.certificates) for figure in figures)]


def _sized(report: Report) -> list[Row]:
    return [row for row in report.rows if row.batch]


def _name(row: Row) -> str:
    """What is done, and to a part of which batch."""
    partly = row.batch != row.certificates and row.batch
    return f"{row.name} of {row.batch:,}" if partly else row.name


def on_screen(report: Report) -> list[Table]:
    """Two tables for the terminal: gas, and gas per certificate where there is something beside it."""
    gas = _table("Gas", report, [(row, _gas_cells(report, row)) for row in report.rows])
    compared = [row for row in _sized(report) if row.peers]
    each = _table("Gas per certificate", report, [(row, _each_cells(report, row)) for row in compared])
    return [gas, each] if compared else [gas]


def _table(title: str, report: Report, lines: Sequence[tuple[Row, list[str]]]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for head in _heads(report):
        table.add_column(head, justify="right")
    for place, (row, cells) in enumerate(lines):
        begins = not place or lines[place - 1][0].name != row.name
        if begins and place:
            table.add_section()
        table.add_row(_name(row) if begins or row.batch != row.certificates else "", *cells)
    return table


def markdown(report: Report) -> str:
    """The same two tables as a document."""
    said = [f"- {name}: {package}" for name, package in report.peers.items()]
    said += [f"- {name}: {value}" for name, value in report.ran.items()]
    missing = f"Not measured: {', '.join(report.missing)}.\n" if report.missing else "Every entry point is measured.\n"
    failed = [f"Failed: {row.name}: {row.failure}\n" for row in report.rows if row.failure]
    gas = [(row, _gas_cells(report, row)) for row in report.rows]
    each = [(row, _each_cells(report, row)) for row in _sized(report)]
    parts = [
        f"# Gas beside the peers\n\n`python -m bench gas` wrote this on {report.day}.\n\n{LEGEND}\n",
        "\n".join(said) + "\n",
        missing,
        *failed,
        "## Gas\n\n" + _lines(report, gas),
        "## Gas per certificate\n\n" + _lines(report, each),
    ]
    return "\n".join(parts)


def _lines(report: Report, lines: Sequence[tuple[Row, list[str]]]) -> str:
    heads = ["", *_heads(report)]
    table = [heads, ["---", *("---:" for _ in heads[1:])], *([_name(row), *cells] for row, cells in lines)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in table)


def save(report: Report, folder: Path) -> None:
    """Write gas.json and gas.md."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gas.json").write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n")
    (folder / "gas.md").write_text(markdown(report))
