"""A trading day and a year-end: sellers list, a platform sells in parts, buyers retire, all by signed requests.

One platform hands in over HTTP, 500 requests a call, while the API, the relay and the indexer run as processes of
their own, and somebody verifies certificates. It is over when the last request has ended and the index has its block.
"""

from __future__ import annotations

import heapq
import itertools
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpx

from bench.national.running import PLATFORM, Country, free_port, processor_of
from gecchain.cli.context import Context
from gecchain.cli.filing import identity_key
from gecchain.client import Client
from gecchain.filing import Opening, open_accounts
from gecchain.national.country import MadeUpProject, projects_of, wh_of
from gecchain.national.files import projects_by_province
from gecchain.oracle.owners import made_up_uscc
from gecchain.requests import SignedRequest
from gecchain.rules import (
    AccountKind,
    Electricity,
    Month,
    ProjectType,
    Purpose,
    Technology,
    account_address,
    identity_hash,
)
from gecchain.signer import KeystoreSigner, development_signer
from gecchain.store.desk import outbox
from gecchain.store.engine import connected

__all__ = ["Buyer", "Figures", "halves", "open_buyers", "trade_and_retire"]

MONTH = Month.of(2026, 1)
WH = 1_000_000
BUYERS = 200
TRADES_A_LOT = 250
A_CALL = 500
PRICE_FEN = 520
READS_A_SECOND = 20
LONGEST_SECONDS = 7_200


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests of one kind: how many in how long, what each process used, and how long reads took meanwhile."""

    name: str
    requests: int
    seconds: float
    processor: Mapping[str, float]
    reads: int
    read_p50_ms: float
    read_p99_ms: float


@dataclass(frozen=True, slots=True)
class _Seller:
    project: MadeUpProject
    certificates: int


@dataclass(frozen=True, slots=True)
class Buyer:
    """A consumer's account, and the key that acts for it."""

    account: str
    key: KeystoreSigner


@dataclass(frozen=True, slots=True)
class _Bought:
    batch: str
    start: int
    end: int
    buyer: str


def trade_and_retire(running: Country, projects: int, seed: int, trades: int) -> list[Figures]:
    """So many trades, then each bought range retired in two parts. SystemExit if any of it is refused."""
    context = running.opened()
    buyers = open_buyers(context)
    platform = development_signer("platform")
    account = context.roles.accounts[PLATFORM]
    sellers = _largest(projects, seed, -(-trades // TRADES_A_LOT))
    _stage, granted = running.stage("grant a key", ["access", "grant", PLATFORM, "--account", account])
    with _served(running, granted["key"]) as served:
        listing = served.measure("list", _listings(served.client, sellers))
        lots = _lots(served.client)
        draw = random.Random(seed)
        selling = served.measure("trade in parts", _takes(served.client, lots, trades, draw, buyers, platform, account))
        bought = [
            _Bought(one.range.batch, one.range.start, one.range.end, one.buyer.address)
            for one in served.client.trades()
        ]
        if len(bought) != trades:
            sys.exit(f"{len(bought)} trades are indexed instead of {trades}")
        retiring = served.measure("retire", _retirements(served.client, bought, buyers))
    with connected(context.desk) as db:
        counts = outbox.counts(db)
    context.close()
    if counts["done"] != sum(counts.values()):
        sys.exit(f"not all requests were done: {counts}")
    return [listing, selling, retiring]


@contextmanager
def _served(running: Country, key: str) -> Iterator[_Served]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        processes = {
            "index": stack.enter_context(running.staying(["index", "--follow"])),
            "relay": stack.enter_context(running.staying(["relay", "--follow", "--poll", "0.1"])),
            "api": stack.enter_context(running.staying(["serve", "--alone", "--port", port])),
            "node": running.node,
            "platform": os.getpid(),
        }
        _wait_for(url)
        with Client(url, token=key) as client:
            yield _Served(url, client, processes)


class _Served:
    """The registry as a platform meets it, and the processes that it is."""

    def __init__(self, url: str, client: Client, processes: Mapping[str, int]) -> None:
        self.client = client
        self._url = url
        self._processes = processes
        self._calls = itertools.count()

    def measure(self, name: str, wishes: Iterable[SignedRequest]) -> Figures:
        """Hand in, 500 a call, and wait until the last one is in the index; what it took."""
        before = self._used()
        began = time.perf_counter()
        with _Reading(self._url, self.client) as reading:
            count, last = 0, None
            left = iter(wishes)
            while some := list(itertools.islice(left, A_CALL)):
                taken = self.client.hand_in(some, key=f"bench {next(self._calls)}")
                refused = [one.problem for one in taken if one.problem is not None]
                if refused:
                    sys.exit(f"{len(refused)} requests were not taken: {refused[0]}")
                count, last = count + len(some), taken[-1].id
            self.client.wait(last, seconds=LONGEST_SECONDS)
        seconds = time.perf_counter() - began
        used = {process: round(after - before[process], 1) for process, after in self._used().items()}
        milliseconds = sorted(1000 * one for one in reading.took)
        cuts = statistics.quantiles(milliseconds, n=100) if len(milliseconds) > 1 else milliseconds * 99
        figures = Figures(
            name, count, round(seconds, 1), used, len(milliseconds), round(cuts[49], 1), round(cuts[98], 1)
        )
        print(
            f"  {name}: {count:,} requests in {figures.seconds} s, {count / seconds:,.0f} a second, {used}", flush=True
        )
        return figures

    def _used(self) -> dict[str, float]:
        return {name: processor_of(pid) for name, pid in self._processes.items()}


class _Reading:
    """Somebody who verifies certificates, twenty a second, while the rest goes on; how long each answer took."""

    def __init__(self, url: str, client: Client) -> None:
        self.took: list[float] = []
        self._numbers = [one.first_number for one in itertools.islice(client.batches(), 50)]
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()
        self._http.close()

    def _read(self) -> None:
        for number in itertools.cycle(self._numbers):
            began = time.perf_counter()
            self._http.get(f"/v1/verify/{number}").raise_for_status()
            self.took.append(time.perf_counter() - began)
            if self._over.wait(max(1 / READS_A_SECOND - self.took[-1], 0)):
                return


def _largest(projects: int, seed: int, count: int) -> list[_Seller]:
    """The largest photovoltaic and wind plants that sell, which is where a part of a lot is worth having."""
    found = (
        _Seller(project, wh_of(project, MONTH, seed) // WH)
        for province, share in projects_by_province(projects).items()
        for project in projects_of(province, share, seed)
        if project.key.type is ProjectType.CENTRALISED
        and project.electricity is Electricity.ON_GRID
        and project.key.technology in (Technology.SOLAR_PV, Technology.WIND)
    )
    return heapq.nlargest(count, found, key=lambda one: (one.certificates, one.project.key.id))


def open_buyers(context: Context) -> list[Buyer]:
    identity = identity_key(context)
    names = [f"示例用户 Example Consumer {number}" for number in range(BUYERS)]
    buyers = [
        Buyer(
            account_address(identity_hash(identity, made_up_uscc(name))).lower(),
            development_signer(f"consumer-{number}"),
        )
        for number, name in enumerate(names)
    ]
    openings = [
        Opening(buyer.account, AccountKind.BUYER, 0, buyer.key.address, name)
        for buyer, name in zip(buyers, names, strict=True)
    ]
    open_accounts(context.writer(context.roles.registrar), context.reader, openings)
    return buyers


def _listings(client: Client, sellers: Sequence[_Seller]) -> Iterator[SignedRequest]:
    for seller in sellers:
        key = seller.project.key
        (batch,) = client.batches(project=key.code)
        arguments = {"batch": batch.batch, "start": 0, "end": seller.certificates}
        signer = development_signer(f"owner-{seller.project.owner_code}")
        yield client.sign(signer, "market.list", arguments | {"price": PRICE_FEN, "platforms": 1})


def _lots(client: Client) -> list[tuple[str, int]]:
    return [(one.listing, one.left.count) for one in client.listings()]


def _takes(
    client: Client,
    lots: Sequence[tuple[str, int]],
    trades: int,
    draw: random.Random,
    buyers: Sequence[Buyer],
    platform: KeystoreSigner,
    account: str,
) -> Iterator[SignedRequest]:
    """Trades go round the lots, each a part of what its lot can spare, at least two certificates."""
    share = -(-trades // len(lots))
    most = [count // share for _lot, count in lots]
    if min(most) < 2:
        sys.exit(f"a lot of {min(count for _lot, count in lots)} is too small for {share} trades")
    for number in range(trades):
        place = number % len(lots)
        arguments = {
            "listing": lots[place][0],
            "quantity": draw.randint(2, most[place]),
            "buyer": draw.choice(buyers).account,
            "platform": account,
        }
        yield client.sign(platform, "market.take", arguments)


def _retirements(client: Client, bought: Iterable[_Bought], buyers: Sequence[Buyer]) -> Iterator[SignedRequest]:
    keys = {buyer.account: buyer.key for buyer in buyers}
    for one in bought:
        for arguments in halves(one.batch, one.start, one.end, MONTH):
            yield client.sign(keys[one.buyer.lower()], "certificates.retire", arguments)


def halves(batch: str, start: int, end: int, month: Month) -> Iterator[dict[str, Any]]:
    """What retires a range in two parts, for a month's consumption."""
    claim = {
        "beneficiary": "示例用户 Example Consumer",
        "purpose": int(Purpose.PRODUCTION),
        "from": month.index,
        "to": month.index + 1,
        "statement": "",
    }
    middle = (start + end) // 2
    for first, last in ((start, middle), (middle, end)):
        yield {"batch": batch, "start": first, "end": last, "claim": claim}


def _wait_for(url: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/v1/health", timeout=30, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    sys.exit(f"{url} does not answer")
