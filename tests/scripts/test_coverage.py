"""Marks stand at every statement and condition, leave lines and meaning alone, and what never came up is named."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.test_slither import ROOT, load

coverage = load("coverage")
SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// 绿证
contract Store {
    uint256 public total;

    function put(uint256 amount, bool free) external returns (uint256) {
        if (!(amount == 0) && (free || amount > 5)) total += amount;
        else if (free) return 1;
        for (uint256 i = 0; i < amount; ++i) ++total;
        while (true) break;
        return amount > 7 ? (free ? 1 : 2) : 3;
    }

    function cut(address to, uint256 limit) external returns (uint256 length) {
        assembly ("memory-safe") {
            pop(call(gas(), to, 0, 0, 0, 0, 0))
            length := returndatasize()
            if gt(length, limit) { length := limit }
            returndatacopy(mload(64), 0, length)
        }
    }
}
"""
MARKING = """
const { BRANCHES, branchesFile, instrument } = require(process.argv[1] + "/scripts/coverage_points.cjs");
const solc = require(process.argv[1] + "/node_modules/solc");
const text = require("node:fs").readFileSync(0, "utf8");
const { source, points } = instrument({ solc, library: "Hits", libraryFile: "Hits.sol", name: "Store.sol", text });
const hits = "pragma solidity 0.8.30; library Hits { function sendHit(uint256) internal pure {} }";
const sources = { "Store.sol": source, [BRANCHES]: branchesFile("Hits", "Hits.sol"), "Hits.sol": hits };
const input = { language: "Solidity", sources: {}, settings: { outputSelection: { "*": { "*": ["abi"] } } } };
for (const [name, content] of Object.entries(sources)) input.sources[name] = { content };
const { errors = [] } = JSON.parse(solc.compile(JSON.stringify(input)));
const broken = errors.filter((error) => error.severity === "error").map((error) => error.formattedMessage);
process.stdout.write(JSON.stringify({ source, points, broken }));
"""


@pytest.fixture(scope="module")
def marked() -> Any:
    command = [str(ROOT / "node_modules/.bin/node"), "-e", MARKING, str(ROOT)]
    done = subprocess.run(command, input=SOURCE, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def texts(marked: Any, kind: str) -> list[str]:
    return sorted(point["text"] for point in marked["points"] if point["kind"] == kind)


def test_marked_sources_compile(marked: Any) -> None:
    assert marked["broken"] == []


def test_conditions_are_taken_apart(marked: Any) -> None:
    wanted = ["amount == 0", "amount > 5", "amount > 7", "free", "free", "free", "gt(length, limit)", "i < amount"]
    assert texts(marked, "condition") == wanted


def test_statements_without_a_block_are_marked_too(marked: Any) -> None:
    assert {"total += amount", "return 1", "++total", "break"} <= {
        one.rstrip(";") for one in texts(marked, "statement")
    }


def test_lines_stay_where_they_are(marked: Any) -> None:
    lines = SOURCE.splitlines()
    for point in marked["points"]:
        assert point["text"].splitlines()[0] in lines[point["line"] - 1]
    assert "++total" in marked["source"].splitlines()[lines.index("        while (true) break;") - 1]


def test_assembly_tells_of_its_decisions_when_it_has_read_what_a_call_returned(marked: Any) -> None:
    assembly = marked["source"].split("assembly")[1]
    assert assembly.index("returndatacopy") < assembly.index("staticcall")
    assert "outcome" in assembly.splitlines()[3]


def test_every_outcome_has_its_own_tag(marked: Any) -> None:
    tags = [tag for point in marked["points"] for tag in point["tags"]]
    assert len(set(tags)) == len(tags) == len(texts(marked, "statement")) + 2 * len(texts(marked, "condition"))


def test_everything_reached_leaves_nothing_to_say(marked: Any) -> None:
    hits = frozenset(tag for point in marked["points"] for tag in point["tags"])
    file = coverage.measured("contracts/Store.sol", marked["points"], hits)
    assert coverage.missing(file) == []
    assert file.share().count("100.00 %") == 2


def test_an_outcome_that_never_came_is_named(marked: Any) -> None:
    [point] = [point for point in marked["points"] if point["text"] == "amount > 5"]
    hits = frozenset(tag for one in marked["points"] for tag in one["tags"]) - {point["tags"][0]}
    file = coverage.measured("contracts/Store.sol", marked["points"], hits)
    assert coverage.missing(file) == ["contracts/Store.sol:9: Store.put: never true: amount > 5"]


def test_a_line_is_reached_when_all_of_it_is() -> None:
    points = [{"kind": "statement", "line": 3, "tags": ["a"]}, {"kind": "statement", "line": 3, "tags": ["b"]}]
    assert coverage.measured("x.sol", points, frozenset("a")).lines == {3: False}
    assert coverage.measured("x.sol", points, frozenset("ab")).lines == {3: True}


def test_a_run_without_marks_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "POINTS", tmp_path)
    monkeypatch.setattr(coverage, "HITS", tmp_path)
    monkeypatch.setattr("sys.argv", ["coverage.py", "--last"])
    with pytest.raises(SystemExit, match="nothing was measured"):
        coverage.main()
