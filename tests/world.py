"""A small registry in a home folder of its own, made through the write paths that everybody uses, on a real node.

All keys are development keys, so that a command starts without opening keystores.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gecchain.chain.node import embedded_node
from gecchain.chain.views import View
from gecchain.chain.writer import Action, Writer
from gecchain.cli.app import run
from gecchain.cli.context import Context
from gecchain.cli.filing import file_drafts, identity_key
from gecchain.cli.ingest import take_table
from gecchain.cli.network import ensure_deployed, grant_roles
from gecchain.cli.roles import Roles, save_roles
from gecchain.cli.screen import Screen
from gecchain.config import Settings
from gecchain.filing import Opening, open_accounts
from gecchain.oracle.derived import SettlementRow, write_settlement_table
from gecchain.oracle.intake import Intake
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.plants import FilingDraft
from gecchain.rules import (
    AccountKind,
    BatchKey,
    Electricity,
    Lane,
    Month,
    ProjectKey,
    ProjectType,
    Technology,
    account_address,
    identity_hash,
    number_of,
    token_id,
)
from gecchain.signer import development_signer
from tests.conftest import free_port

__all__ = [
    "AGENT",
    "BUYER",
    "EXCHANGE",
    "OFFICE",
    "PLATFORM",
    "PROVINCE",
    "World",
    "draft",
    "last_months",
    "node",
    "on_grid",
]

PROVINCE = 15
PLATFORM = "Platform A"
BUYER = "Buyer A"
AGENT = "Agent A"
EXCHANGE = "Exchange A"
OFFICE = "Office A"
APPROVED, OPERATING = Month.of(2019, 3), Month.of(2020, 1)


def draft(number: int, technology: Technology = Technology.SOLAR_PV, province: int = PROVINCE) -> FilingDraft:
    """The filing of a plant that no list has; each owner has one plant in ten."""
    owner = f"Owner {number % 10}"
    return FilingDraft(
        source_id=f"T{number}",
        key=ProjectKey(ProjectType.CENTRALISED, technology, APPROVED, province, number),
        name=f"电站 {number}",
        capacity_kw=50_000,
        in_operation=OPERATING,
        owner=owner,
        owner_code=made_up_uscc(owner),
        location="",
        latitude="",
        longitude="",
        source="test",
        annual_generation_wh=None,
        made_up=(),
    )


def on_grid(one: FilingDraft, wh: int, electricity: Electricity = Electricity.ON_GRID) -> SettlementRow:
    """A row of a settlement table; the provider is the table's."""
    return SettlementRow(one.code, electricity, wh, provider="", sheet=f"S-{one.source_id}-{electricity.slug}")


class World:
    """A home folder and its node. `run` is the command line; the rest are short cuts into the same code."""

    def __init__(self, url: str, home: Path, *, providers: Sequence[str] = ("Grid A",)) -> None:
        self._use(url, home)
        save_roles(
            home / "roles.json",
            Roles(
                governance="dev:governance",
                authority="dev:authority",
                information_centre="dev:information-centre",
                registrar="dev:registrar",
                provinces={str(PROVINCE): "dev:province"},
                providers={name: f"dev:{name}" for name in providers},
                platforms={PLATFORM: "dev:platform"},
                exchanges={EXCHANGE: "dev:exchange"},
                offices={OFFICE: "dev:office"},
                ccer_registry="dev:ccer-registry",
                guardian="dev:guardian",
                relay="dev:relay",
                development=True,
            ),
        )
        ensure_deployed(self.context)
        grant_roles(self.context)
        self._open_accounts()

    @classmethod
    def of(cls, url: str, home: Path) -> World:
        """A home that was made before, or a copy of it."""
        world = cls.__new__(cls)
        world._use(url, home)
        return world

    def reopen(self) -> None:
        """Go on as a new process."""
        self.context.close()
        self._use(self.url, self.home)

    def _use(self, url: str, home: Path) -> None:
        self.url, self.home = url, home
        self.context = self.opened()

    def opened(self) -> Context:
        """The home as a new process sees it."""
        return Context(Settings(home=self.home, rpc_url=self.url), Screen(json=True))

    def close(self) -> None:
        """Give connections back."""
        self.context.close()

    def _open_accounts(self) -> None:
        institutions = [
            self.opening("Province", AccountKind.PROVINCE, PROVINCE, "province"),
            self.opening(PLATFORM, AccountKind.PLATFORM, 0, "platform"),
            self.opening(AGENT, AccountKind.AGENT, 0, "agent"),
        ]
        open_accounts(self.writer("authority"), self.context.reader, institutions)
        open_accounts(
            self.writer("registrar"), self.context.reader, [self.opening(BUYER, AccountKind.BUYER, 0, "buyer")]
        )
        roles = replace(self.context.roles, accounts={PLATFORM: institutions[1].account})
        save_roles(self.home / "roles.json", roles)
        self.context.roles = roles

    def opening(self, name: str, kind: AccountKind, province: int, operator: str) -> Opening:
        """An account to open, with a development key as operator."""
        return Opening(self.account(name), kind, province, development_signer(operator).address, name)

    def account(self, name: str) -> str:
        """The account of a name."""
        return account_address(identity_hash(identity_key(self.context), made_up_uscc(name)))

    def writer(self, name: str) -> Writer:
        """Signs with the development key of this name."""
        return self.context.writer(f"dev:{name}")

    def file(self, drafts: Sequence[FilingDraft], *, review: bool = True) -> None:
        """Submit and approve."""
        file_drafts(self.context, drafts, review=review)

    def take_in(self, month: Month, rows: Iterable[SettlementRow], provider: str = "Grid A", mark: str = "") -> Intake:
        """A settlement table written and taken in; `mark` makes a second one of the same month."""
        path = self.home / f"{month}-{provider}-{mark}.csv"
        write_settlement_table(path, month, (replace(row, provider=provider) for row in rows))
        return take_table(self.context, path, provider)

    def call(self, key: str, contract: str, function: str, *args: Any) -> Any:
        """One transaction of a development key."""
        to = getattr(self.context.deployment, contract.lower())
        return self.writer(key).send(Action.call(function, contract, to, function, args))

    def lanes(self, drafts: Sequence[FilingDraft], electricity: Electricity = Electricity.ON_GRID) -> list[Lane]:
        """What the chain remembers of projects."""
        views = [View("registry", "laneOf", (one.key.id, int(electricity))) for one in drafts]
        return [Lane.unpack(answer[0]) for answer in self.context.reader.views(views)]

    def batch(self, one: FilingDraft, month: Month) -> int:
        """The tradable batch of a project and month."""
        return BatchKey(one.key.id, month, Electricity.ON_GRID, tradable=True).id

    def number(self, one: FilingDraft, month: Month, serial: int = 0) -> str:
        """Number of one of its certificates."""
        return number_of(token_id(self.batch(one, month), serial))

    @property
    def words(self) -> list[str]:
        """What stands before every verb."""
        return ["--home", str(self.home), "--rpc", self.url]

    def run(self, *words: str) -> int:
        """`gec` in this process; the exit status."""
        return run([*self.words, *words])

    def json(self, capsys: Any, *words: str) -> tuple[int, Any]:
        """Exit status and the one JSON document."""
        capsys.readouterr()
        status = self.run("--json", *words)
        return status, json.loads(capsys.readouterr().out)

    def environment(self) -> Mapping[str, str]:
        """For a process of its own."""
        return {"GEC_HOME": str(self.home), "GEC_RPC_URL": self.url}


def last_months(count: int) -> list[Month]:
    """So many months up to last month."""
    last = Month.at(int(datetime.now(UTC).timestamp())) - 1
    return [last - back for back in reversed(range(count))]


@contextmanager
def node(folder: Path) -> Iterator[str]:
    """The embedded chain for as long as the context lasts; its address."""
    with embedded_node(f"http://127.0.0.1:{free_port()}", folder / "chain") as url:
        yield url
