"""The gas table without a chain: that its lines name what exists, and that what it works out from figures is right."""

import json
from pathlib import Path

import pytest

from bench.gas.coverage import entry_points, named, not_measured, unknown
from bench.gas.entries import ENTRIES, INSIDE
from bench.gas.entry import MANY, ONE_OF_MANY
from bench.gas.lots import FRONT, LAST, MIDDLE, SIZES, WHOLE, Lot, Part
from bench.gas.registry import check_complete
from bench.gas.report import NONE, Report, each_cell, gas_cell, markdown
from bench.gas.table import Figure, Row, extrapolated
from gecchain.chain.actions import Receipt
from gecchain.chain.codec import topic_of
from gecchain.errors import Refused

BENCH = Path(__file__).resolve().parents[2] / "bench"
MEASURED, FITTED = Figure(50_000), Figure(24_720_000, (100, 1_000))


def test_every_line_names_functions_of_our_abis() -> None:
    assert unknown() == []


def test_no_line_stands_twice() -> None:
    names = [entry.name for entry in ENTRIES]
    assert sorted(set(names)) == sorted(names)


def test_what_is_measured_inside_an_entry_point_is_no_entry_itself() -> None:
    direct = {function for entry in ENTRIES for function in entry.functions}
    assert direct.isdisjoint(INSIDE)
    assert set(INSIDE.values()) <= direct


def test_every_entry_point_has_its_line() -> None:
    assert not_measured() == []


def test_a_line_of_many_says_so() -> None:
    assert {(entry.batches, ONE_OF_MANY in entry.name) for entry in ENTRIES} == {(1, False), (MANY, True)}


@pytest.mark.parametrize("event", ["ItemRefused", "LeafRefused"])
def test_a_call_that_passed_over_an_item_is_no_figure(event: str) -> None:
    told = [{"topics": [topic_of(name)], "data": "0x"} for name in ("Withdrawn", event)]
    check_complete("Market.withdrawAll", Receipt("", "0x", 1, 50_000, "", told[:1]))
    with pytest.raises(Refused, match=r"Market\.withdrawAll passed over 1 of its items"):
        check_complete("Market.withdrawAll", Receipt("", "0x", 1, 50_000, "", told))


def test_a_new_entry_point_is_told() -> None:
    assert not_measured({*named(), "Market.auction"}) == ["Market.auction"]


def test_a_removed_entry_point_is_told() -> None:
    assert "Market.take" in unknown(entry_points() - {"Market.take"})


@pytest.mark.parametrize("size", SIZES)
def test_the_whole_batch_is_all_of_it(size: int) -> None:
    assert WHOLE.cut(size).certificates == size


@pytest.mark.parametrize("part", [MIDDLE, LAST, FRONT])
def test_a_part_lies_inside_its_batch(part: Part) -> None:
    for size in part.sizes:
        lot = part.cut(size)
        assert 0 <= lot.start < lot.end <= size
        assert 0 < lot.certificates < size


def test_the_middle_leaves_something_on_both_sides() -> None:
    assert MIDDLE.cut(100) == Lot(100, 33, 67)


def test_a_straight_line_is_continued() -> None:
    assert extrapolated([(1_000, 30_000), (10_000, 210_000)], 1_000_000) == Figure(20_010_000, (1_000, 10_000))


def test_a_constant_stays_constant() -> None:
    assert extrapolated([(1_000, 42_303), (10_000, 42_303)], 1_000_000).gas == 42_303


def test_ratio_and_gas_per_certificate() -> None:
    assert FITTED.times(MEASURED) == 494.4
    assert FITTED.each(1_000) == 24_720


def test_an_extrapolated_figure_says_from_where() -> None:
    assert gas_cell(FITTED, MEASURED) == "~24,720,000 from 1,000 ×494"
    assert each_cell(FITTED, 10_000) == "~2,472"


def test_a_measured_figure_stands_alone() -> None:
    assert gas_cell(MEASURED) == "50,000"
    assert gas_cell(Figure(21_000), MEASURED) == "21,000 ×0.42"
    assert each_cell(MEASURED, 1_000_000) == "0.05"


def test_a_peer_without_the_act_has_a_dash() -> None:
    assert gas_cell(None, MEASURED) == each_cell(None, 100) == NONE


def test_the_document_tells_figures_failures_and_what_is_missing() -> None:
    rows = [
        Row("Certificates.move, middle third", 100, 34, MEASURED, {"Peer": FITTED}),
        Row("Registry.submit", 0, 1, None, failure="it was refused"),
    ]
    told = markdown(Report("2040-01-15", {"node": "anvil"}, {"Peer": "peer 1.0"}, rows, ["Market.auction"]))
    assert "| Certificates.move, middle third of 100 | 34 | 50,000 | ~24,720,000 from 1,000 ×494 |\n" in told
    assert "| Registry.submit | any | - | - |\n" in told
    assert "Failed: Registry.submit: it was refused" in told
    assert "Not measured: Market.auction." in told


def test_the_lock_pins_the_peers_alone_and_says_no_address() -> None:
    manifest = json.loads((BENCH / "package.json").read_text())
    packages = json.loads((BENCH / "package-lock.json").read_text())["packages"]
    packages.pop("")
    assert {place.removeprefix("node_modules/") for place in packages} == set(manifest["dependencies"])
    for place, entry in packages.items():
        assert "resolved" not in entry, place
        assert entry["integrity"].startswith("sha512-"), place
        assert entry["version"] == manifest["dependencies"][place.removeprefix("node_modules/")]
