"""The tables: as a page and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.indexing.lines import Bound, Line, Part
from bench.indexing.measuring import PLAIN

__all__ = ["Report", "save", "shown"]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: the history that was indexed, and each engine's lines."""

    day: str
    ran: Mapping[str, str]
    batches: int
    events: int
    blocks: int
    parts: Sequence[Part]


def shown(report: Report) -> str:
    """The page."""
    lines = [
        "# Indexing beside a plain loop",
        "",
        f"`python -m bench indexing` wrote this on {report.day}.",
        "",
        f"{report.events:,} events in {report.blocks:,} blocks: {report.batches:,} batches issued, of each two lots",
        "listed, sold in part and retired in part. Each indexer begins with empty tables, is a process of its own,",
        "decodes every event, and ends with the same owners of the same ranges, or there were no figures. Seconds are",
        "without its start, in which Python or Node.js load what they need. PostgreSQL waits for the disk; on SQLite's",
        "side ponder has pglite.",
        "",
        "The plain loop and ponder keep one table, who owns which range. They leave out what ours writes beside:",
        "batches, listings, trades, retirements, accounts, filings, sums, the events and whom they mention, with their",
        "indexes; the plain loop also what a reorganisation would undo. See bench/indexing/__init__.py.",
        "",
        *(f"- {name}: {value}" for name, value in report.ran.items()),
    ]
    for part in report.parts:
        lines += ["", f"## {part.engine}: {part.ranges:,} ranges, the same in all", ""]
        lines += _table(
            ["what", "events/s", "× plain", "seconds", "start", "processor", "peak MB"], _indexers(part.lines)
        )
        lines += ["", *_table(["bound", "count", "seconds", "a second", "share of ours"], _bounds(part))]
    return "\n".join(lines) + "\n"


def _indexers(lines: Sequence[Line]) -> Iterator[list[str]]:
    (plain,) = (line for line in lines if line.name == PLAIN)
    for line in lines:
        yield [
            line.name,
            f"{line.rate:,.0f}",
            f"{line.rate / plain.rate:.1f}",
            f"{line.seconds:.1f}",
            f"{line.start:.1f}",
            f"{line.processor:.1f}",
            f"{line.peak_mb:,}",
        ]


def _bounds(part: Part) -> Iterator[list[str]]:
    ours = part.lines[0].seconds
    for bound in part.bounds:
        yield [
            bound.name,
            f"{bound.count:,}",
            f"{bound.seconds:.2f}",
            _a_second(bound),
            f"{100 * bound.seconds / ours:.0f} %",
        ]


def _a_second(bound: Bound) -> str:
    return f"{bound.count / bound.seconds:,.0f}"


def _table(head: Sequence[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join(["---", *["---:"] * (len(head) - 1)]) + " |"
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def save(report: Report, folder: Path) -> None:
    """Write indexing.json and indexing.md."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "indexing.json").write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n")
    (folder / "indexing.md").write_text(shown(report))
