"""The tables of the national month, from figures alone; and how a process is measured."""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from bench.national import __main__ as national
from bench.national.__main__ import _month_table, _request_table
from bench.national.running import ran
from bench.national.trading import MONTH, Figures, _largest
from gecchain.rules import Electricity, Technology

STAGE = {"seconds": 2.0, "processor": 1.5, "node": 0.5, "peak_mb": 140}
RUN = {
    "at": "1234567",
    "projects": 8_320,
    "certificates": 1_935_360,
    "batches": 7_651,
    "transactions": 47,
    "database": "SQLite",
    "before": [{"name": "file", **STAGE}],
    "month": [{"name": name, **STAGE} for name in ("ingest", "issue", "fsck")],
}


def test_the_month_is_what_makes_certificates_verifiable() -> None:
    lines = list(_month_table(RUN))
    assert lines[0].startswith("8,320 projects (1 % of January 2026), 1,935,360 certificates")
    assert "| ingest | 2.0 | 1.5 | 0.5 | 140 | 240 |" in lines
    assert "| the month, from files to verifiable | 4.0 | | | | 481 |" in lines


def test_requests_are_told_with_every_process() -> None:
    one = Figures("trade in parts", 5_000, 10.0, {"index": 3.2, "api": 4.0}, 200, 14.4, 47.4)
    assert "| trade in parts | 5,000 | 10.0 | 500 | index 3, api 4 | 14.4 and 47.4, of 200 |" in list(
        _request_table([one], "1234567")
    )


def test_sellers_are_the_largest_plants_that_sell() -> None:
    found = _largest(5_000, 1, 20)
    counts = [one.certificates for one in found]
    assert counts == sorted(counts, reverse=True)
    assert MONTH.index == 1512
    assert {one.project.electricity for one in found} == {Electricity.ON_GRID}
    assert {one.project.key.technology for one in found} <= {Technology.SOLAR_PV, Technology.WIND}


def test_a_process_is_measured_by_itself() -> None:
    ballast = bytearray(300 << 20)
    ballast[:: 1 << 12] = b"1" * len(ballast[:: 1 << 12])
    words = [sys.executable, "-c", "import time; x = b'1' * (64 << 20); time.sleep(0.3); print(len(x))"]
    done = ran(words, os.environ)
    assert (done.status, done.output.strip()) == (0, str(64 << 20))
    assert 64 < done.peak_mb < 200
    assert done.seconds > 0.3
    assert 0 < done.processor < done.seconds
    assert ran([sys.executable, "-c", "raise SystemExit(3)"], os.environ).status == 3


def test_a_size_that_is_not_run_and_trading_that_is_left_out_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "RESULTS", tmp_path)
    traded = [asdict(Figures("retire", 100, 10.0, {"api": 4.0}, 200, 14.4, 47.4))]
    national._keep([{**RUN, "requests": traded, "requests_at": "1111111"}, {**RUN, "projects": 832}])
    national._keep([{**RUN, "at": "2222222", "certificates": 5}])
    kept = {run["projects"]: run for run in json.loads((tmp_path / "national.json").read_text())["runs"]}
    assert kept[832] == {**RUN, "projects": 832}
    assert kept[8_320] == {
        **RUN,
        "at": "2222222",
        "certificates": 5,
        "requests": traded,
        "requests_at": "1111111",
    }
    shown = (tmp_path / "national.md").read_text()
    assert "5 certificates in 7,651 batches and 47 transactions, SQLite, at 2222222" in shown
    assert "all processes on this machine, at 1111111:" in shown
