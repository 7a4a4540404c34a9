"""The table: on the screen, as JSON and as a page."""

from __future__ import annotations

import dataclasses
import os
import platform
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.gas.machine import memory, processor
from bench.load.filling import Filled
from bench.load.measuring import CROWD, Measured

__all__ = ["Report", "described", "save", "shown"]

GOAL_P99, GOAL_RATIO = 10.0, 0.5


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, when, on what."""

    day: str
    machine: dict[str, str]
    parts: list[tuple[str, Filled, list[Measured]]]


def described() -> dict[str, str]:
    """The machine, and how busy it was with other things."""
    busy = os.getloadavg()
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory()} GiB, {platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load average (1, 5, 15 min) at the end": " ".join(f"{one:.1f}" for one in busy),
    }


def shown(report: Report) -> str:
    """The page."""
    lines = [
        "# The API under load",
        "",
        f"`python -m bench load` wrote this on {report.day}.",
        "",
        "One API process (uvicorn, as `gec serve` runs it), one process that asks, and with PostgreSQL its own: all on",
        "one machine. The first p50 and p99 are of one connection that asks again when answered; requests a second and",
        f"the p50 and p99 beside them are of {CROWD} such connections, which wait in turn. × is that rate beside",
        "an empty FastAPI route's, served alike and asked in turn with it. Certificates are drawn from all there are.",
        f"Goals: p99 at most {GOAL_P99:.0f} ms, × at least {GOAL_RATIO}.",
        "",
        "Every statement goes by a key, so the size hardly matters; what an answer costs is Python: FastAPI's layers,",
        "ours, and what stands around each statement (one verifies, one or 2 trace, 6 find a certificate, 7 holdings).",
        "",
        *(f"- {name}: {value}" for name, value in report.machine.items()),
    ]
    for kind, filled, measured in report.parts:
        lines += [
            "",
            f"## {kind}: {filled.certificates:,} certificates in {filled.ranges:,} ranges",
            "",
            _about(filled),
        ]
        lines += ["", *_table([one for one in measured if one.ratio])]
        lines += ["", *_exports([one for one in measured if not one.ratio])]
    return "\n".join(lines) + "\n"


def _about(filled: Filled) -> str:
    return (
        f"{filled.batches:,} batches, {filled.events:,} events after issuing; folded in {filled.founding:,.0f} s, "
        f"loaded in {filled.loading:,.0f} s, indexes built in {filled.indexing:,.0f} s."
    )


def _table(measured: list[Measured]) -> list[str]:
    head = ["what", "p50 ms", "p99 ms", "requests/s", "p50 ms", "p99 ms", "×", "bytes"]
    rows = [
        [
            one.what,
            f"{one.p50:.2f}",
            f"{one.p99:.2f}",
            f"{one.rate:,.0f}",
            f"{one.crowd_p50:.1f}",
            f"{one.crowd_p99:.1f}",
            f"{one.ratio:.2f}",
            f"{one.bytes:,}",
        ]
        for one in measured
    ]
    return _lines(head, rows)


def _exports(measured: list[Measured]) -> list[str]:
    head = ["what", "first byte ms", "whole ms", "rows/s", "MB/s"]
    rows = [
        [one.what, f"{one.p50:.0f}", f"{one.p99:,.0f}", f"{one.rate:,.0f}", f"{one.bytes / one.p99 / 1000:.1f}"]
        for one in measured
    ]
    return _lines(head, rows)


def _lines(head: list[str], rows: list[list[str]]) -> list[str]:
    marks = "| " + " | ".join(["---", *["---:"] * (len(head) - 1)]) + " |"
    return ["| " + " | ".join(head) + " |", marks, *("| " + " | ".join(row) + " |" for row in rows)]


def save(report: Report, folder: Path) -> None:
    """Keep JSON and page."""
    told = {
        "day": report.day,
        "machine": report.machine,
        "parts": [
            {
                "database": kind,
                "filled": dataclasses.asdict(filled),
                "lines": [dataclasses.asdict(one) for one in lines],
            }
            for kind, filled, lines in report.parts
        ],
    }
    (folder / "load.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / "load.md").write_text(shown(report), encoding="utf-8")
