"""Each rule has a test and something that enforces it, and docs/questions.md says which; GEC_WRITE_DOCS=1 writes it."""

import os
from pathlib import Path

import pytest

from tests.questions.table import QUESTIONS, ROOT, NamedTest, Rule, exists, gaps, named_tests, page, read_rules

PAGE = ROOT / "docs" / "questions.md"


def test_every_rule_is_enforced_and_tested() -> None:
    assert gaps(read_rules(), named_tests(ROOT)) == []


def test_the_page_says_what_is_tested() -> None:
    text = page(read_rules(), named_tests(ROOT))
    if os.environ.get("GEC_WRITE_DOCS"):
        PAGE.write_text(text)
    assert PAGE.read_text() == text, "make docs writes it anew"


COMPLETE = {number: Rule("so it is", ("Certificates.issue",)) for number in QUESTIONS}
PROVED = {number: [NamedTest("tests/test_a.py", f"test_q{number}_a")] for number in QUESTIONS}


@pytest.mark.parametrize(
    ("known", "proved", "gap"),
    [
        ({key: rule for key, rule in COMPLETE.items() if key != 51}, PROVED, "Q51 is not in rules.toml"),
        (COMPLETE | {51: Rule("")}, PROVED | {51: []}, "does not say why"),
        (COMPLETE | {51: Rule("so it is")}, PROVED, "nothing that enforces it"),
        (COMPLETE, PROVED | {51: []}, "no test named test_q51_"),
        (COMPLETE | {51: Rule("so it is", ("Certificates.mint",))}, PROVED, "Certificates.mint, which does not exist"),
        (COMPLETE | {51: Rule("", (), "an address")}, PROVED, "tests/test_a.py has test_q51_a, but Q51 has no rule"),
    ],
)
def test_every_gap_is_found(known: dict[int, Rule], proved: dict[int, list[NamedTest]], gap: str) -> None:
    assert gaps(COMPLETE, PROVED) == []
    assert gap in gaps(known, proved)[0]


def test_tests_are_found_by_their_names_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    python = (
        'def test_q51_a():\n    "test_q52_b"\n\nclass T:\n    async def test_q53_c(self): ...\n\ndef test_q5_d(): ...\n'
    )
    (tmp_path / "tests" / "test_one.py").write_text(python)
    (tmp_path / "tests" / "other.py").write_text("def test_q50_not_collected(): ...\n")
    solidity = "contract T { function test_Q96_e(uint256 x) public {} function testFuzz_Q97() public {} }"
    (tmp_path / "tests" / "One.t.sol").write_text(solidity)
    found = {number: [test.name for test in named] for number, named in named_tests(tmp_path).items()}
    assert found == {51: ["test_q51_a"], 53: ["test_q53_c"], 96: ["test_Q96_e"]}


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("Certificates.issue", True),
        ("Certificates.Issued", False),
        ("Unknown.issue", False),
        ("gecchain.rules.expires_at", True),
        ("gecchain.rules.Lane.issue", True),
        ("gecchain.rules.BEIJING", False),
        ("gecchain.rules.nothing", False),
        ("gecchain.nothing.at_all", False),
        ("nothing", False),
    ],
)
def test_a_function_that_is_named_must_exist(name: str, there: bool) -> None:
    assert exists(name) is there
