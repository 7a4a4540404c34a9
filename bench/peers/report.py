"""The table: as a page and as JSON, with the national month extrapolated from what was measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.peers.running import BLOCK_GAS, Measured
from bench.peers.subjects import EACH, TRANSACTION_GAS

__all__ = ["CERTIFICATES", "PROJECTS", "Month", "Report", "month_of", "save", "shown"]

PROJECTS: Final = 832_000
CERTIFICATES: Final = 196_000_000
"""January 2026."""


@dataclass(frozen=True, slots=True)
class Month:
    """The national month at the measured rate: seconds, gas, and both beside ours."""

    seconds: float
    gas: float
    times_seconds: float
    times_gas: float


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. `bare` are the loops, `lines` ours (first) and the peers, each told to run `seconds`."""

    day: str
    ran: Mapping[str, str]
    seconds: float
    bare: Sequence[Measured]
    lines: Sequence[Measured]


def month_of(line: Measured, ours: Measured) -> Month:
    """What the month would take if it went on like this: no larger state, nothing else to do."""
    seconds, gas = _whole(line)
    our_seconds, our_gas = _whole(ours)
    return Month(seconds, gas, seconds / our_seconds, gas / our_gas)


def _whole(line: Measured) -> tuple[float, float]:
    units = PROJECTS if line.unit == "device-month" else CERTIFICATES
    return units / line.rate, units * line.gas / line.units


def shown(report: Report) -> str:
    """The page."""
    lines = [
        "# Issuing a month beside the peers",
        "",
        f"`python -m bench peers` wrote this on {report.day}; each line had about {report.seconds:g} s on the clock.",
        "",
        f"One chain, one client, transactions of at most {TRANSACTION_GAS:,} gas, blocks of about {BLOCK_GAS:,} gas.",
        "The clock runs while transactions are handed to the node and while it makes the block of them; calldata is",
        "made before, and what the contracts hold is checked after. Ours is measured from the readings' commitment:",
        "commit and issue, every project with another owner, projects filed before. Energy Web's issuer: request and",
        "approve. The ERC-721s: mint, all to one holder, in the longest rows that fit. See bench/peers/__init__.py.",
        "",
        *(f"- {name}: {value}" for name, value in report.ran.items()),
        "",
        "## The node at its best",
        "",
        *_table(["loop", "gas", "seconds", "gas/s", "node's processor"], map(_bare, report.bare)),
        "",
        "## Measured",
        "",
        "Beside new slots is the gas a second by that of the loop over new storage slots just before: nothing that",
        "writes can be much faster on this node. Where the node's processor is close to 100 %, the node's one thread",
        "bounds the line; handed over is the share of the clock for taking transactions in, the rest makes blocks.",
        "",
        *_table(
            [
                "what",
                "unit",
                "units",
                "a transaction",
                "seconds",
                "units/s",
                "gas a unit",
                "gas/s",
                "beside new slots",
                "handed over",
                "node's processor",
            ],
            map(_measured, report.lines),
        ),
        "",
        f"## January 2026: {PROJECTS:,} projects, {CERTIFICATES:,} certificates",
        "",
        f"Extrapolated and not measured: {PROJECTS:,} device-months of {EACH} certificates, or {CERTIFICATES:,}",
        "certificates, at the measured rate, as if a larger state cost nothing more, which favours who writes more.",
        "",
        *_table(
            ["what", "package", "would take", "× ours", "would use, million gas", "× ours"],
            (_month(line, month_of(line, report.lines[0])) for line in report.lines),
        ),
    ]
    return "\n".join(lines) + "\n"


def _bare(line: Measured) -> list[str]:
    return [line.name, f"{line.gas:,}", f"{line.seconds:.1f}", f"{line.speed:,.0f}", _percent(_busy(line))]


def _measured(line: Measured) -> list[str]:
    return [
        line.name,
        line.unit,
        f"{line.units:,}",
        f"{line.units / line.transactions:,.0f}",
        f"{line.seconds:.1f}",
        f"{line.rate:,.0f}",
        f"{line.gas / line.units:,.0f}",
        f"{line.speed:,.0f}",
        f"{line.speed / line.bare:.2f}",
        _percent(line.sending / line.seconds),
        _percent(_busy(line)),
    ]


def _month(line: Measured, month: Month) -> list[str]:
    return [
        line.name,
        line.package,
        duration(month.seconds),
        f"{month.times_seconds:,.1f}",
        f"{month.gas / 1e6:,.0f}",
        f"{month.times_gas:,.1f}",
    ]


def duration(seconds: float) -> str:
    """In the unit that one would say."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7_200 else f"{seconds / 3600:,.1f} h"


def _busy(line: Measured) -> float:
    return line.processor / line.seconds


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _table(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "| " + " | ".join(["---", *["---:"] * (len(head) - 1)]) + " |"
    yield from ("| " + " | ".join(row) + " |" for row in rows)


def save(report: Report, folder: Path) -> None:
    """Write peers.json and peers.md."""
    ours = report.lines[0]
    told = asdict(report) | {"month": {line.name: asdict(month_of(line, ours)) for line in report.lines}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "peers.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    (folder / "peers.md").write_text(shown(report))
