"""The register as the oracle sees it: what the chain says of projects and of what is issued, asked many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gecchain.chain.deployment import load_deployment
from gecchain.chain.reader import Reader
from gecchain.chain.rpc import Rpc
from gecchain.chain.views import View
from gecchain.config import Settings
from gecchain.errors import BadInput
from gecchain.oracle.checks import ProjectFacts, Register
from gecchain.oracle.intake import IssueKey
from gecchain.rules import Lane, Month, ProjectKey

__all__ = ["ChainProjects", "RegisterAt"]

_KEPT: Final = 50_000


@dataclass(frozen=True, slots=True)
class RegisterAt:
    """Opens the register of these settings, in whatever process it is called."""

    settings: Settings

    def __call__(self) -> ChainProjects:
        """The register as the chain of these settings has it. NotFound or Unavailable as for any reader."""
        reader = Reader(Rpc(self.settings.rpc_url), load_deployment(self.settings.deployment_file))
        reader.require_chain()
        return ChainProjects(reader)


class ChainProjects(Register):
    """Project facts by code; at most some 50,000 are remembered, so that a national month takes no more memory."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, ProjectFacts | None] = {}

    def __getitem__(self, code: str) -> ProjectFacts:
        if code not in self._known:
            self.prepare((code,))
        found = self._known[code]
        if found is None:
            raise KeyError(code)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter([code for code, facts in self._known.items() if facts is not None])

    def __len__(self) -> int:
        return sum(1 for _code in self)

    def prepare(self, codes: Collection[str]) -> None:
        """Ask for those that are not known."""
        if len(self._known) + len(codes) > _KEPT:
            self._known = {code: self._known[code] for code in codes if code in self._known}
        keys = {code: _key_of(code) for code in codes if code not in self._known}
        asked = {key.id: key for key in keys.values() if key is not None}
        answers = self._reader.views([View("registry", "project", (project,)) for project in asked])
        found = {key.id: _facts(key, answer[0]) for key, answer in zip(asked.values(), answers, strict=True)}
        self._known |= {code: found[key.id] if key else None for code, key in keys.items()}

    def issued(self, keys: Sequence[IssueKey]) -> set[IssueKey]:
        """Those keys of which the chain has issued the month."""
        lanes = sorted({(project, int(electricity)) for project, _month, electricity in keys})
        answers = self._reader.views([View("registry", "laneOf", lane) for lane in lanes])
        known = {lane: Lane.unpack(answer[0]) for lane, answer in zip(lanes, answers, strict=True)}
        return {key for key in keys if known[key[0], int(key[2])].is_issued(key[1])}


def _key_of(code: str) -> ProjectKey | None:
    try:
        return ProjectKey.parse(code)
    except BadInput:
        return None


def _facts(key: ProjectKey, struct: Sequence[Any]) -> ProjectFacts | None:
    """None for a project that was never handed in."""
    _owner, in_operation, filing, submitted, market_based, capacity = struct
    if submitted == 0:
        return None
    return ProjectFacts(
        code=key.code,
        id=key.id,
        technology=key.technology,
        approved=filing > 0,
        in_operation=Month(in_operation),
        capacity_kw=capacity,
        province=key.province,
        market_based=market_based,
    )
