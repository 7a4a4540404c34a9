"""Indexers side by side, on a chain with a history: they end alike, and a difference is no figure."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.gas.chain import Chain, forgetful
from bench.indexing.comparing import joined, require_same
from bench.indexing.history import History, lived
from bench.indexing.lines import Bound, Line, Part
from bench.indexing.measuring import OURS, PLAIN, measure
from bench.indexing.report import Report, shown
from bench.indexing.with_ponder import PROJECT
from gecchain.errors import BrokenProof

BATCHES = 24
ONE = (7, 0, 10, "0xa")


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Chain, History]]:
    with forgetful() as (chain, _node):
        yield chain, lived(chain, BATCHES)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user reaches, which pytest's are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_both_end_with_the_same_ranges(kind: str, told: tuple[Chain, History], open_folder: Path) -> None:
    chain, history = told
    part = measure(kind, open_folder, chain.rpc, history, ponder=False)
    # Of each batch the front, and of each lot what was sold and kept, what was not sold, what was between.
    assert part.ranges == 5 * BATCHES + 2
    assert [line.name for line in part.lines] == [OURS, PLAIN]
    assert {line.events for line in part.lines} == {history.events}
    assert part.bounds[0].count == history.events
    assert all(bound.count and bound.seconds > 0 for bound in part.bounds)


def test_neighbours_of_one_owner_are_one_range() -> None:
    cut = [(7, 0, 4, "0xa"), (7, 4, 10, "0xa"), (7, 10, 12, "0xb"), (8, 0, 4, "0xb"), (8, 5, 6, "0xb")]
    assert list(joined(cut)) == [ONE, (7, 10, 12, "0xb"), (8, 0, 4, "0xb"), (8, 5, 6, "0xb")]
    assert require_same(cut, joined(cut), "another") == 4


@pytest.mark.parametrize("other", [[], [(7, 0, 9, "0xa")], [(7, 0, 10, "0xb")], [ONE, (8, 0, 1, "0xa")]])
def test_a_difference_is_told(other: list[tuple[int, int, int, str]]) -> None:
    with pytest.raises(BrokenProof, match="the loop"):
        require_same([ONE], other, "the loop")


def test_the_page_tells_rates_beside_the_plain_loop_and_the_bounds() -> None:
    lines = [Line(OURS, 6_000, 2.0, 1.5, 1.9, 150), Line(PLAIN, 6_000, 12.0, 1.6, 10.0, 140)]
    part = Part("sqlite", lines, [Bound("logs", 6_000, 0.5)], 42)
    page = shown(Report("2040-01-15", {"node": "anvil"}, 512, 6_000, 300, [part]))
    assert "## sqlite: 42 ranges, the same in all" in page
    assert "| gec index | 3,000 | 6.0 | 2.0 | 1.5 | 1.9 | 150 |\n" in page
    assert "| logs | 6,000 | 0.50 | 12,000 | 25 % |\n" in page


def test_the_lock_of_ponder_pins_what_is_asked_for_and_says_no_address() -> None:
    wanted = json.loads((PROJECT / "package.json").read_text())["dependencies"]
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for place, entry in packages.items():
        assert "resolved" not in entry, place
        assert entry["integrity"].startswith("sha512-"), place
        assert "GPL" not in entry["license"], place
