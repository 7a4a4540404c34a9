"""Two languages out of one catalogue, and the forms in which numbers, months and times are written.

`locales/messages.toml` holds every sentence of every page, Chinese and English side by side, so that neither can go
missing. Enumerations bring their own labels (`gecchain.rules.Label`). Energy and money stay integers down to the text.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

from gecchain.errors import BrokenProof
from gecchain.rules import BEIJING

__all__ = ["LANGUAGES", "beijing", "catalogue", "energy", "grouped", "price", "say", "utc", "wanted_language"]

LANGUAGES: Final = ("zh", "en")


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Every message: key (`page.name`) to language to text with `{named}` places."""
    text = resources.files("api").joinpath("locales", "messages.toml").read_text(encoding="utf-8")
    return {f"{table}.{key}": words for table, entries in tomllib.loads(text).items() for key, words in entries.items()}


def say(language: str, key: str, **values: Any) -> str:
    """The message in that language with its places filled. BrokenProof for a key that nobody wrote."""
    words = catalogue().get(key)
    if words is None or language not in words:
        raise BrokenProof(f"No message {key!r} in {language!r}.", where="locales/messages.toml")
    return words[language].format(**values) if values else words[language]


def wanted_language(accept: str) -> str:
    """The language of an `Accept-Language` header: the first of ours by weight, Chinese if it names neither."""
    weighed = sorted((_weighed(part, at) for at, part in enumerate(accept.split(","))), reverse=True)
    return next((tag for weight, _at, tag in weighed if tag in LANGUAGES and weight > 0), LANGUAGES[0])


def _weighed(part: str, at: int) -> tuple[float, int, str]:
    tag, _, rest = part.partition(";")
    try:
        weight = float(rest.strip().removeprefix("q=") or "1")
    except ValueError:
        weight = 0.0
    return weight, -at, tag.strip().lower().partition("-")[0]


def grouped(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def energy(wh: int) -> str:
    """Wh as kWh, exactly: `12,345.678 kWh`, without zeros that say nothing."""
    whole, rest = divmod(wh, 1000)
    return f"{whole:,}" + (f".{rest:03d}".rstrip("0") if rest else "") + " kWh"


def price(fen: int) -> str:
    """Fen as yuan: `¥3.50`."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def beijing(moment: str) -> str:
    """A time for machines (`utc`) as people in Beijing write it: `2026-09-03 14:22:05`."""
    return datetime.fromisoformat(moment).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


@lru_cache(maxsize=4096)
def utc(seconds: int) -> str:
    """A time for machines: `2026-09-03T06:22:05Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
