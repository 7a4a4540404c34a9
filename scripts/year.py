"""A year of a small registry in which everything happens that the rules know, done through `gec` on a real node.

`python scripts/year.py --home FOLDER` runs it (about a minute), prints what happens month by month, and ends with the
address of the certificate whose story is the longest. The chain's clock is moved; keys are development keys; plants,
owners, readings and reasons are made up. A test runs it and reads the story.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gecchain.chain.node import start_node, stop_node
from gecchain.chain.rpc import Rpc
from gecchain.cli.app import run
from gecchain.cli.context import Context
from gecchain.cli.filing import file_drafts, identity_key, owner_key
from gecchain.cli.network import ensure_deployed, grant_roles
from gecchain.cli.roles import Roles, save_roles
from gecchain.cli.screen import Screen
from gecchain.config import Settings
from gecchain.filing import Opening, open_accounts
from gecchain.oracle.owners import made_up_uscc
from gecchain.oracle.plants import FilingDraft
from gecchain.rules import (
    BEIJING,
    AccountKind,
    BatchKey,
    Electricity,
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

__all__ = ["Outcome", "live"]

BEGINS: Final = "2025-12-10"
PROVINCE: Final = 15
GRID, EXCHANGE, OFFICE, AGENT = "示例电网", "示例电力交易中心", "示例派出机构", "示例代理机构"
OFFICERS: Final = ("officer-0", "officer-1", "officer-2")
PLATFORMS: Final = ("示例平台甲", "示例平台乙")
BUYERS: Final = ("示例制造", "示例云计算", "示例会展", "示例已注销公司")
OLD, NOVEMBER, DECEMBER, JANUARY = Month.of(2023, 11), Month.of(2025, 11), Month.of(2025, 12), Month.of(2026, 1)
MWH: Final = 1_000_000


def plant(sequence: int, name: str, technology: Technology) -> FilingDraft:
    """A made-up plant with an owner of its own."""
    owner = f"{name}有限公司"
    return FilingDraft(
        source_id=f"YEAR-{sequence}",
        key=ProjectKey(ProjectType.CENTRALISED, technology, Month.of(2016, 3), PROVINCE, sequence),
        name=name,
        capacity_kw=200_000,
        in_operation=Month.of(2018, 1),
        owner=owner,
        owner_code=made_up_uscc(owner),
        location="",
        latitude="",
        longitude="",
        source="made up for scripts/year.py",
        annual_generation_wh=None,
        made_up=("name", "owner", "capacity_kw", "approved", "in_operation"),
    )


WIND = plant(1, "示例风电场", Technology.WIND)
SUN = plant(2, "示例光伏电站", Technology.SOLAR_PV)
HYDRO = plant(3, "示例水电站", Technology.HYDRO)
SEA = plant(4, "示例深远海风电", Technology.DEEP_SEA_WIND)
TOWER = plant(5, "示例光热电站", Technology.SOLAR_THERMAL)
FARM = plant(6, "示例生物质电站", Technology.BIOMASS)
PLANTS: Final = (WIND, SUN, HYDRO, SEA, TOWER, FARM)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the year leaves: the home folder, the node, the numbers of certificates with a story, and its cases."""

    home: Path
    url: str
    story: str
    retired_for_ccer: str
    added: str
    cases: int
    checked: dict[str, Any]


class Year:
    """One registry; `gec` runs a command that must succeed, `refused` one that must not."""

    def __init__(self, home: Path, url: str, *, loud: bool) -> None:
        self.home, self.url, self.loud = home, url, loud
        self.papers = home / "papers"
        self.papers.mkdir(parents=True, exist_ok=True)
        self.cases = 0

    # The commands

    def gec(self, *words: str) -> Any:
        """The command's JSON document."""
        status, document = self._run(words)
        if status != 0:
            raise SystemExit(f"gec {' '.join(words)}\n  {document}")
        return document

    def refused(self, *words: str) -> str:
        """Why the command was refused."""
        status, document = self._run(words)
        if status == 0:
            raise SystemExit(f"gec {' '.join(words)}\n  was expected to be refused: {document}")
        return str(document["error"]["message"])

    def _run(self, words: Sequence[str]) -> tuple[int, Any]:
        caught = io.StringIO()
        with contextlib.redirect_stdout(caught), contextlib.redirect_stderr(io.StringIO()):
            status = run(["--home", str(self.home), "--rpc", self.url, "--json", *words])
        return status, json.loads(caught.getvalue() or "null")

    def say(self, text: str) -> None:
        """One line of the story."""
        if self.loud:
            print(text, flush=True)

    def at(self, day: str) -> None:
        """Morning of a day in Beijing, on the chain."""
        moment = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=BEIJING)
        with Rpc(self.url) as rpc:
            rpc.request("evm_setNextBlockTimestamp", int(moment.timestamp()))
            rpc.request("evm_mine")
        self.say(f"{day}")

    # The things

    def paper(self, text: str) -> str:
        """A file that proves something."""
        path = self.papers / f"{len(list(self.papers.iterdir())):03d}.txt"
        path.write_text(text)
        return str(path)

    def table(self, name: str, rows: Sequence[dict[str, object]]) -> str:
        """A CSV file with these rows."""
        path = self.papers / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    def batch(self, of: FilingDraft, month: Month, electricity: Electricity = Electricity.ON_GRID) -> int:
        """Id of a plant's batch."""
        tradable = electricity is Electricity.ON_GRID and of is not HYDRO
        return BatchKey(of.key.id, month, electricity, tradable=tradable).id

    def number(self, of: FilingDraft, month: Month, serial: int, electricity: Electricity = Electricity.ON_GRID) -> str:
        """Number of one of its certificates."""
        return number_of(token_id(self.batch(of, month, electricity), serial))

    def account(self, name: str) -> str:
        """Account of a name."""
        return account_address(identity_hash(self.identity, made_up_uscc(name)))

    def key(self, of: FilingDraft) -> str:
        """Key of a plant's owner."""
        return f"dev:{owner_key(of)}"

    def buyer(self, at: int) -> tuple[str, str]:
        """Account and key of a buyer."""
        return self.account(BUYERS[at]), f"dev:buyer-{at}"

    # The chapters

    def open(self) -> None:
        """Contracts, roles, accounts, plants."""
        save_roles(
            self.home / "roles.json",
            Roles(
                governance="dev:governance",
                authority="dev:authority",
                information_centre="dev:information-centre",
                registrar="dev:registrar",
                ccer_registry="dev:ccer-registry",
                guardian="dev:guardian",
                relay="dev:relay",
                provinces={str(PROVINCE): "dev:province"},
                providers={GRID: "dev:grid"},
                platforms=dict(zip(PLATFORMS, ("dev:platform-0", "dev:platform-1"), strict=True)),
                exchanges={EXCHANGE: "dev:exchange"},
                offices={OFFICE: "dev:office"},
                development=True,
            ),
        )
        context = Context(Settings(home=self.home, rpc_url=self.url), Screen(json=True))
        ensure_deployed(context)
        grant_roles(context)
        self.identity = identity_key(context)
        institutions = [
            self._opening("示例省级账户", AccountKind.PROVINCE, "province", PROVINCE),
            self._opening(GRID, AccountKind.PROVIDER, "grid"),
            self._opening(AGENT, AccountKind.AGENT, "agent"),
            *(self._opening(name, AccountKind.PLATFORM, f"platform-{at}") for at, name in enumerate(PLATFORMS)),
        ]
        buyers = [self._opening(name, AccountKind.BUYER, f"buyer-{at}", 31) for at, name in enumerate(BUYERS)]
        open_accounts(context.writer("dev:authority"), context.reader, institutions)
        open_accounts(context.writer("dev:registrar"), context.reader, buyers)
        accounts = {one.name: one.account for one in institutions}
        save_roles(self.home / "roles.json", replace(context.roles, accounts=accounts))
        file_drafts(context, PLANTS)
        context.close()
        self.say(f"{BEGINS}\n  six plants are filed, their owners have accounts")

    def _opening(self, name: str, kind: AccountKind, key: str, province: int = 0) -> Opening:
        return Opening(self.account(name), kind, province, development_signer(key).address, name)

    def issue(self, month: Month, energies: dict[tuple[FilingDraft, Electricity], int]) -> int:
        """Take a month's readings in and issue; the certificates minted."""
        self.take_in(month, energies)
        minted = self.gec("issue", "--month", str(month))["minted"]
        self.say(f"  issued for {month}: {minted} certificates")
        return int(minted)

    def issue_approved(self, month: Month, energies: dict[tuple[FilingDraft, Electricity], int]) -> None:
        """The same while governance asks for two of three officers."""
        for name in OFFICERS:
            self.gec("roles", "grant", "officer", development_signer(name).address)
        self.gec("roles", "quorum", "2")
        self.take_in(month, energies)
        waits = self.refused("issue", "--month", str(month))
        for name in OFFICERS[:2]:
            self.gec("approve", "--month", str(month), "--as", f"dev:{name}")
        minted = self.gec("issue", "--month", str(month))["minted"]
        self.gec("roles", "quorum", "0")
        self.say(
            f"  nothing of {month} was issued ({waits}) until two of three officers approved: {minted} certificates"
        )

    def take_in(self, month: Month, energies: dict[tuple[FilingDraft, Electricity], int]) -> None:
        """Take a month's readings in."""
        rows = [
            {"项目代码": one.code, "月份": str(month), "电量类型": kind.slug, "结算电量(千瓦时)": f"{wh / 1000:.3f}",
             "数据提供方": GRID, "结算单编号": f"S-{one.source_id}-{kind.slug}-{month}"}
            for (one, kind), wh in energies.items()
        ]  # fmt: skip
        self.gec("ingest", self.table(f"readings-{month}", rows), "--provider", GRID)

    def expire(self) -> None:
        """What ends with 2025 is told, taken off sale and retired."""
        self.issue(OLD, {(WIND, Electricity.ON_GRID): 40 * MWH})
        self.gec("market", "list", self.number(WIND, OLD, 0), "--as", self.key(WIND), "--price", "3.20",
                 "--quantity", "10", "--platform", PLATFORMS[0])  # fmt: skip
        warned = self.gec("sweep")
        self.say(f"  certificates of {OLD} end within three months: {len(warned['warned'])} warning given")
        self.at("2026-01-05")
        swept = self.gec("sweep")
        self.say(f"  {_sum(swept)} certificates have expired and are retired, a listed lot was withdrawn first")

    def list_and_take(self) -> None:
        """One lot on two platforms, sold once; withdrawn; a quantity across lots."""
        owner = self.key(WIND)
        lot = self.gec("market", "list", self.number(WIND, DECEMBER, 0), "--as", owner, "--price", "4.50",
                       "--quantity", "30", "--platform", PLATFORMS[0], "--platform", PLATFORMS[1])  # fmt: skip
        listing = str(lot["event"]["listing"])
        account, _key = self.buyer(0)
        self.gec("market", "take", listing, "--buyer", account, "--platform", PLATFORMS[1], "--quantity", "12")
        self.gec("market", "withdraw", listing, "--as", owner)
        for serial, price in ((30, "4.10"), (40, "3.90")):
            self.gec("market", "list", self.number(WIND, DECEMBER, serial), "--as", owner, "--price", price,
                     "--quantity", "10", "--platform", PLATFORMS[0])  # fmt: skip
        self.gec("index")
        self.gec("market", "take-across", "--project", WIND.code, "--buyer", account, "--platform", PLATFORMS[0],
                 "--quantity", "15")  # fmt: skip
        self.say("  12 of a lot on two platforms sold, the rest withdrawn; 15 more taken across two lots")

    def bilateral(self) -> None:
        """An order that both sides sign; carried out once; another is cancelled."""
        account, key = self.buyer(1)
        order = str(self.papers / "order.json")
        words = ["--seller", self.account_of(WIND), "--buyer", account, "--platform", PLATFORMS[0],
                 "--price", "5.00", "--until", "2027-12-31", "--project", WIND.code,
                 "--month", str(DECEMBER)]  # fmt: skip
        self.gec("market", "offer", order, "--as", self.key(WIND), *words, "--quantity", "20")
        self.gec("market", "sign", order, "--as", key)
        self.gec("market", "fill", order, "--platform", PLATFORMS[0])
        other = str(self.papers / "other-order.json")
        self.gec("market", "offer", other, "--as", self.key(WIND), *words, "--quantity", "5")
        self.gec("market", "cancel", other, "--as", self.key(WIND))
        self.gec("market", "sign", other, "--as", key)
        reason = self.refused("market", "fill", other, "--platform", PLATFORMS[0])
        self.say(f"  20 sold by a bilateral order; a cancelled one is refused: {reason}")

    def account_of(self, of: FilingDraft) -> str:
        """Account of a plant's owner."""
        return account_address(identity_hash(self.identity, of.owner_code))

    def settle(self) -> None:
        """A green-power contract's month: the smallest of three."""
        account, _key = self.buyer(2)
        row = {"contract": "GP-2026-001", "project": SUN.code, "month": str(DECEMBER), "buyer": account,
               "contract_kwh": "8000", "fed_in_kwh": "7400.5", "consumed_kwh": "9100", "attribute_price_fen": 350,
               "energy_price_fen": 32000}  # fmt: skip
        bad = row | {"contract": "GP-2026-002", "buyer": "0x" + "99" * 20}
        table = self.table("settlement", [row, bad])
        status, found = self._run(("settle", table, "--exchange", EXCHANGE))
        if status == 0 or found["certificates"] != 7:
            raise SystemExit(f"settle: {found}")
        self.say(
            f"  green power settled: {found['certificates']} certificates moved with the electricity, one row refused"
        )

    def free_moves(self) -> None:
        """Stock hydro to its user and by the province's plan, self-used to the user, a succession."""
        account, _key = self.buyer(0)
        other, _key = self.buyer(2)
        hydro = self.number(HYDRO, DECEMBER, 0)
        self.gec("move", "hydro", hydro, "--to", account, "--proof", self.paper("直购电结算结果"), "--quantity", "5")
        plan = self.table("plan", [{"project": HYDRO.code, "quantity": 10, "receiver": account},
                                   {"project": HYDRO.code, "quantity": 6, "receiver": other}])  # fmt: skip
        self.gec("distribute", plan, "--province", str(PROVINCE))
        used = self.number(SUN, DECEMBER, 0, Electricity.SELF_USE)
        self.gec("move", "self-use", used, "--to", other, "--proof", self.paper("实际用电证明"), "--quantity", "3")
        self.say("  stock hydro went to a user and by the province's plan, self-used certificates to who used it")

    def agent(self) -> None:
        """While a mandate lasts the agent acts and the principal does not."""
        account, key = self.account_of(SUN), self.key(SUN)
        self.gec("agent", "file", account, AGENT, "--as", key, "--until", "2026-12-31",
                 "--evidence", self.paper("授权委托协议"))  # fmt: skip
        lot = ("market", "list", self.number(SUN, NOVEMBER, 0), "--price", "3.00", "--quantity", "5")
        reason = self.refused(*lot, "--as", key, "--platform", PLATFORMS[0])
        self.gec(*lot, "--as", "dev:agent", "--platform", PLATFORMS[0])
        self.gec("agent", "revoke", account, "--as", key)
        self.say(f"  an agent listed for its principal, whose own key was refused: {reason}")

    def declare(self) -> None:
        """Sent back once at each stage, then accepted and issued."""
        self.paper("结算单")
        evidence = self.papers / "meter.txt"
        evidence.write_text("电表计量检定证明")
        table = self.table("declared", [{"项目代码": FARM.code, "月份": str(JANUARY), "电量类型": "off_grid",
                                         "结算电量(千瓦时)": "12345.678", "evidence": "meter.txt"}])  # fmt: skip
        month = ("--month", str(JANUARY))
        for back in ("check", "recheck", ""):
            self.gec("declare", table, "--as", self.key(FARM))
            if back == "check":
                self.gec("declarations", "check", *month, "--send-back", "--reason", "缺少结算单盖章页")
                continue
            self.gec("declarations", "check", *month)
            if back == "recheck":
                self.gec("declarations", "recheck", *month, "--send-back", "--reason", "电量与装机容量不符，请说明")
        self.gec("declarations", "recheck", *month)
        minted = self.gec("issue", "--month", str(JANUARY))["minted"]
        self.say(f"  a declared reading, sent back at both stages, was accepted: {minted} certificates")

    # Disputes

    def dispute(self, of: FilingDraft, month: Month, reason: str, serials: str = "") -> int:
        """Opened by the owner; the number of the case."""
        self.cases += 1
        doubt = ["--serials", serials] if serials else []
        self.gec("case", "open", self.number(of, month, 0), "--as", self.key(of), "--reason", reason,
                 "--evidence", self.paper(reason), *doubt)  # fmt: skip
        return self.cases

    def decide(self, case: int, kwh: str, outcome: str, reason: str) -> None:
        """Proposed, checked (once sent back), decided."""
        proposal = ("case", "propose", str(case), "--exchange", EXCHANGE, "--kwh", kwh, "--reason", reason)
        check = ("case", "check", str(case), "--office", OFFICE)
        self.gec(*proposal, "--evidence", self.paper(f"核实意见 {case}"))
        self.gec(*check, "--send-back", "--reason", "请补充表计数据", "--evidence", self.paper(f"退回 {case}"))
        self.gec(*proposal, "--evidence", self.paper(f"核实意见 {case}，附表计数据"))
        self.gec(*check, "--reason", "现场核查属实", "--evidence", self.paper(f"核查报告 {case}"))
        self.gec("case", "decide", str(case), outcome, "--reason", reason, "--evidence", self.paper(f"决定 {case}"))

    def add(self) -> str:
        """Too little was metered: certificates are issued in addition, the serials go on."""
        case = self.dispute(WIND, DECEMBER, "12 月少推送一条线路电量")
        self.decide(case, "3200", "add", "少推送 3.2 兆瓦时")
        self.say("  dispute: 3.2 MWh were missing, certificates were added after the last serial")
        return self.number(WIND, DECEMBER, 100)

    def deduct(self) -> None:
        """Too much was metered: the unsold goes first, then retirements and trades are undone."""
        account, key = self.buyer(0)
        listed = self.gec("market", "list", self.number(SUN, JANUARY, 0), "--as", self.key(SUN), "--price", "3.50",
                          "--quantity", "30", "--platform", PLATFORMS[0])  # fmt: skip
        self.gec("market", "take", str(listed["event"]["listing"]), "--buyer", account, "--platform", PLATFORMS[0],
                 "--quantity", "30")  # fmt: skip
        self.retire(self.number(SUN, JANUARY, 10), key, 20, "示例制造")
        case = self.dispute(SUN, JANUARY, "1 月表计倍率错误，电量多计", "30-39")
        self.decide(case, "-25000", "deduct", "多推送 25 兆瓦时")
        self.gec("case", "execute", str(case), "--yes")
        self.say("  dispute: 25 MWh too many; 10 unsold were deducted, then retirements and trades of 15 undone")

    def story(self) -> str:
        """Issued, disputed, sold, undone, sold again, retired."""
        number, serial = self.number(WIND, NOVEMBER, 7), "7"
        case = self.dispute(WIND, NOVEMBER, "怀疑 11 月电量重复推送", f"{serial}-{serial}")
        self.decide(case, "0", "reject", "经核对电量无误")
        first, _key = self.buyer(1)
        second, second_key = self.buyer(0)
        self._sell_one(number, first, PLATFORMS[0])
        case = self.dispute(WIND, NOVEMBER, "平台重复撮合，交易应撤回")
        self.decide(case, "0", "undo", "该笔交易为重复撮合")
        self.gec("case", "execute", str(case), "--serials", f"{serial}-{serial}", "--yes")
        self.gec("case", "close", str(case))
        self._sell_one(number, second, PLATFORMS[1])
        self.retire(number, second_key, 1, "示例制造")
        self.say("  one certificate was issued, disputed, sold, undone, sold again and retired")
        return number

    def _sell_one(self, number: str, buyer: str, platform: str) -> None:
        lot = self.gec("market", "list", number, "--as", self.key(WIND), "--price", "4.80", "--quantity", "1",
                       "--platform", platform)  # fmt: skip
        self.gec("market", "take", str(lot["event"]["listing"]), "--buyer", buyer, "--platform", platform,
                 "--quantity", "1")  # fmt: skip

    def retire(self, number: str, key: str, quantity: int, beneficiary: str) -> None:
        """Declared consumption."""
        self.gec("retire", number, "--as", key, "--quantity", str(quantity), "--beneficiary", beneficiary,
                 "--purpose", "production", "--from", "2025-11", "--until", "2026-06")  # fmt: skip

    # CCER, accounts, governance

    def ccer(self) -> str:
        """Chosen: nothing untraded moves. Registered: retired. Given up: free again."""
        self.gec("ccer", "choose", SEA.code, "--as", self.key(SEA))
        self.gec("ccer", "choose", TOWER.code, "--as", self.key(TOWER))
        reason = self.refused("market", "list", self.number(SEA, DECEMBER, 0), "--as", self.key(SEA), "--price", "4",
                              "--quantity", "1", "--platform", PLATFORMS[0])  # fmt: skip
        self.gec("ccer", "register", SEA.code, "--from", "2025-11", "--until", "2025-12", "--number", "CCER-2026-0001")
        swept = self.gec("sweep")
        self.gec("ccer", "withdraw", TOWER.code, "--as", self.key(TOWER))
        self.gec("market", "list", self.number(TOWER, DECEMBER, 0), "--as", self.key(TOWER), "--price", "4.00",
                 "--quantity", "1", "--platform", PLATFORMS[0])  # fmt: skip
        self.say(f"  CCER chosen ({reason}), registered: {_sum(swept)} retired; another project came back")
        return self.number(SEA, DECEMBER, 0)

    def accounts(self) -> None:
        """A sanction that ends, an account that is closed."""
        account, key = self.buyer(0)
        self.gec("accounts", "freeze", account, "--reason", "配合调查")
        reason = self.refused("retire", self.number(WIND, DECEMBER, 0), "--as", key, "--beneficiary", "示例制造",
                              "--purpose", "office", "--from", "2026-01", "--until", "2026-02")  # fmt: skip
        self.gec("accounts", "unfreeze", account, "--reason", "调查结束")
        gone, _key = self.buyer(3)
        lot = self.gec("market", "list", self.number(SUN, NOVEMBER, 20), "--as", self.key(SUN), "--price", "3.00",
                       "--quantity", "4", "--platform", PLATFORMS[0])  # fmt: skip
        self.gec("market", "take", str(lot["event"]["listing"]), "--buyer", gone, "--platform", PLATFORMS[0],
                 "--quantity", "4")  # fmt: skip
        self.gec("accounts", "close", gone, "--reason", "公司注销")
        swept = self.gec("sweep")
        self.say(f"  a frozen account was refused ({reason}); a closed one's {_sum(swept)} certificates retired")

    def brake(self) -> None:
        """The guardian stops everything, governance lets it go on; a role is given after its delay."""
        self.gec("pause", "演练：发现异常")
        _account, key = self.buyer(0)
        reason = self.refused("retire", self.number(WIND, DECEMBER, 0), "--as", key, "--beneficiary", "示例制造",
                              "--purpose", "office", "--from", "2026-01", "--until", "2026-02")  # fmt: skip
        self.gec("resume")
        self.say(f"  the guardian stopped everything ({reason}), governance let it go on")

    def close_the_books(self) -> dict[str, Any]:
        """Index, evidence and the whole chain are checked."""
        self.gec("index")
        self.gec("evidence", "check")
        checked: dict[str, Any] = self.gec("fsck")
        self.say("  fsck: SQL, the fold of the events and the contracts' answers agree")
        return checked


def _sum(swept: dict[str, Any]) -> int:
    """Certificates that a sweep retired, of whatever reason."""
    return sum(swept["retired"].values())


def _energies(wind: int, sun: int) -> dict[tuple[FilingDraft, Electricity], int]:
    return {
        (WIND, Electricity.ON_GRID): wind * MWH + 400_000,
        (WIND, Electricity.MECHANISM): 8 * MWH,
        (SUN, Electricity.ON_GRID): sun * MWH,
        (SUN, Electricity.SELF_USE): 6 * MWH + 500_000,
        (HYDRO, Electricity.ON_GRID): 30 * MWH,
        (SEA, Electricity.ON_GRID): 25 * MWH,
        (TOWER, Electricity.ON_GRID): 12 * MWH,
    }


def live(home: Path, url: str, *, loud: bool = False) -> Outcome:
    """The whole year on the node at `url`, whose clock stands at BEGINS or before; what it leaves."""
    year = Year(home, url, loud=loud)
    year.at(BEGINS)
    year.open()
    year.issue_approved(NOVEMBER, _energies(60, 40))
    year.expire()
    year.issue(DECEMBER, _energies(100, 50))
    year.list_and_take()
    year.at("2026-02-06")
    year.issue(JANUARY, _energies(80, 40))
    year.bilateral()
    year.settle()
    year.at("2026-03-03")
    year.free_moves()
    year.at("2026-04-07")
    year.agent()
    year.declare()
    year.at("2026-05-11")
    added = year.add()
    year.at("2026-06-02")
    year.deduct()
    story = year.story()
    year.at("2026-07-01")
    retired = year.ccer()
    year.at("2026-08-04")
    year.accounts()
    year.at("2026-09-01")
    year.brake()
    year.at("2026-11-02")
    checked = year.close_the_books()
    return Outcome(home, url, story, retired, added, year.cases, checked)


@contextmanager
def node(folder: Path) -> Iterator[str]:
    """A chain of its own whose clock begins before the year."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    begins = datetime.fromisoformat(f"{BEGINS}T00:00:00").replace(tzinfo=BEIJING)
    process = start_node(url, folder, begins=int(begins.timestamp()))
    try:
        yield url
    finally:
        stop_node(process)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="an empty folder for keys, databases and chain")
    home = parser.parse_args().home
    home.mkdir(parents=True, exist_ok=True)
    with node(home / "chain") as url:
        found = live(home, url, loud=True)
        print(f"\nThe longest story:  gec --home {home} trace {found.story}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
