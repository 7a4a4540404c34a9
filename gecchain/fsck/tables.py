"""SQL held against the fold, table by table, row by row."""

from collections.abc import Iterator
from dataclasses import fields

from gecchain.ledger import State, Totals, key_of
from gecchain.store.indexing import Projection

__all__ = ["same_rows"]


def same_rows(state: State, projection: Projection, kind: str) -> Iterator[str | None]:
    """Every row is the fold's value of that key, and there are as many."""
    expected = getattr(state, kind)
    count = 0
    for value in projection.values(kind):
        count += 1
        key = key_of(kind, value)
        known = expected.get(key)
        yield None if known == value else f"key {key}: {_difference(known, value)}"
    nothing_metered = kind == "totals" and count == 0 and expected == {1: Totals()}
    if count != len(expected) and not nothing_metered:
        stored = {key_of(kind, value) for value in projection.values(kind)}
        missing = min(key for key in expected if key not in stored)
        yield f"key {missing}: the fold has it, SQL does not"


def _difference(known: object, value: object) -> str:
    if known is None:
        return "SQL has it, the fold does not"
    for field in fields(value):  # type: ignore[arg-type]
        one, other = getattr(known, field.name), getattr(value, field.name)
        if one != other:
            return f"{field.name} is {other!r} in SQL, {one!r} in the fold"
    return "the rows differ"
