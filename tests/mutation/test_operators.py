"""Faults stand where the compiler says, each operator makes what it promises, and a mutant keeps its name."""

from collections.abc import Iterator

import pytest

from tests.mutation.compiling import Broken, Compiler
from tests.mutation.mutants import Mutant
from tests.mutation.operators import mutants_of

SOURCE = """// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

contract Store {
    error Empty();
    /// 绿证: bytes before the code are more than characters.
    uint256 public constant LIMIT = 1_000;
    uint256 public total;
    modifier only() { _; }

    function put(uint256 amount, bool free) external only returns (uint256) {
        if (amount == 0) revert Empty();
        if (!free && amount >= LIMIT) total = 0;
        total += amount;
        return total + 1;
    }

    function twice(uint256 left, uint256 right) external pure returns (uint256) {
        return left * 2 + right * 2;
    }
}
"""


@pytest.fixture(scope="module")
def compiler() -> Iterator[Compiler]:
    compiler = Compiler()
    yield compiler
    compiler.close()


@pytest.fixture(scope="module")
def mutants(compiler: Compiler) -> list[Mutant]:
    return mutants_of("contracts/Store.sol", SOURCE, compiler.parse("contracts/Store.sol", SOURCE))


def changes(mutants: list[Mutant], operator: str) -> set[tuple[str, str]]:
    return {(mutant.original, mutant.replacement) for mutant in mutants if mutant.operator == operator}


def test_relational(mutants: list[Mutant]) -> None:
    assert changes(mutants, "relational") == {
        ("amount == 0", "amount != 0"),
        ("amount >= LIMIT", "amount > LIMIT"),
        ("amount >= LIMIT", "amount < LIMIT"),
    }


def test_arithmetic(mutants: list[Mutant]) -> None:
    assert changes(mutants, "arithmetic") == {
        ("total += amount", "total -= amount"),
        ("total + 1", "total - 1"),
        ("left * 2", "left / 2"),
        ("right * 2", "right / 2"),
        ("left * 2 + right * 2", "left * 2 - right * 2"),
    }


def test_logical(mutants: list[Mutant]) -> None:
    both = "!free && amount >= LIMIT"
    assert changes(mutants, "logical") == {
        (both, "!free || amount >= LIMIT"),
        (both, "!free"),
        (both, "amount >= LIMIT"),
    }


def test_negation(mutants: list[Mutant]) -> None:
    assert changes(mutants, "negation") == {
        ("amount == 0", "!(amount == 0)"),
        ("!free && amount >= LIMIT", "!(!free && amount >= LIMIT)"),
        ("!free", "free"),
    }


def test_constant(mutants: list[Mutant]) -> None:
    assert changes(mutants, "constant") == {
        ("1_000", "1001"),
        ("1_000", "999"),
        ("0", "1"),
        ("1", "2"),
        ("1", "0"),
        ("2", "3"),
        ("2", "1"),
    }


def test_statement(mutants: list[Mutant]) -> None:
    left_out = {original for original, replacement in changes(mutants, "statement") if replacement == ""}
    assert left_out == {
        "if (amount == 0) revert Empty();",
        "if (!free && amount >= LIMIT) total = 0;",
        "total += amount;",
        "return total + 1;",
        "return left * 2 + right * 2;",
    }


def test_modifier(mutants: list[Mutant]) -> None:
    assert changes(mutants, "modifier") == {("only", "")}


def test_every_mutant_changes_the_text_at_its_place(mutants: list[Mutant]) -> None:
    for mutant in mutants:
        assert mutant.original in SOURCE.splitlines()[mutant.line(SOURCE) - 1]
        assert mutant.applied(SOURCE) != SOURCE


def test_touched_lines_are_shown_whole(mutants: list[Mutant]) -> None:
    shown = {mutant.lines(SOURCE) for mutant in mutants if mutant.operator == "logical"}
    line = "if (!free && amount >= LIMIT) total = 0;"
    assert (line, "if (!free || amount >= LIMIT) total = 0;") in shown
    assert {before for before, _after in shown} == {line}


def test_functions_are_named(mutants: list[Mutant]) -> None:
    assert {mutant.function for mutant in mutants} == {"Store", "Store.put", "Store.twice"}


def test_alike_ones_are_told_apart(mutants: list[Mutant]) -> None:
    alike = [
        one.nth for one in mutants if one.function == "Store.twice" and (one.original, one.replacement) == ("2", "3")
    ]
    assert alike == [1, 2]
    assert len({mutant.id for mutant in mutants}) == len(mutants)


def test_a_mutant_keeps_its_name_when_code_moves(compiler: Compiler, mutants: list[Mutant]) -> None:
    moved = SOURCE.replace("contract Store", "// one line more\n\ncontract Store")
    again = mutants_of("contracts/Store.sol", moved, compiler.parse("contracts/Store.sol", moved))
    assert [mutant.id for mutant in again] == [mutant.id for mutant in mutants]


def test_a_changed_source_is_refused(mutants: list[Mutant]) -> None:
    with pytest.raises(ValueError, match="was changed"):
        mutants[-1].applied("// " + SOURCE)


def test_what_does_not_parse_is_broken(compiler: Compiler) -> None:
    with pytest.raises(Broken, match="Expected"):
        compiler.parse("contracts/Store.sol", "contract {")
