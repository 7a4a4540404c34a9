"""What the verbs that read tables share: rows that cannot be read, shown and written, and the one institution meant."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from gecchain.cli.context import Context
from gecchain.errors import BadInput
from gecchain.oracle.reading import Refusal

__all__ = ["only_one", "refusal_document", "show_refused", "write_refused"]

_SHOWN = 20
_REASONS = ("row", "refusal_code", "refusal_field", "refusal_value", "refusal_reason", "refusal_remedy")
_FORMULA = ("=", "@", "+", "-", "\t")


def only_one(keys: Mapping[str, str], what: str, name: str) -> str:
    """The key of the institution of this name in roles.json, or of the only one if no name is given."""
    if not name and len(keys) == 1:
        return next(iter(keys.values()))
    if name not in keys:
        known = ", ".join(keys) or "none"
        raise BadInput(f"no such {what} in roles.json", field=what, value=name, remedy=f"Known: {known}.")
    return keys[name]


def refusal_document(one: Refusal) -> dict[str, object]:
    """A refusal as JSON values."""
    return {"code": one.code.name, "row": one.row, "field": one.field, "value": one.value, "remedy": one.remedy}


def show_refused(context: Context, refusals: Sequence[Refusal]) -> None:
    """A table of the first rows that cannot be read."""
    rows = [(one.row or "file", one.code.name, one.field, one.value, one.remedy) for one in refusals[:_SHOWN]]
    if rows:
        title = f"Not readable (the first {len(rows)} of {len(refusals)})"
        context.screen.table(title, ["row", "code", "field", "value", "remedy"], rows)


def write_refused(path: Path, refusals: Sequence[Refusal]) -> None:
    """A CSV file of the rows as they came, with the reasons; correct it and hand it in again."""
    columns = list(dict.fromkeys(name for one in refusals for name in one.raw))
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*columns, *_REASONS])
        for one in refusals:
            reasons = (one.row, one.code.name, one.field, one.value, one.code.en, one.remedy)
            writer.writerow([_guarded(str(cell)) for cell in (*(one.raw.get(name, "") for name in columns), *reasons)])


def _guarded(text: str) -> str:
    """An apostrophe before what a spreadsheet might run as a formula; the readers take it off again."""
    return "'" + text if text.startswith(_FORMULA) else text
