"""The contracts against the ledger: random calls by random callers, right and wrong, must come out the same.

Refusals by name, events one by one, and in the end everything that the contracts answer. `GEC_OPERATIONS` sets how many
calls (100,000 takes a minute), `GEC_SEED` repeats a run.
"""

import os
import random
from collections import Counter
from typing import Any

import pytest

from gecchain.chain.deploying import Role
from gecchain.events import Claim, Event, Recorded
from gecchain.fsck.contracts import Contracts
from gecchain.fsck.invariants import covers, energy, holdings, trades_once
from gecchain.ledger import apply, settle
from gecchain.proofs import Tree
from gecchain.rules import Month
from tests.chain.inprocess import InProcess
from tests.model import Filing, Model, Opening

OPERATIONS = int(os.environ.get("GEC_OPERATIONS", "4000"))
SEED = int(os.environ.get("GEC_SEED", "0")) or random.SystemRandom().randrange(1 << 32)
AUTHORITY, CENTRE, PROVINCE_KEY, PROVIDER, PLATFORM_KEY, OFFICE, *PEOPLE = (
    "0x" + f"{n:02x}" * 20 for n in range(1, 11)
)
PROVINCES = {15: "0x" + "c1" * 20, 31: "0x" + "c2" * 20}
PLATFORMS = ("0x" + "d1" * 20, "0x" + "d2" * 20)
OWNERS = ("0x" + "e1" * 20, "0x" + "e2" * 20)
BUYERS = ("0x" + "f1" * 20, "0x" + "f2" * 20, "0x" + "f3" * 20)
STRANGER = "0x" + "99" * 20
TECHNOLOGIES = (1, 4, 6, 7, 9)
PROJECTS = tuple(
    1 << 44 | technology << 39 | 1400 << 27 | province << 20 | 1
    for technology in TECHNOLOGIES
    for province in (15, 31, 44)
)
START = 1_800_000_000
WORD = "0x" + "5a" * 32


class Walk:
    """One random walk; every method draws one call, more often right than wrong."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        members = {
            Role.AUTHORITY: [AUTHORITY],
            Role.INFO_CENTRE: [CENTRE],
            Role.PROVINCE: [PROVINCE_KEY],
            Role.PROVIDER: [PROVIDER],
            Role.PLATFORM: [PLATFORM_KEY],
            Role.REGISTRAR: [OFFICE],
        }
        self.chain = InProcess(members)
        self.model = Model(roles={int(role): set(addresses) for role, addresses in members.items()})
        self.trees: list[Tree] = []
        self.seen: Counter[str] = Counter()
        self.now = START
        self.place = 0
        self.chain.at(self.now)

    def play(self, caller: str, contract: str, function: str, *args: Any) -> None:
        """Both sides do the call; the outcomes are equal; what happened is folded."""
        expected = self.model.expect(caller, self.now, function, *args)
        found = self.chain.call(caller, contract, function, tuple(encoded(arg) for arg in args))
        assert found == expected, (SEED, self.place, caller, function, args)
        self.seen[f"{function}: {found}" if isinstance(found, str) else function] += 1
        if isinstance(found, list):
            self.fold(found)
            if function == "submit":
                self.model.waiting.update({filing.project: filing for filing in args[0]})

    def fold(self, events: list[Event]) -> None:
        self.place += 1
        for index, event in enumerate(events):
            apply(self.model.state, Recorded(self.place, index, WORD, f"0x{self.place:064x}", self.now, event))
        settle(self.model.state)

    def mostly(self, right: str) -> str:
        return right if self.random.random() < 0.95 else self.random.choice([*PEOPLE, AUTHORITY, OFFICE, PROVIDER])

    # What can be done

    def found(self) -> None:
        openings = [Opening(address, 3, province, PROVINCE_KEY, "省") for province, address in PROVINCES.items()]
        platforms = [Opening(address, 5, 0, PLATFORM_KEY, "平台") for address in PLATFORMS]
        self.play(AUTHORITY, "registry", "openInstitutions", [*openings, *platforms])
        buyers = [Opening(address, 2, 0, self.random.choice(PEOPLE), "") for address in BUYERS[:2]]
        self.play(OFFICE, "registry", "openBuyers", buyers)
        for project in PROJECTS[:12]:
            self.file(project)

    def open(self) -> None:
        pool = [*BUYERS, STRANGER, "0x" + "00" * 20, f"0x{self.random.randrange(1 << 160):040x}"]
        kind, province = self.random.choice([1, 2, 2, 3, 5, 6]), self.random.choice([0, 0, 15, 44, 7, 83])
        opening = Opening(self.random.choice(pool), kind, province, self.random.choice(PEOPLE), "name")
        if self.random.random() < 0.7:
            self.play(self.mostly(OFFICE), "registry", "openBuyers", [opening])
        elif province != 44 and kind != 5:
            self.play(self.mostly(AUTHORITY), "registry", "openInstitutions", [opening])

    def file(self, project: int | None = None) -> None:
        number = project or self.random.choice([*PROJECTS, 5])
        filing = Filing(
            *(number, self.random.choice(OWNERS), self.random.choice(PEOPLE), "公司"),
            *(self.random.choice([1400, 1476, 1512]), self.random.choice([0, 1000, 1000]) if not project else 1000),
            *(self.random.random() < 0.5, f'{{"v":{self.place}}}'),
        )
        self.play(self.mostly(OFFICE), "registry", "submit", [filing])
        seen = filing if self.random.random() < 0.9 else filing._replace(document="{}")
        approved = bool(project) or self.random.random() < 0.8
        self.play(self.mostly(PROVINCE_KEY), "registry", "review", [seen], approved, "why")

    def freeze_account(self) -> None:
        account = self.random.choice([*OWNERS, *BUYERS, *PLATFORMS, STRANGER])
        self.play(self.mostly(AUTHORITY), "registry", "setFrozen", account, self.random.random() < 0.15, "case")
        if self.random.random() < 0.2:
            account = self.random.choice([*OWNERS, *BUYERS, STRANGER])
            self.play(AUTHORITY, "registry", "setOperator", account, self.random.choice(PEOPLE))

    def commit(self) -> None:
        size = self.random.choice([1, 5, 40, 300])
        words = sorted(
            {
                (project << 8 | electricity): project << 208
                | electricity << 200
                | self.random.choice([0, 1, 999_999, 4_321_987, 25_000_000, 5_000_000 * 10**6, 1 << 50]) << 136
                | self.random.randrange(1 << 136)
                for project in [*PROJECTS, *range(1, 200)][:size]
                for electricity in self.random.sample([0, 1, 2, 3, 4], self.random.choice([1, 1, 2]))
            }.values()
        )
        tree = Tree.of(words)
        newest = Month.at(self.now).index - 1
        month = self.random.choice([*(newest - i for i in range(16)), newest, newest, newest + 1, newest - 40])
        latest = len(self.trees)
        replaces = self.random.choice([0, 0, 0, latest, self.random.randrange(latest + 2)])
        root = "0x" + tree.root.hex()
        function, caller = self.random.choice([("commit", PROVIDER), ("commit", PROVIDER), ("commitDeclared", CENTRE)])
        before = len(self.model.state.commitments)
        self.play(self.mostly(caller), "readings", function, month, root, tree.count, 1, WORD, replaces)
        if len(self.model.state.commitments) > before:
            self.trees.append(tree)

    def issue(self) -> None:
        if not self.trees:
            return
        number = self.random.randrange(max(len(self.trees) - 3, 0), len(self.trees)) + 1
        tree = self.trees[number - 1]
        index = self.random.randrange(tree.chunks)
        leaves, proof = tree.chunk(index)
        trick = self.random.random()
        if trick < 0.05:
            leaves = (*leaves[:-1], leaves[-1] ^ 1)
        elif trick < 0.08:
            leaves = leaves[1:]
        elif trick < 0.1:
            number += 50
        elif trick < 0.12:
            index += 9
        self.play(self.mostly(AUTHORITY), "certificates", "issue", number, index, list(leaves), list(proof))

    def range(self) -> tuple[int, int, int]:
        """Mostly a range within one segment; sometimes across, empty or beyond."""
        batches = list(self.model.state.batches)
        if not batches or self.random.random() < 0.02:
            return 1, 0, 1
        batch = self.random.choice(batches[-40:])
        segment = self.random.choice(self.model.state.segments_of(batch))
        start = self.random.randrange(segment.start, segment.end)
        end = self.random.randint(start + 1, segment.end)
        if self.random.random() < 0.2:
            start, end = segment.start, segment.end
        if self.random.random() < 0.05:
            end += self.random.choice([-1, 1]) * self.random.randrange(4)
        return batch, start, max(end, 0)

    def holder_key(self, batch: int, start: int) -> str:
        segment = self.model.state.segment_at(batch, start)
        holder = self.model.state.accounts.get(segment.owner) if segment else None
        return self.mostly(holder.operator if holder else AUTHORITY)

    def move(self) -> None:
        to = self.random.choice([*BUYERS, *OWNERS, STRANGER])
        self.play(self.mostly(AUTHORITY), "certificates", "move", *self.range(), to, WORD)

    def freeze(self) -> None:
        function = self.random.choice(["freeze", "unfreeze"])
        self.play(self.mostly(AUTHORITY), "certificates", function, *self.range(), WORD)

    def retire(self) -> None:
        span = self.range()
        claim = Claim(
            self.random.choice(["某公司", *["A"] * 18, "x" * 257, ""]),
            self.random.choice([*range(1, 8), *range(1, 8), 0, 8]),
            1500,
            1501,
            "文",
        )
        self.play(self.holder_key(*span[:2]), "certificates", "retire", *span, claim)

    def expire(self) -> None:
        self.play(self.random.choice(PEOPLE), "certificates", "expire", *self.range())

    def list(self) -> None:
        span = self.range()
        if not span[0] & 1 and self.random.random() < 0.9:
            return
        price, platforms = self.random.choice([0, 1, 2500, (1 << 64) - 1]), self.random.choice([1, 2, *[3] * 14, 0, 8])
        self.play(self.holder_key(*span[:2]), "market", "list", *span, price, platforms)

    def some_listing(self) -> int:
        opened = [number for number, listing in self.model.state.listings.items() if not listing.closed]
        return self.random.choice(opened) if opened and self.random.random() < 0.98 else self.random.randrange(9)

    def take(self) -> None:
        number = self.some_listing()
        listing = self.model.state.listings.get(number)
        if (listing is None or listing.closed) and self.random.random() < 0.9:
            self.list()
            return
        most = listing.left_end - listing.left if listing and not listing.closed else 3
        quantity = self.random.choice([0, 1, 1, 1, most, most + 1, self.random.randint(1, most)])
        buyer, platform = self.random.choice([*BUYERS, *OWNERS]), self.random.choice(PLATFORMS)
        self.play(self.mostly(PLATFORM_KEY), "market", "take", number, quantity, buyer, platform)

    def withdraw(self) -> None:
        number = self.some_listing()
        listing = self.model.state.listings.get(number)
        caller = self.holder_key(listing.batch, listing.left) if listing and not listing.closed else PEOPLE[0]
        self.play(caller, "market", "withdraw", number)

    def wait(self) -> None:
        """Time goes on, in leaps beyond validity now and then."""
        self.now += self.random.choice([60, 86_400, 40 * 86_400])
        self.chain.at(self.now)

    def step(self) -> None:
        plays = (
            *((self.issue,) * 2 + (self.commit,) * 1 + (self.list,) * 6 + (self.take,) * 5 + (self.move,) * 3),
            *((self.retire,) * 2 + (self.freeze,) * 3 + (self.expire, self.open, self.file)),
            *(self.freeze_account, self.freeze_account),
        )
        self.random.choice(plays if self.random.random() < 0.98 else (self.withdraw,))()
        if self.random.random() < 0.004:
            self.wait()


def encoded(value: Any) -> Any:
    """A value as the ABI takes it: words are bytes, structs tuples."""
    if isinstance(value, str) and len(value) == 66 and value.startswith("0x"):
        return bytes.fromhex(value[2:])
    if isinstance(value, Claim):
        return (value.beneficiary, value.purpose, value.from_, value.to, value.statement)
    return value


@pytest.fixture(scope="module")
def walk() -> Walk:
    found = Walk(SEED)
    found.found()
    for _ in range(OPERATIONS):
        found.step()
    return found


def test_every_call_comes_out_the_same(walk: Walk) -> None:
    """The walk itself asserts it; here: that it went everywhere that matters."""
    done = {name for name in walk.seen if ":" not in name}
    assert {"issue", "move", "freeze", "unfreeze", "retire", "list", "take", "withdraw", "review"} <= done
    refused = {name.split(": ")[1] for name in walk.seen if ":" in name}
    assert {"StateIs", "MayNotAct", "RangeNotUniform", "AccessManagedUnauthorized", "ListingUnknown"} <= refused


def test_contracts_answer_what_the_ledger_holds(walk: Walk) -> None:
    asked = Contracts(walk.chain, walk.model.state, 1)  # type: ignore[arg-type]
    tables = (asked.registry(), asked.readings(), asked.lanes(), asked.batches(), asked.balances(), asked.market())
    differences = [found for table in tables for found in table if found is not None]
    assert differences == [], SEED


def test_invariants_hold_after_the_walk(walk: Walk) -> None:
    checks = (covers, holdings, energy, trades_once)
    assert [found for check in checks for found in check(walk.model.state) if found is not None] == [], SEED
