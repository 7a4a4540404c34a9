"""Run Slither on the contracts and hold what it finds against the findings that are argued one by one.

A finding of high or medium impact without an argument in `contracts/slither.toml` fails, and so does an argument whose
finding is gone. A finding is told by detector, function and the code it points at, never by a line, so that an argument
stays with its code and goes when the code changes. Dependencies are left out. Slither runs as a program of its own from
`.slither/` (scripts/slither.sh) and compiles with the product's compiler and settings.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ARGUED = ROOT / "contracts" / "slither.toml"
IMPACTS = ("High", "Medium")
FUNCTIONAL = "function"


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """What Slither says of some code; `place` is `Contract.function`, `code` the pieces it points at in its order."""

    detector: str
    place: str
    code: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f'detector = "{self.detector}"', f'place = "{self.place}"', "code = ["]
        return "\n".join(["[[argued]]", *lines, *(f"    {json.dumps(piece)}," for piece in self.code), "]"])


def finding(result: Mapping[str, Any]) -> Finding:
    """One detector result of Slither's JSON."""
    elements = result["elements"]
    code = [element["name"] for element in elements if element["type"] != FUNCTIONAL]
    return Finding(result["check"], _place(elements[0]), tuple(code))


def _place(element: Mapping[str, Any]) -> str:
    """`Contract.function` that the element is or stands in, or the contract alone."""
    names: list[str] = []
    step: Mapping[str, Any] | None = element
    while step:
        if step["type"] in (FUNCTIONAL, "contract"):
            names.insert(0, step["name"])
        step = step.get("type_specific_fields", {}).get("parent")
    return ".".join(names)


def findings(report: Mapping[str, Any]) -> list[Finding]:
    """Findings of high and medium impact in our own sources; ValueError if Slither did not get to the end."""
    if not report["success"]:
        raise ValueError(f"Slither failed: {report['error']}")
    results = [result for result in report["results"].get("detectors", ()) if result["impact"] in IMPACTS]
    return sorted({finding(result) for result in results if _is_ours(result)})


def _is_ours(result: Mapping[str, Any]) -> bool:
    files = [element["source_mapping"]["filename_relative"] for element in result["elements"]]
    return any(file.startswith("contracts/") for file in files)


def argued(text: str) -> dict[Finding, str]:
    """Findings with their arguments, from TOML; ValueError for one without an argument or given twice."""
    found: dict[Finding, str] = {}
    for entry in tomllib.loads(text).get("argued", []):
        key = Finding(entry["detector"], entry["place"], tuple(entry["code"]))
        if key in found or not entry.get("argument", "").strip():
            raise ValueError(f"contracts/slither.toml: argued twice or without an argument\n{key}")
        found[key] = entry["argument"]
    return found


def complaints(found: Iterable[Finding], known: Mapping[Finding, str]) -> list[str]:
    """What is wrong: findings that nobody argued, and arguments about nothing."""
    seen = set(found)
    new, gone = sorted(seen - set(known)), sorted(set(known) - seen)
    return [
        *(f"not argued; mend the code or argue it in contracts/slither.toml:\n{one}" for one in new),
        *(f"argued but no longer found; take it out:\n{one}" for one in gone),
    ]


def standard_input() -> dict[str, Any]:
    """Our contracts as standard JSON; the compiler's wrapper in .solcx lays our settings over it and reads imports."""
    names = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "contracts").rglob("*.sol"))
    sources = {name: {"content": (ROOT / name).read_text()} for name in names}
    return {"language": "Solidity", "sources": sources, "settings": {}}


def run() -> Mapping[str, Any]:
    """Slither's JSON report; SystemExit with its own words if there is none."""
    version = json.loads((ROOT / "contracts" / "compiler.json").read_text())["version"]
    with tempfile.TemporaryDirectory() as folder:
        source, report = Path(folder, "input.json"), Path(folder, "report.json")
        source.write_text(json.dumps(standard_input()))
        command = [ROOT / ".slither/bin/slither", source, "--compile-force-framework", "solc-json"]
        command += ["--solc", ROOT / f".solcx/solc-v{version}", "--exclude-dependencies", "--json", report]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if not report.exists():
            sys.exit(done.stderr)
        found: Mapping[str, Any] = json.loads(report.read_text())
        return found


def main() -> int:
    """Exit status 0 when every high and medium finding is argued and every argument has its finding."""
    found, known = findings(run()), argued(ARGUED.read_text())
    wrong = complaints(found, known)
    for complaint in wrong:
        print(complaint, end="\n\n", file=sys.stderr)
    print(f"{len(found)} findings of high or medium impact, {len(set(found) & set(known))} argued")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
