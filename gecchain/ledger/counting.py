"""The sums behind rankings, market history and search: what the fold adds to them, and under which key."""

from unicodedata import normalize

import orjson

from gecchain.events import Traded
from gecchain.ledger.state import State
from gecchain.ledger.values import Consumption, ProjectName, Turnover
from gecchain.rules.months import Month
from gecchain.rules.numbers import ProjectKey

__all__ = ["consume", "consumption_key", "folded", "name_project", "turn_over", "turnover_key"]


def consumption_key(account: str, batch: int) -> tuple[str, int]:
    """Account and production year."""
    return account, Month(batch >> 4 & 0xFFF).year


def consume(state: State, account: str, batch: int, certificates: int) -> None:
    """Counts declared consumption (Q58), or with a negative number takes it off."""
    key = consumption_key(account, batch)
    known = state.consumptions.get(key)
    state.consumptions[key] = Consumption(*key, (known.certificates if known else 0) + certificates)


def turnover_key(batch: int, way: int, time: int) -> tuple[int, int, int, int]:
    """Month of the trade, and province, technology and way of what was traded."""
    project = batch >> 16
    return Month.at(time).index, project >> 20 & 0x7F, project >> 39 & 0x1F, way


def turn_over(state: State, event: Traded, time: int) -> None:
    """Counts a trade at the time at which it was made."""
    key, amount = turnover_key(event.batch, event.way, time), event.end - event.start
    known = state.turnovers.get(key) or Turnover(*key, 0, 0)
    state.turnovers[key] = Turnover(*key, known.certificates + amount, known.fen + amount * event.price)


def name_project(state: State, project: int, document: str) -> None:
    """A filing's name is the project's."""
    name = _name_in(document)
    state.project_names[project] = ProjectName(project, ProjectKey.from_id(project).code, name, folded(name))


def folded(text: str) -> str:
    """Text as it is searched: one width, one case."""
    return normalize("NFKC", text).casefold()


def _name_in(document: str) -> str:
    """The name of a public filing; empty where the chain holds no JSON object, since it does not look inside."""
    try:
        found = orjson.loads(document)
    except orjson.JSONDecodeError:
        return ""
    name = found.get("name", "") if isinstance(found, dict) else ""
    return name.replace("\0", "") if isinstance(name, str) else ""  # PostgreSQL keeps no NUL
