"""Strike a working registry again and again, and count after each strike: `python -m bench faults [--strikes N]`.

One registry with everything that it consists of: node, PostgreSQL, indexer, relay, webhooks, API, and the commands that
take in and issue. Each strike is one of: kill -9 of the command under way or of one of the processes; the node ends
and begins again; the database dies and comes up again; for as long as a step takes, a quarter of what goes to the node
comes late, twice, cut off, shuffled, or not at all. After each the step must end, `gec fsck` find nothing, the month
balance to the Wh, and certificates, trades and retirements be as many as the model says.

Small by default (12 strikes, some three minutes); `--full` strikes 200 times and keeps bench/results/faults.json and
faults.md.
Exit status 1 with what is wrong, at the first strike that leaves anything wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from random import Random, randrange

from bench.faults.line import bad_line
from bench.faults.living import Command, Living, living, until
from bench.faults.striking import Node, Striker
from bench.faults.working import Work
from bench.load.engines import database, free_port, kinds
from bench.load.report import described
from bench.national.running import PLATFORM, prepare
from bench.national.trading import open_buyers
from gecchain.cli.context import Context
from gecchain.client import Client
from gecchain.national.country import MadeUpProject, projects_of, wh_of
from gecchain.national.files import projects_by_province, write_month
from gecchain.rules import Electricity, Month, ProjectType, Technology
from gecchain.signer import development_signer
from gecchain.store.indexing import Projection

RESULTS = Path(__file__).parents[1] / "results"
SMALL, FULL = 12, 200
PROJECTS = 240
SEED = 7
FIRST, MONTHS = Month.of(2026, 1), 10
A_STEP = 12
LEAST_LOT = 12


@dataclass(frozen=True, slots=True)
class Strike:
    """One strike: what was struck during which step, and seconds until the step had ended."""

    kind: str
    step: str
    seconds: float


class Registry:
    """Everything that is struck, and the steps that it has still to do."""

    def __init__(self, stack: ExitStack, folder: Path, random: Random, engine: str) -> None:
        self.random = random
        url = stack.enter_context(database(engine, folder / "database"))
        environment = {"GEC_DATABASE_URL": url} if engine == "postgresql" else {}
        self.node = Node(f"http://127.0.0.1:{free_port()}", folder / "chain")
        stack.callback(lambda: self.node.process.kill())
        home = folder / "home"
        prepare(home, self.node.url)
        self.line = stack.enter_context(bad_line(self.node.url, random, 0.0))
        self.registry = stack.enter_context(living(home, self.line.url, environment))
        self.context: Context = self.registry.opened()
        stack.callback(self.context.close)
        self.striker = Striker(
            self.registry, self.node, self.line, folder / "database" if engine == "postgresql" else None, random
        )
        files = folder / "files"
        write_month(files, PROJECTS, FIRST, SEED)
        Command(self.registry, ["filing", "import", *sorted(files.glob("filings-*"))]).done()
        buyers = open_buyers(self.context)
        key = self._granted()
        port = free_port()
        for name, words in {
            "index": ["index", "--follow", "--poll", "0.2"],
            "relay": ["relay", "--follow", "--poll", "0.2"],
            "webhooks": ["webhooks", "--follow"],
            "api": ["serve", "--alone", "--port", port],
        }.items():
            self.registry.stay(name, words)
        client = stack.enter_context(Client(f"http://127.0.0.1:{port}", token=key))
        platform = self.context.roles.accounts[PLATFORM], development_signer("platform")
        self.work = Work(self.registry, client, files, buyers, platform)
        self.client = client
        self._projects = {
            province: sorted(projects_of(province, share, SEED), key=lambda one: not _sells(one, FIRST))[:A_STEP]
            for province, share in projects_by_province(PROJECTS).items()
        }
        self._to_issue = deque(product((FIRST + at for at in range(MONTHS)), self._projects))
        self._to_sell = deque[tuple[MadeUpProject, Month]]()
        until("the API answers", self._answers)

    def _granted(self) -> str:
        account = self.context.roles.accounts[PLATFORM]
        key: str = Command(self.registry, ["access", "grant", PLATFORM, "--account", account]).done()["key"]
        return key

    def _answers(self) -> bool:
        try:
            return self.client.health().indexed_block is not None
        except Exception:  # noqa: BLE001
            return False

    def step(self, number: int, *, with_command: bool) -> str:
        """Do one step; its name. Only taking in and issuing have commands; trading has processes alone."""
        if number % 2 and self._to_sell and not with_command:
            project, month = self._to_sell.popleft()
            self.work.sell(project, month, self.random)
            return "trade and retire"
        month, province = self._to_issue.popleft()
        some = self._projects[province]
        self.work.issue(province, month, some)
        self._to_sell.extend((one, month) for one in some if _sells(one, month))
        return f"take in and issue {month}"

    def count(self) -> None:
        """Whether everything is as it must be. SystemExit with what is not."""
        projection = Projection(self.context.projection)
        until("the index has the newest block", lambda: _stands_at_head(self.context, projection))
        Command(self.registry, ["fsck"]).done()
        for month in sorted({one for one, _province in self._issued()}):
            balance = Command(self.registry, ["reconcile", "--month", month]).done()
            if not balance["balances"]:
                sys.exit(f"{month} does not balance: {balance['differences']}")
        self._compare()

    def _issued(self) -> Iterator[tuple[Month, int]]:
        left = set(self._to_issue)
        return (one for one in product((FIRST + at for at in range(MONTHS)), self._projects) if one not in left)

    def _compare(self) -> None:
        sums, expected = self.client.statistics(), self.work.expected
        found = {
            "issued": sums.issued,
            "metered Wh": int(sums.metered_wh),
            "carried Wh": int(sums.carry_wh),
            "retired": sums.retired,
            "trades": sum(1 for _one in self.client.trades()),
        }
        wanted = {
            "issued": expected.issued,
            "metered Wh": expected.wh,
            "carried Wh": sum(expected.carried.values()),
            "retired": expected.retired,
            "trades": expected.trades,
        }
        if found != wanted:
            sys.exit(f"counted {found} instead of {wanted}")


def main() -> int:
    """Strike and count, then tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strikes", type=int, default=0)
    parser.add_argument("--seed", type=int, default=randrange(1 << 32))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="PostgreSQL where it is installed")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    strikes = options.strikes or (FULL if options.full else SMALL)
    engine = options.database or kinds("both")[-1]
    print(f"  seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="gec-faults-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        registry = Registry(stack, folder, Random(options.seed), engine)
        done = [struck(registry, number, kind) for number, kind in zip(range(strikes), _kinds(registry), strict=False)]
        lines = table(done, registry.registry, dict(registry.line.done), options.seed, engine)
    print("\n".join(lines))
    if options.full or options.save:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "faults.md").write_text("\n".join(lines) + "\n")
        kept = {"machine": described(), "seed": options.seed, "strikes": [asdict(one) for one in done]}
        (RESULTS / "faults.json").write_text(json.dumps(kept, indent=1) + "\n")
    return 0


def struck(registry: Registry, number: int, kind: str) -> Strike:
    """One step with one strike while it goes on, and the count."""
    began = time.monotonic()
    striking = threading.Thread(target=registry.striker.strike, args=(kind, lambda: registry.work.command), daemon=True)
    striking.start()
    step = registry.step(number, with_command=kind == "command")
    striking.join()
    registry.striker.mend()
    seconds = time.monotonic() - began
    registry.count()
    kind = kind if registry.striker.hit else f"{kind}, which had ended"
    print(f"  {number + 1}: {kind} struck, {step}: {seconds:.1f} s, everything is there", flush=True)
    return Strike(kind, step, round(seconds, 1))


def table(done: list[Strike], registry: Living, line: dict[str, int], seed: int, engine: str) -> list[str]:
    """What was struck how often, and what the registry said meanwhile."""
    lines = [
        "# A registry under strikes",
        "",
        f"`python -m bench faults` wrote this on {datetime.now(UTC).date()}, seed {seed}, {engine}.",
        f"{len(done)} strikes, and after each everything was there: nothing minted, traded or retired twice, nothing",
        "missing, fsck clean, the balance exact to the Wh.",
        "",
        *(f"- {name}: {value}" for name, value in described().items()),
        "",
        "| struck | times | seconds a step, median and longest |",
        "| --- | ---: | ---: |",
    ]
    for kind, times in sorted(Counter(one.kind for one in done).items()):
        seconds = sorted(one.seconds for one in done if one.kind == kind)
        lines.append(f"| {kind} | {times} | {seconds[len(seconds) // 2]:.1f} and {seconds[-1]:.1f} |")
    spoilt = ", ".join(f"{name} {times}" for name, times in sorted(line.items()))
    lines += ["", f"Requests that the bad line spoilt: {spoilt}.", ""]
    lines += ["| what was told before a process or command ran again | times |", "| --- | ---: |"]
    lines += [f"| {words} | {times} |" for words, times in registry.told.most_common()]
    return lines


def _kinds(registry: Registry) -> Iterator[str]:
    """Every kind in its turn, each round in an order by chance."""
    while True:
        yield from registry.random.sample(registry.striker.kinds, len(registry.striker.kinds))


def _sells(project: MadeUpProject, month: Month) -> bool:
    return (
        project.key.type is ProjectType.CENTRALISED
        and project.electricity is Electricity.ON_GRID
        and project.key.technology in (Technology.SOLAR_PV, Technology.WIND)
        and wh_of(project, month, SEED) // 1_000_000 >= LEAST_LOT
    )


def _stands_at_head(context: Context, projection: Projection) -> bool:
    at = projection.cursor()
    return at is not None and at.block >= context.reader.head()


if __name__ == "__main__":
    sys.exit(main())
