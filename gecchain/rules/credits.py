"""What must be said beside data: that a reading is derived, that a field was made up, and whose data it is.

Nothing here guesses. A provider whose readings are computed says so in its name (`(derived`), a filing says so in its
`source` or in fields that end in `_made_up`, and the plants' source is credited where the filing names it.
"""

from collections.abc import Mapping
from typing import Final

__all__ = ["credits_of", "is_derived", "made_up_fields"]

_MADE_UP: Final = "_made_up"
_CREDITS: Final = {"world resources institute": "World Resources Institute, CC BY 4.0"}


def is_derived(provider: str, filing: Mapping[str, object]) -> bool:
    """Whether readings of this provider for this project were computed from other figures and not metered."""
    said = (provider, str(filing.get("source", "")), str(filing.get("readings", "")))
    return any("(derived" in text.lower() or "推算" in text for text in said) or filing.get("derived") is True


def made_up_fields(filing: Mapping[str, object]) -> tuple[str, ...]:
    """Fields of a filing that were made up for a demonstration: `x` for every `x_made_up` that is true."""
    return tuple(sorted(key.removesuffix(_MADE_UP) for key, value in filing.items() if _marks(key, value)))


def _marks(key: str, value: object) -> bool:
    return key.endswith(_MADE_UP) and bool(value) and value != "false"


def credits_of(filing: Mapping[str, object]) -> tuple[str, ...]:
    """Whose data the filing is made of, as its licence wants it named."""
    source = str(filing.get("source", "")).lower()
    return tuple(text for name, text in _CREDITS.items() if name in source)
