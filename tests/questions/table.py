"""Question, rule, what enforces it, and the tests that prove it: docs/questions.md, and the gaps in it.

Rules are in rules.toml. Tests are found by their names, `test_q51_…`, in Python by the syntax tree and in Solidity by
the text; nothing is run.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from gecchain.chain.contracts import NAMES, artifact

__all__ = ["QUESTIONS", "ROOT", "NamedTest", "Rule", "exists", "gaps", "named_tests", "page", "read_rules"]

ROOT: Final = Path(__file__).resolve().parents[2]
QUESTIONS: Final = (*range(21, 54), *range(79, 100))
_NAMED = re.compile(r"test_?q([0-9]+)_?", re.IGNORECASE)
_SOLIDITY = re.compile(r"\bfunction\s+(test\w*)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a question rules, and what enforces it; without a rule `why` says why there is none."""

    rule: str
    by: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, order=True, slots=True)
class NamedTest:
    """A test and its file, from the project's folder."""

    file: str
    name: str


def read_rules() -> dict[int, Rule]:
    """The rules by the numbers of their questions."""
    found = tomllib.loads(Path(__file__).with_name("rules.toml").read_text())
    return {
        int(name.removeprefix("q")): Rule(one["rule"], tuple(one.get("by", ())), one.get("why", ""))
        for name, one in found.items()
    }


def named_tests(root: Path) -> dict[int, list[NamedTest]]:
    """Tests of the project by the questions that they are named after, those of `QUESTIONS` alone."""
    found = defaultdict(list)
    for path in sorted((root / "tests").rglob("*")):
        for name in _names(path):
            match = _NAMED.match(name)
            if match and int(match[1]) in QUESTIONS:
                found[int(match[1])].append(NamedTest(str(path.relative_to(root)), name))
    return dict(found)


def _names(path: Path) -> Iterator[str]:
    if path.suffix == ".sol":
        yield from _SOLIDITY.findall(path.read_text())
    elif path.suffix == ".py" and path.name.startswith("test_"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name


@cache
def _functions(contract: str) -> frozenset[str]:
    return frozenset(str(item.get("name")) for item in artifact(contract).abi if item["type"] == "function")


def exists(name: str) -> bool:
    """Whether it is a function: `Contract.function`, `module.function` or `module.Class.method`."""
    first, _, rest = name.partition(".")
    if first in NAMES:
        return rest in _functions(first)
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: object = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part, None)
        return callable(found)
    return False


def gaps(known: Mapping[int, Rule], proved: Mapping[int, list[NamedTest]]) -> list[str]:
    """What is missing, a sentence each."""
    found = [f"Q{number} is not in rules.toml" for number in QUESTIONS if number not in known]
    for number, rule in sorted(known.items()):
        if rule.rule and not rule.by:
            found.append(f"Q{number} has a rule and nothing that enforces it")
        if not rule.rule and not rule.why:
            found.append(f"Q{number} has no rule and does not say why")
        if rule.rule and not proved.get(number):
            found.append(f"Q{number} has a rule and no test named test_q{number}_…")
        found += [f"Q{number} names {name}, which does not exist" for name in rule.by if not exists(name)]
    for number, named in sorted(proved.items()):
        if number not in known or not known[number].rule:
            found += [f"{test.file} has {test.name}, but Q{number} has no rule" for test in named]
    return found


def page(known: Mapping[int, Rule], proved: Mapping[int, list[NamedTest]]) -> str:
    """The document, Markdown."""
    count = sum(len(proved.get(number, ())) for number in known)
    return "\n".join(
        [
            "# Questions, rules and tests",
            "",
            "Written by `make docs` from `tests/questions/rules.toml` and the names of the tests; a test fails when a",
            "rule has no test, a function does not exist, or this page is old. Questions are those of the official 100",
            "questions and answers of March 2025, of which Q21 to Q53 and Q79 to Q99 are about issuing, trading,",
            "retiring, accounts, filing and platforms. The sentences are ours, and short: the answers are the rule.",
            "",
            f"{sum(bool(rule.rule) for rule in known.values())} rules, {count} tests.",
            "",
            "| question | rule | enforced by | tests |",
            "| --- | --- | --- | --- |",
            *(_row(number, rule, proved.get(number, [])) for number, rule in sorted(known.items())),
            "",
        ]
    )


def _row(number: int, rule: Rule, named: list[NamedTest]) -> str:
    if not rule.rule:
        return f"| Q{number} | none: {rule.why} | | |"
    by = "<br>".join(f"`{name}`" for name in rule.by)
    links = "<br>".join(f"[`{test.name}`](../{test.file})" for test in sorted(named))
    return f"| Q{number} | {rule.rule} | {by} | {links} |"
