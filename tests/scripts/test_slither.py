"""Findings are told by their code, and neither a new one nor a stale argument passes."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


slither = load("slither")
CONTRACT = {"type": "contract", "name": "Segments"}
FUNCTION = {"type": "function", "name": "find", "type_specific_fields": {"parent": CONTRACT}}


def element(kind: str, name: str, file: str = "contracts/libraries/Segments.sol", parent: Any = FUNCTION) -> Any:
    fields = {"parent": parent}
    return {"type": kind, "name": name, "type_specific_fields": fields, "source_mapping": {"filename_relative": file}}


def result(*elements: Any, impact: str = "Medium") -> Any:
    return {"check": "divide-before-multiply", "impact": impact, "elements": list(elements)}


def report(*results: Any) -> Any:
    return {"success": True, "error": None, "results": {"detectors": list(results)}}


FOUND = slither.Finding("divide-before-multiply", "Segments.find", ("part = a / b", "shift = part * c"))
RESULT = result(element("function", "find", parent=CONTRACT), *(element("node", code) for code in FOUND.code))


def test_a_finding_is_told_by_detector_function_and_code() -> None:
    assert slither.findings(report(RESULT)) == [FOUND]


def test_a_variable_stands_in_its_function() -> None:
    [found] = slither.findings(report(result(element("variable", "left"))))
    assert (found.place, found.code) == ("Segments.find", ("left",))


def test_low_impact_and_dependencies_are_left_out() -> None:
    low = result(element("node", "x"), impact="Low")
    theirs = result(element("node", "x", "node_modules/@openzeppelin/contracts/X.sol"))
    assert slither.findings(report(low, theirs)) == []


def test_a_run_that_failed_is_no_clean_run() -> None:
    with pytest.raises(ValueError, match="out of gas"):
        slither.findings({"success": False, "error": "out of gas", "results": {}})


def test_what_is_printed_can_be_argued() -> None:
    text = f'{FOUND}\nargument = "No amount is rounded."'
    assert slither.argued(text) == {FOUND: "No amount is rounded."}


@pytest.mark.parametrize("argument", ["", 'argument = "  "'])
def test_an_entry_without_an_argument_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match="without an argument"):
        slither.argued(f"{FOUND}\n{argument}")


def test_an_entry_given_twice_is_refused() -> None:
    entry = f'{FOUND}\nargument = "No amount is rounded."\n'
    with pytest.raises(ValueError, match="twice"):
        slither.argued(entry * 2)


def test_new_and_stale_are_complained_of() -> None:
    other = slither.Finding("unused-return", "Market.take", ("x()",))
    assert slither.complaints([FOUND], {FOUND: "yes"}) == []
    new, gone = slither.complaints([FOUND], {other: "yes"})
    assert "not argued" in new
    assert "Segments.find" in new
    assert "no longer found" in gone
    assert "Market.take" in gone


def test_every_entry_of_ours_has_an_argument() -> None:
    assert all(slither.argued((ROOT / "contracts" / "slither.toml").read_text()).values())
