"""Events as JSON objects and back, for the store and for whoever reads the feed."""

from dataclasses import fields
from functools import cache
from typing import Any, Final

from gecchain.events.cases import Serials
from gecchain.events.certificates import Claim, ItemRefused
from gecchain.events.every import EVENTS, Event
from gecchain.events.readings import Declared

__all__ = ["from_document", "to_document"]

# Integers that JavaScript cannot hold exactly are decimal text in documents.
_WIDE: Final = frozenset(
    {
        "project",
        "batch",
        "issued",
        "leaves",
        "total_wh",
        "from_token_id",
        "to_token_id",
        "listing",
        "trade",
        "first_trade",
        "last_trade",
        "price",
        "energy_price",
        "platforms",
        "watt_hours",
        "contract_wh",
        "fed_in_wh",
        "consumed_wh",
        "expires",
        "expires_at",
        "ends",
    }
)
# Names that are narrow in other events.
_WIDE_HERE: Final[dict[type, str]] = {Declared: "leaf", ItemRefused: "index"}


def _is_wide(kind: type, name: str) -> bool:
    return name in _WIDE or _WIDE_HERE.get(kind) == name


def to_document(event: Event) -> dict[str, object]:
    """The event as a JSON object: field names as here without trailing `_`, wide integers as decimal text."""
    kind: type = type(event)
    return {told: _plain(wide, getattr(event, name)) for name, told, wide in _layout(kind)}


@cache
def _layout(kind: type) -> tuple[tuple[str, str, bool], ...]:
    """Of each field its name here, its name there, and whether it is wide."""
    return tuple((field.name, field.name.rstrip("_"), _is_wide(kind, field.name)) for field in fields(kind))


def _plain(wide: bool, value: object) -> object:
    kind = type(value)
    if kind is str or kind is bool:
        return value
    if isinstance(value, int):
        return str(value) if wide else value
    if isinstance(value, Claim | Serials):
        return {field.name.rstrip("_"): getattr(value, field.name) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(wide, item) if isinstance(item, Serials) else str(item) for item in value]
    return value


def from_document(kind: str, document: dict[str, object]) -> Event:
    """The event that `to_document` wrote; `KeyError` for a kind or field that does not exist."""
    shape: Any = EVENTS[kind]
    values = {field.name: _rich(shape, field.name, document[field.name.rstrip("_")]) for field in fields(shape)}
    event: Event = shape(**values)
    return event


def _rich(kind: type, name: str, value: object) -> object:
    if isinstance(value, dict):
        return Claim(**{field.name: value[field.name.rstrip("_")] for field in fields(Claim)})
    if isinstance(value, list):
        return tuple(Serials(**item) if isinstance(item, dict) else int(item) for item in value)
    if isinstance(value, str) and _is_wide(kind, name):
        return int(value)
    return value
