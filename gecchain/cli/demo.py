"""`gec demo`: the whole way on real plants and one real photovoltaic system, through the doors that everybody uses.

Every step asks first what is there already, so a second run goes on where the first stopped.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from gecchain.chain.node import embedded_node
from gecchain.chain.views import View
from gecchain.cli.context import Context
from gecchain.cli.filing import file_drafts, identity_key, owner_key
from gecchain.cli.following import index_now, serve_until_stopped
from gecchain.cli.ingest import show_intake, take_series, take_table
from gecchain.cli.issue import issue_one
from gecchain.cli.network import ensure_deployed, grant_roles
from gecchain.cli.proving import check_everything
from gecchain.cli.roles import Roles, save_roles
from gecchain.errors import NotFound
from gecchain.filing import Opening, open_accounts
from gecchain.market import Order, list_range, take
from gecchain.oracle.derived import derived_row, write_settlement_table
from gecchain.oracle.intake import SeriesOrigin
from gecchain.oracle.interval_series import SeriesShape
from gecchain.oracle.interval_values import Unit
from gecchain.oracle.owners import made_up_owner, made_up_uscc
from gecchain.oracle.plants import FilingDraft, PlantList, read_plants
from gecchain.retirement import Claim, retire_range
from gecchain.rules import (
    PROVINCES,
    AccountKind,
    BatchKey,
    Electricity,
    Month,
    ProjectKey,
    ProjectType,
    Purpose,
    Range,
    Technology,
    account_address,
    classify,
    identity_hash,
    number_of,
    token_id,
)
from gecchain.signer import create_keystore, development_signer

__all__ = ["demo"]

GRID: Final = "示例电网数据公司 Example Grid Data (derived readings)"
METER: Final = "示例计量公司 Example Metering (NREL SERF East, time moved by ten years)"
PLATFORMS: Final = ("示例交易平台甲 Example Platform A", "示例交易平台乙 Example Platform B")
BUYERS: Final = (
    ("示例电子制造 Example Electronics", 44),
    ("示例云计算 Example Cloud", 52),
    ("示例汽车 Example Motors", 31),
    ("示例会展 Example Exhibitions", 11),
)
PERSON: Final = "DEMO-NATURAL-PERSON-1"
CLAIMS: Final = (
    (Purpose.PRODUCTION, "示例电子制造 2026 年度绿色电力消费 Green electricity of 2026 production"),
    (Purpose.OFFICE, "数据中心办公用电 Electricity of data centre offices"),
    (Purpose.MEETING, "示例论坛 100% 绿色电力 Example Forum, run on green electricity"),
)
_PASSWORD: Final = "development"  # noqa: S105 - development keys protect nothing
_MONTHS: Final = 12
_SERIES_SHIFT: Final = 10
_SMALLEST_BATCH: Final = 120
_LOTS_A_MONTH: Final = 4
_HELD, _HELD_KEY = "held by its first owner", "key of that owner"
_BOUGHT, _BOUGHT_KEY = "traded, held by its buyer", "key of that buyer"
_SHIFTED_FROM: Final = Month.of(2016, 7) + 12 * _SERIES_SHIFT


@dataclass(frozen=True, slots=True)
class Lot:
    """A range that the demonstration puts on sale: the first serials of a batch of a plant."""

    draft: FilingDraft
    month: Month

    @property
    def batch(self) -> int:
        """The batch id."""
        return BatchKey(self.draft.key.id, self.month, Electricity.ON_GRID, tradable=True).id

    @property
    def chance(self) -> int:
        """A number that varies from lot to lot and is the same in every run."""
        return self.month.index + self.draft.key.id % 97


def demo(
    call: typer.Context,
    leave: Annotated[bool, typer.Option("--exit", help="End after the run instead of serving the pages.")] = False,
    data: Annotated[Path, typer.Option(help="Folder with plants_cn.csv and the photovoltaic series.")] = Path("data"),
    plants: Annotated[int, typer.Option(min=0, help="File only this many plants; 0 for all.")] = 0,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to serve on.")] = 8000,
) -> None:
    """Set up a registry on this machine and run it once through: file, ingest, issue, trade, retire, verify, serve.

    Plants are real (World Resources Institute, CC BY 4.0), one meter series is real (NREL); all other readings are
    derived and say so, and owners, buyers, platforms and provinces' keys are made up. Keys are development keys.
    """
    context: Context = call.obj
    if not (data / "plants_cn.csv").exists():
        raise NotFound(f"there is no plants_cn.csv in {data}", remedy="Run it in the project's folder or set --data.")
    busy = f"another gec demo is at work in {context.settings.home}"
    node = embedded_node(context.settings.rpc_url, context.settings.home / "chain")
    with context.locked("demo", busy), node:
        _prepare(context)
        drafts = _build(context, data, plants)
        examples = _trade_and_retire(context, drafts)
        index_now(context)
        check_everything(context, sample=200)
        _explain(context, examples, host, port)
        if not leave:
            context.screen.flush()
            serve_until_stopped(context, host, port)


def _build(context: Context, data: Path, limit: int) -> Sequence[FilingDraft]:
    _step(context, 1, "contracts and roles")
    ensure_deployed(context)
    grant_roles(context)
    _step(context, 2, "accounts of provinces, providers, platforms and buyers")
    _open_accounts(context)
    _step(context, 3, "filings")
    found = read_plants(data / "plants_cn.csv")
    drafts = [*_some(found.drafts, limit), _photovoltaic()]
    file_drafts(context, drafts)
    context.screen.say(f"{len(drafts):,} plants are filed")
    _say_unfiled(context, found)
    _step(context, 4, "readings")
    months = _months()
    _ingest(context, data, drafts, months)
    _step(context, 5, "issuing")
    for month in months:
        issue_one(context, month)
    return drafts


def _prepare(context: Context) -> None:
    """Keys and roles of a development registry, made once."""
    home = context.settings.home
    path = home / "roles.json"
    if not path.exists():
        save_roles(
            path,
            Roles(
                provinces={str(code): f"dev:province-{code}" for code in PROVINCES},
                providers={GRID: "provider-grid", METER: "provider-meter"},
                platforms=dict(zip(PLATFORMS, ("platform-a", "platform-b"), strict=True)),
                development=True,
            ),
        )
    password = home / "keys" / "password"
    if not password.exists():
        password.parent.mkdir(parents=True, exist_ok=True)
        password.touch(mode=0o600)
        password.write_text(_PASSWORD)
    roles = context.roles
    names = [roles.governance, roles.authority, roles.information_centre, roles.registrar]
    for name in [*names, *roles.providers.values(), *roles.platforms.values()]:
        if not context.key_file(name).exists():
            create_keystore(context.key_file(name), _PASSWORD, development=name)


def _open_accounts(context: Context) -> None:
    identity = identity_key(context)
    roles = context.roles
    operators = {name: context.signer(key).address for name, key in {**roles.providers, **roles.platforms}.items()}
    openings = [
        *(_opening(identity, f"{PROVINCES[code].zh}绿证专用账户 Provincial account of {PROVINCES[code].en}",
                   AccountKind.PROVINCE, code, _operator(f"province-{code}")) for code in PROVINCES),
        *(_opening(identity, name, AccountKind.PROVIDER, 0, operators[name]) for name in roles.providers),
        *(_opening(identity, name, AccountKind.PLATFORM, 0, operators[name]) for name in roles.platforms),
    ]  # fmt: skip
    buyers = [_opening(identity, name, AccountKind.BUYER, code, _operator(f"buyer-{i}"))
              for i, (name, code) in enumerate(BUYERS)]  # fmt: skip
    person = Opening(account_address(identity_hash(identity, PERSON)), AccountKind.BUYER, 0, _operator("person"), "")
    open_accounts(context.writer(roles.authority), context.reader, openings)
    open_accounts(context.writer(roles.registrar), context.reader, [*buyers, person])
    accounts = {opening.name: opening.account for opening in [*openings, *buyers]}
    if roles.accounts != accounts:
        save_roles(context.settings.home / "roles.json", replace(roles, accounts=accounts))
        context.roles = replace(roles, accounts=accounts)


def _opening(identity: bytes, name: str, kind: AccountKind, province: int, operator: str) -> Opening:
    return Opening(account_address(identity_hash(identity, made_up_uscc(name))), kind, province, operator, name)


def _operator(name: str) -> str:
    return development_signer(name).address


def _photovoltaic() -> FilingDraft:
    """The filing of the real photovoltaic system; what is not its own is marked made up."""
    owner = made_up_owner("SERF-EAST")
    approved = Month.of(2015, 7)
    return FilingDraft(
        source_id="SERF-EAST",
        key=ProjectKey(ProjectType.DISTRIBUTED, Technology.SOLAR_PV, approved, 63, 999_999),
        name="SERF East 光伏系统 SERF East photovoltaic system",
        capacity_kw=7,
        in_operation=Month.of(2016, 7),
        owner=owner,
        owner_code=made_up_uscc(owner),
        location="Golden, Colorado (measured there)",
        latitude="",
        longitude="",
        source="NREL SERF East, pvanalytics example data (MIT); time moved by ten years",
        annual_generation_wh=None,
        made_up=("owner", "province", "approved", "in_operation", "capacity_kw"),
    )


def _months() -> list[Month]:
    """Twelve months up to last month, Beijing time."""
    last = Month.at(int(datetime.now(UTC).timestamp())) - 1
    return [last - back for back in reversed(range(_MONTHS))]


def _ingest(context: Context, data: Path, drafts: Sequence[FilingDraft], months: Sequence[Month]) -> None:
    folder = context.settings.home / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    plants = [draft for draft in drafts[:-1] if _generates(draft)]
    for month in months:
        table = folder / f"readings-{month}.csv"
        working = [draft for draft in plants if draft.in_operation <= month]
        write_settlement_table(table, month, (derived_row(draft, month, GRID) for draft in working))
        show_intake(context, take_table(context, table, GRID))
    origin = SeriesOrigin(drafts[-1].key, Electricity.ON_GRID, METER, "SERF-EAST")
    shape = SeriesShape(unit=Unit.W, shift_years=_SERIES_SHIFT)
    if months[-1] >= _SHIFTED_FROM + 3:
        show_intake(context, take_series(context, data / "pv_serf_east_15min_ac_power.csv", origin, shape))


def _generates(draft: FilingDraft) -> bool:
    return classify(draft.key.technology, Electricity.ON_GRID, draft.in_operation, draft.market_based).issued


def _trade_and_retire(context: Context, drafts: Sequence[FilingDraft]) -> dict[str, str]:
    """List some lots, sell parts of them, retire parts of those; the numbers of one certificate of each fate."""
    _step(context, 6, "trading and retiring")
    lots = list(_lots(context, drafts))
    examples: dict[str, str] = {}
    with context.screen.progress("lots", len(lots)) as advance:
        for lot in lots:
            examples |= _sell(context, lot)
            advance(1)
    photovoltaic = BatchKey(drafts[-1].key.id, _SHIFTED_FROM + 1, Electricity.ON_GRID, tradable=True).id
    if _count(context, photovoltaic):
        examples["the photovoltaic system's first certificate"] = number_of(token_id(photovoltaic, 0))
    return examples


def _lots(context: Context, drafts: Sequence[FilingDraft]) -> Iterator[Lot]:
    tradable = [draft for draft in drafts[:-1] if _is_tradable(draft)]
    for back, month in enumerate(_months()):
        found = 0
        for draft in tradable[back * 7 :]:
            if found == _LOTS_A_MONTH:
                break
            lot = Lot(draft, month)
            if _count(context, lot.batch) >= _SMALLEST_BATCH:
                found += 1
                yield lot


def _is_tradable(draft: FilingDraft) -> bool:
    rules = classify(draft.key.technology, Electricity.ON_GRID, draft.in_operation, draft.market_based)
    return bool(rules.tradable)


def _count(context: Context, batch: int) -> int:
    return int(context.reader.view(View("certificates", "batchOf", (batch,)))[0][1])


def _sell(context: Context, lot: Lot) -> dict[str, str]:
    """Put half of a batch on sale, sell two thirds of that to two buyers, retire half of what the first bought."""
    deployment = context.deployment
    key, at = f"demo:{lot.batch}", lot.chance
    part = _count(context, lot.batch) // 6
    seller = context.writer(f"dev:{owner_key(lot.draft)}")
    price = 350 + 25 * (at % 9)
    listed = list_range(seller, deployment, lot.batch, Range(0, 3 * part), price, 3, key=f"list:{key}").event.listing
    platform = PLATFORMS[at % 2]
    writer = context.writer(context.roles.platforms[platform])
    for buyer in (at, at + 1):
        order = Order(listed, part, context.roles.accounts[_buyer(buyer)], f"take:{key}:{buyer}")
        take(writer, deployment, context.roles.accounts[platform], order)
    purpose, statement = CLAIMS[at % len(CLAIMS)]
    claim = Claim(_buyer(at), purpose, lot.month, lot.month + 1, statement)
    holder = context.writer(f"dev:buyer-{at % len(BUYERS)}")
    retire_range(holder, deployment, lot.batch, Range(0, part // 2), claim, key=f"retire:{key}")
    owner, buyer_key = f"dev:{owner_key(lot.draft)}", f"dev:buyer-{at % len(BUYERS)}"
    places = (("retired", 0), ("on sale", 2 * part), (_HELD, 3 * part), (_BOUGHT, part - 1))
    examples = {fate: number_of(token_id(lot.batch, serial)) for fate, serial in places}
    return examples | {_HELD_KEY: owner, _BOUGHT_KEY: buyer_key}


def _buyer(at: int) -> str:
    return BUYERS[at % len(BUYERS)][0]


def _some(drafts: Sequence[FilingDraft], limit: int) -> Sequence[FilingDraft]:
    """So many plants from all over the list, or all of them."""
    if not 0 < limit < len(drafts):
        return drafts
    return [drafts[at * len(drafts) // limit] for at in range(limit)]


def _step(context: Context, number: int, what: str) -> None:
    context.screen.say(f"[{number}/6] {what}")


def _say_unfiled(context: Context, found: PlantList) -> None:
    """For every plant that cannot be filed, why; the whole list goes to a file."""
    path = context.settings.home / "demo" / "not-filed.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("row", "code", "field", "value", "remedy"))
        writer.writerows((one.row, one.code.name, one.field, one.value, one.remedy) for one in found.refusals)
    context.screen.say(f"{len(found.refusals)} of the list cannot be filed, and why is in {path}")


def _explain(context: Context, examples: dict[str, str], host: str, port: int) -> None:
    say = context.screen.say
    say("")
    say(f"Open  http://{host}:{port}/  and paste one of these numbers, or change a character of it:")
    for fate, number in examples.items():
        if fate not in (_HELD_KEY, _BOUGHT_KEY):
            say(f"  {number}  {fate}")
    say("Try by hand while it serves (each command has --help):")
    for line in _by_hand(examples):
        say(f"  {line}")
    context.screen.document({"url": f"http://{host}:{port}/", "examples": examples})


def _by_hand(examples: dict[str, str]) -> list[str]:
    """Commands to try, with numbers and development keys that fit."""
    if _HELD not in examples:
        return ["gec market listings"]
    held, bought = examples[_HELD], examples[_BOUGHT]
    return [
        f"gec verify {held}",
        f"gec trace {bought}",
        "gec market listings",
        f"gec market list {held} --quantity 10 --price 4.50 --as {examples[_HELD_KEY]}",
        f"gec retire {bought} --as {examples[_BOUGHT_KEY]} --beneficiary Me --purpose office"
        " --from 2026-01 --until 2026-12",
    ]
