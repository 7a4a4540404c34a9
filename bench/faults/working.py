"""What a registry does while it is struck, and what must be true afterwards: a model in plain numbers.

Steps alternate: a province's month is taken in and issued; what was issued is listed, sold in parts and retired by
signed requests. The model knows what each step must leave, whatever happened on the way.
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from bench.faults.living import Command, Living
from bench.national.trading import Buyer, halves
from gecchain.client import Client
from gecchain.errors import GecError, TooMany, Unavailable
from gecchain.national.country import MadeUpProject, wh_of
from gecchain.national.files import provider_of
from gecchain.oracle.reading import kwh_text
from gecchain.requests import SignedRequest
from gecchain.rules import Month
from gecchain.signer import KeystoreSigner, development_signer

__all__ = ["Counts", "Work"]

T = TypeVar("T")
WH: Final = 1_000_000
_SEED: Final = 7
_TAKES: Final = 6
_PATIENCE_SECONDS: Final = 300.0
_HEADER: Final = ("project", "month", "class", "kwh", "provider", "sheet")


@dataclass(slots=True)
class Counts:
    """What must be there: certificates issued, energy read and carried over in Wh, trades, and certificates retired."""

    issued: int = 0
    wh: int = 0
    carried: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    trades: int = 0
    sold: int = 0
    retired: int = 0


class Work:
    """The steps of one registry. `command` is the one under way, for who wants to kill it."""

    def __init__(
        self,
        registry: Living,
        client: Client,
        files: Path,
        buyers: Sequence[Buyer],
        platform: tuple[str, KeystoreSigner],
    ) -> None:
        self.expected = Counts()
        self.command: Command | None = None
        self._registry, self._client, self._files = registry, client, files
        self._buyers, self._platform = buyers, platform
        self._names = count()

    def issue(self, province: int, month: Month, projects: Sequence[MadeUpProject]) -> None:
        """Take in what a province's projects generated in a month, and issue it."""
        path = self._files / f"{month}-{province}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_HEADER)
            writer.writerows(self._read(province, month, projects))
        self._run("ingest", path)
        self._run("issue", "--month", month)

    def _read(self, province: int, month: Month, projects: Sequence[MadeUpProject]) -> Iterator[tuple[str, ...]]:
        for at, project in enumerate(projects):
            wh, id_ = wh_of(project, month, _SEED), project.key.id
            made, left = divmod(self.expected.carried[id_] + wh, WH)
            self.expected.carried[id_] = left
            self.expected.issued, self.expected.wh = self.expected.issued + made, self.expected.wh + wh
            cells = (project.key.code, str(month), project.electricity.slug, kwh_text(wh), provider_of(province))
            yield (*cells, f"{month}-{province}-{at}")

    def _run(self, *words: object) -> Any:
        self.command = Command(self._registry, words)
        try:
            return self.command.done()
        finally:
            self.command = None

    def sell(self, project: MadeUpProject, month: Month, random: Random) -> None:
        """List a project's batch of a month, sell parts of it, and retire what was sold, half by half."""
        client, (platform, key) = self._client, self._platform
        (batch,) = self._asked(
            lambda: [one for one in client.batches(project=project.key.code) if one.month == str(month)]
        )
        owner = development_signer(f"owner-{project.owner_code}")
        lot = {"batch": batch.batch, "start": 0, "end": batch.count, "price": 500, "platforms": 1}
        self._hand_in([client.sign(owner, "market.list", lot)])
        (listing,) = self._asked(lambda: [one for one in client.listings() if one.left.batch == batch.batch])
        parts = [random.randint(2, max(batch.count // _TAKES, 2)) for _ in range(min(_TAKES, batch.count // 2))]
        taken = [
            {
                "listing": listing.listing,
                "quantity": part,
                "buyer": random.choice(self._buyers).account,
                "platform": platform,
            }
            for part in parts
        ]
        self._hand_in([client.sign(key, "market.take", one) for one in taken])
        self.expected.trades, self.expected.sold = self.expected.trades + len(parts), self.expected.sold + sum(parts)
        keys = {buyer.account: buyer.key for buyer in self._buyers}
        sold = self._asked(
            lambda: [one for one in client.trades(project=project.key.code) if one.range.batch == batch.batch]
        )
        retiring = [
            client.sign(keys[one.buyer.address.lower()], "certificates.retire", arguments)
            for one in sold
            for arguments in halves(one.range.batch, one.range.start, one.range.end, month)
        ]
        self._hand_in(retiring)
        self.expected.retired += sum(parts)

    def _hand_in(self, wishes: Sequence[SignedRequest]) -> None:
        """Hand in under one name until it is taken, then wait for the end of each; every one must be done."""
        name = f"faults {next(self._names)}"
        taken = self._asked(lambda: self._client.hand_in(wishes, key=name))
        for one in taken:
            if one.problem is not None:
                raise SystemExit(f"a request was not taken: {one.problem}")
            ended = self._asked(lambda id_=one.id: self._client.wait(id_, seconds=_PATIENCE_SECONDS))  # type: ignore[misc]
            if ended.state != "done":
                raise SystemExit(f"a request ended as {ended.state}: {ended}")

    def _asked(self, question: Callable[[], T]) -> T:
        """Ask until there is an answer: an API that is away comes back."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return question()
            except (Unavailable, TooMany) as error:
                self._registry.told[f"the API: {error.message}"[:80]] += 1
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            except GecError as error:
                raise SystemExit(f"the API: {error}") from error
