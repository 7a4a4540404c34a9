"""Verdicts -> build/mutation/verdicts.json for machines and docs/mutants.md for people.

Why a survivor is no hole in the tests is written by hand in `explained.toml`, under the mutant's key, not its line; or
which test of those that a quick run leaves out was seen to fail with it.
"""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tests.mutation.mutants import Mutant, Verdict

__all__ = [
    "Explanation",
    "Key",
    "as_json",
    "explanations",
    "from_json",
    "markdown",
    "settled",
    "summary",
    "unexplained",
]

UNDECIDED = ("survived", "doubted", "suspected")
"""Outcomes of which nothing noticed the mutant (yet)."""

Key = tuple[str, str, str, str, str, int]
_FIELDS = ("file", "function", "operator", "original", "replacement")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why nothing can notice a mutant, or the test file that was seen to: one of them is empty."""

    why: str = ""
    killed_by: str = ""


def explanations(text: str) -> dict[Key, Explanation]:
    """By key, from TOML; ValueError for an entry without one or given twice.

    An entry with `mutants` stands for several, each with fields of its own beside those of the entry.
    """
    found: dict[Key, Explanation] = {}
    for entry in tomllib.loads(text).get("explained", []):
        said = Explanation(entry.get("why", "").strip(), entry.get("killed_by", "").strip())
        for own in entry.get("mutants", [{}]):
            fields = entry | own
            file, function, operator, original, replacement = (str(fields[name]) for name in _FIELDS)
            key = (file, function, operator, original, replacement, int(fields.get("nth", 1)))
            if key in found or bool(said.why) == bool(said.killed_by):
                raise ValueError(f"explained.toml: given twice or without `why` or `killed_by`: {key}")
            found[key] = said
    return found


def settled(verdicts: Iterable[Verdict], known: Mapping[Key, Explanation]) -> list[Verdict]:
    """The same, but killed is what a test that this run left out was seen to kill."""
    return [_settled(verdict, known.get(verdict.mutant.key, Explanation())) for verdict in verdicts]


def _settled(verdict: Verdict, said: Explanation) -> Verdict:
    noticed = said.killed_by and verdict.outcome in UNDECIDED
    return replace(verdict, outcome="killed", by=said.killed_by) if noticed else verdict


def survivors(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that nothing noticed (yet), in the order of the sources."""
    left = [verdict for verdict in verdicts if verdict.outcome in UNDECIDED]
    return sorted(left, key=lambda verdict: (verdict.mutant.file, verdict.mutant.start))


def unexplained(verdicts: Iterable[Verdict], known: Mapping[Key, Explanation]) -> list[Verdict]:
    """Survivors that nobody explained."""
    return [verdict for verdict in survivors(verdicts) if verdict.mutant.key not in known]


def summary(verdicts: Sequence[Verdict]) -> str:
    """Counts and rate in a sentence or two."""
    count = Counter(verdict.outcome for verdict in verdicts)
    tried = count["killed"] + sum(count[outcome] for outcome in UNDECIDED)
    killers = Counter(verdict.by for verdict in verdicts if verdict.outcome == "killed")
    by = ", ".join(f"{number} by {name}" for name, number in killers.most_common())
    seconds = sum(verdict.seconds for verdict in verdicts) / max(1, len(verdicts))
    untried = f", {count['doubted']} were not shown to the Solidity tests" if count["doubted"] else ""
    untried += f" and {count['suspected']} were only sifted" if count["suspected"] else ""
    return (
        f"{count['killed']} of {tried} mutants killed ({by or 'none'}), {count['survived']} survived{untried}; besides "
        f"{count['equivalent']} make the same bytecode and {count['broken']} do not compile. "
        f"{seconds:.1f} seconds a mutant and worker."
    )


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Every verdict with its mutant and the mutant's id."""
    entries = [asdict(verdict) | {"id": verdict.mutant.id} for verdict in verdicts]
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> list[Verdict]:
    """The inverse of `as_json`."""
    return [_verdict(entry) for entry in json.loads(text)]


def _verdict(entry: Mapping[str, Any]) -> Verdict:
    outcome, by, seconds = (entry[name] for name in ("outcome", "by", "seconds"))
    return Verdict(Mutant(**entry["mutant"]), outcome, by, seconds, tuple(entry["lines"]))


def markdown(verdicts: Sequence[Verdict], known: Mapping[Key, Explanation], how: str) -> str:
    """The page: how it was run, what came of it, each survivor with its place, change and explanation."""
    head = [
        "# Mutants",
        "",
        "Small faults put into `Certificates` and its libraries one at a time, and those that no test noticed.",
        f"Written by `make mutation` ({how}); explanations are kept in `tests/mutation/explained.toml`.",
        "",
        summary(verdicts),
        "",
        "| id | where | operator | original | mutant | explained |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *(_row(verdict, known) for verdict in survivors(verdicts))]) + "\n"


def _row(verdict: Verdict, known: Mapping[Key, Explanation]) -> str:
    mutant = verdict.mutant
    nth = f" ({mutant.nth})" if mutant.nth > 1 else ""
    where = f"{mutant.file.removeprefix('contracts/')}, {mutant.function}{nth}"
    change = [_code(line) if line else "left out" for line in verdict.lines]
    cells = (mutant.id, where, mutant.operator, *change, _cell(known.get(mutant.key, Explanation("**not yet**")).why))
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`` {_cell(text)} ``"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
