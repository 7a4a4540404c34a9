"""Text as it is set: runs of one style, Chinese before English, and the forms of numbers, months and times."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, TypeVar

from gecchain.rules import BEIJING, PROVINCES, Label, LabelledEnum, Month

__all__ = [
    "BREAK",
    "PERSON",
    "Run",
    "Runs",
    "both",
    "day",
    "fact",
    "grouped",
    "kilowatt_hours",
    "made_up",
    "mark",
    "member",
    "moment",
    "month",
    "months",
    "name_of",
    "province",
    "run",
    "span",
    "span_lines",
    "words",
]

Run: TypeAlias = dict[str, str]
Runs: TypeAlias = list[Run]
E = TypeVar("E", bound=LabelledEnum)
BREAK: Final[Run] = {"s": "break", "t": ""}
PERSON: Final = Label("自然人", "natural person")
_MADE_UP: Final = Label("演示虚构", "made up")


def run(text: str, style: str = "zh") -> Run:
    """A run; styles are `zh`, `en` (soft), `code` (fixed width), `mark` (tinted), `strong` and `line`."""
    return {"s": style, "t": text}


def words(label: Label) -> Runs:
    """A term in both languages."""
    return [run(label.zh), run(label.en, "en")] if label.en else [run(label.zh)]


def both(zh: str, en: str) -> Runs:
    """The same of two texts."""
    return words(Label(zh, en))


def mark(label: Label) -> Run:
    """A term on a tinted ground."""
    return run(f"{label.zh} {label.en}", "mark")


def made_up(project: Mapping[str, Any], *fields: str) -> Runs:
    """The mark for what was made up for a demonstration, where it was."""
    return [mark(_MADE_UP)] if set(fields) & set(project["made_up"]) else []


def member(kind: type[E], slug: str) -> Label:
    """Label of a member of a closed list."""
    return kind.of_slug(slug).label


def fact(zh: str, en: str, value: Runs) -> dict[str, Any]:
    """A line of a list of facts."""
    return {"zh": zh, "en": en, "value": value}


def name_of(party: Mapping[str, Any] | None) -> Runs:
    """An account by its name; a natural person's is nowhere."""
    if party is None:
        return both("无", "nobody")
    return [run(party["name"])] if party["name"] else words(PERSON)


def province(code: str | None) -> Runs:
    """A province by its two digits; the digits alone where GB/T 2260 assigns no name."""
    if code is None:
        return both("未登记", "not recorded")
    label = PROVINCES.get(int(code))
    return words(label) if label else [run(code)]


def grouped(number: int) -> str:
    """`12,345`."""
    return f"{number:,}"


def kilowatt_hours(wh: str) -> str:
    """Wh (decimal text) as kWh, exactly and grouped: `4,000,000`."""
    whole, rest = divmod(int(wh), 1000)
    return grouped(whole) + (f".{rest:03d}".rstrip("0") if rest else "")


def month(text: str) -> Runs:
    """`YYYY-MM` as people write it."""
    found = Month.parse(text)
    return [run(f"{found.year}年{found.month:02d}月"), run(f"{found.year}/{found.month:02d}", "en")]


def months(texts: Iterable[str]) -> str:
    """First and last of some months."""
    ordered = sorted(set(texts))
    return ordered[0] if len(ordered) == 1 else f"{ordered[0]} – {ordered[-1]}"


def moment(seconds: int) -> str:
    """Beijing time of UTC seconds: `2026-09-03 14:22:05`."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def day(seconds: int) -> str:
    """The day of it in Beijing: `2026-09-03`."""
    return moment(seconds)[:10]


def span(part: Mapping[str, Any]) -> Runs:
    """The number of one certificate, or the first and the last of several."""
    first, last = run(part["first_number"], "code"), run(part["last_number"], "code")
    return [first] if part["count"] == 1 else [first, run("至 to", "en"), last]


def span_lines(part: Mapping[str, Any]) -> Runs:
    """The same in two lines, for tables."""
    first, last = run(part["first_number"], "code"), run(part["last_number"], "code")
    return [first] if part["count"] == 1 else [first, run("至 to", "en"), BREAK, last]
