"""How people name things at the terminal: institutions and accounts by name, days and moments in Beijing time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from gecchain.cli.context import Context
from gecchain.errors import BadInput
from gecchain.evidence.label import parse_account
from gecchain.rules import BEIJING

__all__ = ["account_named", "at_text", "day_begins", "day_ends", "require_choice"]


def account_named(context: Context, field: str, text: str) -> str:
    """An account, 0x in lower case, from its address or from its institution's name in roles.json. BadInput if none."""
    found = context.roles.accounts.get(text)
    return found.lower() if found else parse_account(field, text)


def at_text(seconds: int) -> str:
    """A moment as people read it, in Beijing time; empty for 0."""
    return datetime.fromtimestamp(seconds, BEIJING).strftime("%Y-%m-%d %H:%M") if seconds else ""


def day_begins(field: str, text: str) -> int:
    """Unix second at which a day begins in Beijing. BadInput for what is no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("this is no day", field=field, value=text, remedy="Write it as 2026-09-30.") from None
    return int(datetime.combine(day, time(), BEIJING).timestamp())


def day_ends(field: str, text: str) -> int:
    """Unix second at which a day is over in Beijing: its 24:00."""
    return day_begins(field, text) + int(timedelta(days=1).total_seconds())


def require_choice(field: str, value: str, known: Sequence[str]) -> str:
    """The value if it is one of those known, else BadInput that names them."""
    if value not in known:
        names = ", ".join(known) or "none"
        raise BadInput(f"no such {field}", field=field, value=value, remedy=f"Known: {names}.")
    return value
