"""A registry of any size, by a seed: plants, two years of months, and what became of every batch.

Each plant has 24 batches of some 4,100 certificates, and 20 things happen to each batch, which leave it in 41 ranges:
ten pieces are retired, five stand on sale, and five are sold. `founding` is told as events, for the projection to fold;
`acts` are a table, since there are millions: as events (`events_of`, for tests) and as rows (`bench.load.filling`) they
must come to the same database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from gecchain.events import (
    NO_ACCOUNT,
    AccountOpened,
    Claim,
    ConsecutiveTransfer,
    Event,
    FilingReviewed,
    FilingSubmitted,
    Issued,
    Listed,
    PlatformAdmitted,
    ReadingsCommitted,
    Recorded,
    Retired,
    Traded,
)
from gecchain.proofs import Leaf, Tree, canonical_json, keccak256
from gecchain.rules import BatchKey, Electricity, Month, ProjectKey, ProjectType, Technology
from gecchain.rules.carry import EMPTY_LANE, Lane
from gecchain.store.indexing import Header

__all__ = ["ACTS", "BENEFICIARY", "MONTHS", "PIECES", "RANGES_OF_BATCH", "START", "STATEMENT", "World"]

MONTHS: Final = [Month.parse("2026-09") - back for back in reversed(range(24))]
START: Final = 1_793_000_000  # 2026-10-26 UTC: every month is issued, none has expired
PIECES: Final = 20
PITCH: Final = 205
RANGES_OF_BATCH: Final = 2 * PIECES + 1
CHUNK: Final = 256
PROVINCE: Final = 15
BENEFICIARY: Final = "示例制造有限公司"
STATEMENT: Final = "全部用于产品制造"
BUYERS: Final = 97
_BASIS: Final = "0x" + "be" * 32
_WORD: Final = 1 << 32

# What happens to the pieces of a batch, in order: a retirement, a lot that stays, a retirement, a lot that is taken.
ACTS: Final = ("retired", "listed", "retired", "traded") * (PIECES // 4)


def address(*parts: object) -> str:
    """An account's address."""
    return "0x" + keccak256(repr(parts).encode())[-20:].hex()


PROVINCIAL, PROVIDER, PLATFORM = (address(word) for word in ("province", "provider", "platform"))


@dataclass(frozen=True, slots=True)
class Minted:
    """A batch as it was issued."""

    id: int
    count: int
    owner: str
    position: int


class World:
    """The registry with so many plants. Block hashes are made up, and so are all owners."""

    def __init__(self, plants: int, seed: int = 1) -> None:
        self.seed = seed
        self.plants = [
            ProjectKey(ProjectType.CENTRALISED, Technology.WIND, Month.parse("2015-03"), PROVINCE, 1 + number)
            for number in range(plants)
        ]
        self.buyers = [address("buyer", number) for number in range(BUYERS)]
        self.batches: list[Minted] = []
        self._lanes = dict.fromkeys((key.id for key in self.plants), EMPTY_LANE)

    # What is folded

    def founding(self) -> Iterator[tuple[Header, list[Recorded]]]:
        """Blocks that open accounts, file plants, and issue every month; `batches` are known afterwards."""
        for block, events in enumerate(self._told(), 1):
            yield self.header(block), self.recorded(block, events)
            if events and isinstance(events[0], Issued):
                self._remember(events[0], block)

    def header(self, block: int) -> Header:
        """A block's header."""
        return Header(block, block_hash(block), block_hash(block - 1), START + block)

    def recorded(self, block: int, events: list[Event]) -> list[Recorded]:
        """A block's events."""
        hash_, transaction = block_hash(block), transaction_hash(block)
        return [Recorded(block, index, hash_, transaction, START + block, event) for index, event in enumerate(events)]

    def _told(self) -> Iterator[list[Event]]:
        yield [
            AccountOpened(PROVINCIAL, 3, PROVINCE, PROVINCIAL, "示例省级绿证专用账户"),
            AccountOpened(PROVIDER, 6, 0, PROVIDER, "示例电网数据公司 Example Grid Data (derived readings)"),
            AccountOpened(PLATFORM, 5, 0, PLATFORM, "示例交易平台 Example Platform"),
            PlatformAdmitted(PLATFORM, 0),
            *(AccountOpened(one, 2, 31, one, f"示例用户 {number}") for number, one in enumerate(self.buyers)),
        ]
        for at in range(0, len(self.plants), CHUNK):
            yield [event for key in self.plants[at : at + CHUNK] for event in _filed(key)]
        for number, month in enumerate(MONTHS, 1):
            yield from self._month(number, month)

    def _month(self, number: int, month: Month) -> Iterator[list[Event]]:
        leaves = [
            Leaf(key.id, Electricity.ON_GRID, self._wh(key, month), keccak256(f"{key.code} {month}".encode())[:17])
            for key in self.plants
        ]
        tree = Tree.of(leaves)
        total = sum(leaf.wh for leaf in leaves)
        root = "0x" + tree.root.hex()
        yield [ReadingsCommitted(number, month.index, PROVIDER, False, root, tree.count, total, _BASIS, 0)]
        for at in range(0, len(leaves), CHUNK):
            part = leaves[at : at + CHUNK]
            issued = Issued(number, at // CHUNK, (1 << len(part)) - 1, tuple(leaf.pack() for leaf in part))
            yield [issued, *(self._minted(leaf, month) for leaf in part)]

    def _wh(self, key: ProjectKey, month: Month) -> int:
        draw = int.from_bytes(keccak256(f"{self.seed} {key.sequence} {month.index}".encode())[:4], "big")
        return PIECES * PITCH * 1_000_000 + 1_000_000 + draw % 20_000_000

    def _minted(self, leaf: Leaf, month: Month) -> Event:
        self._lanes[leaf.project], count = self._lanes[leaf.project].issue(month, leaf.wh)
        batch = BatchKey(leaf.project, month, Electricity.ON_GRID, True).id
        self.batches.append(Minted(batch, count, owner_of(leaf.project), 0))
        return ConsecutiveTransfer(batch << 32, batch << 32 | count - 1, NO_ACCOUNT, owner_of(leaf.project))

    def _remember(self, issued: Issued, block: int) -> None:
        for at in range(len(self.batches) - len(issued.leaves), len(self.batches)):
            found = self.batches[at]
            self.batches[at] = Minted(found.id, found.count, found.owner, block << 24)

    def lane(self, project: int) -> Lane:
        """A plant's energy account."""
        return self._lanes[project]

    # What is loaded in bulk

    def acts(self, first_block: int, begin: int, end: int) -> pl.DataFrame:
        """What happens to the batches `begin .. end`: a row for each act, a block for each batch, in the chain's order.

        `made` is the position of the act (where it is sold: of its listing), `sold` that of the trade.
        """
        batches = self.batches[begin:end]
        frame = pl.DataFrame(
            {
                "number": range(begin, end),
                "batch": [one.id for one in batches],
                "count": [one.count for one in batches],
                "owner": [one.owner for one in batches],
                "issued": [one.position for one in batches],
            },
            schema_overrides={"number": pl.Int64, "batch": pl.Int64, "count": pl.Int64, "issued": pl.Int64},
        )
        pieces = pl.DataFrame({"piece": range(PIECES), "act": ACTS, "log": _logs(), **_ordinals()})
        frame = frame.join(pieces, how="cross", maintain_order="left_right")
        draw = ((pl.col("number") * PIECES + pl.col("piece") + 1) * 2_654_435_761 + self.seed * 97_003) % _WORD
        block = pl.lit(first_block) + pl.col("number")
        buyers = pl.DataFrame({"chosen": range(BUYERS), "buyer": self.buyers})
        return (
            frame.with_columns(block=block, draw=draw)
            .with_columns(start=pl.col("piece") * PITCH + 25 + pl.col("draw") % 23)
            .with_columns(made=pl.col("block") * 2**24 + pl.col("log"))
            .with_columns(
                end=pl.col("start") + 1 + pl.col("draw") // 23 % 140,
                sold=pl.col("made") + 1,
                price=300 + pl.col("draw") // 7 % 500,
                purpose=1 + pl.col("draw") // 11 % 7,
                chosen=pl.col("draw") // 13 % BUYERS,
                listing=pl.col("number") * (PIECES // 2) + pl.col("lot") + 1,
                trade=pl.col("number") * (PIECES // 4) + pl.col("sale") + 1,
            )
            .join(buyers, on="chosen", maintain_order="left")
        )

    def events_of(self, acts: pl.DataFrame) -> Iterator[tuple[Header, list[Recorded]]]:
        """The same acts as the chain's events, block by block."""
        for (block,), rows in acts.group_by("block", maintain_order=True):
            told = [event for row in rows.iter_rows(named=True) for event in _acted(row)]
            yield self.header(int(block)), self.recorded(int(block), told)


def block_hash(number: int) -> str:
    """A block's hash: its number, padded, behind a mark that tells blocks from transactions."""
    return f"0xb10c{number:060x}"


def transaction_hash(number: int) -> str:
    """The hash of a block's one transaction."""
    return f"0x7a{number:062x}"


def owner_of(project: int) -> str:
    """Who owns a plant."""
    return address("owner", project)


def _filed(key: ProjectKey) -> list[Event]:
    owner, since = owner_of(key.id), Month.parse("2016-01").index
    document = canonical_json(
        {
            "approved": str(key.approved),
            "capacity_kw": 49_500,
            "code": key.code,
            "in_operation": "2016-01",
            "location": "示例县",
            "name": f"示例风电场 {key.sequence}",
            "owner": f"示例风电有限公司 {key.sequence}",
            "owner_made_up": True,
            "province": f"{key.province:02d}",
            "state": "operating",
            "subsidy": "unknown",
            "technology": key.technology.slug,
            "type": key.type.code,
        }
    ).decode()
    return [
        AccountOpened(owner, 1, PROVINCE, owner, f"示例风电有限公司 {key.sequence}"),
        FilingSubmitted(key.id, 1, owner, since, 49_500, True, document),
        FilingReviewed(key.id, 1, True, PROVINCIAL, ""),
    ]


def _logs() -> list[int]:
    """Log index of each piece's first event: a retirement has two logs, a lot one, a lot that is taken three."""
    width = {"retired": 2, "listed": 1, "traded": 3}
    return [sum(width[act] for act in ACTS[:piece]) for piece in range(PIECES)]


def _ordinals() -> dict[str, list[int]]:
    """Which of its batch's lots, and which of its sales, a piece is."""
    lots = [sum(act != "retired" for act in ACTS[:piece]) for piece in range(PIECES)]
    return {"lot": lots, "sale": [sum(act == "traded" for act in ACTS[:piece]) for piece in range(PIECES)]}


def _acted(row: dict[str, object]) -> list[Event]:
    batch, start, end, owner = int(str(row["batch"])), int(str(row["start"])), int(str(row["end"])), str(row["owner"])
    first, last = batch << 32 | start, batch << 32 | end - 1
    if row["act"] == "retired":
        claim = Claim(BENEFICIARY, int(str(row["purpose"])), MONTHS[-1].index, MONTHS[-1].index + 1, STATEMENT)
        return [Retired(batch, start, end, owner, 2, claim), ConsecutiveTransfer(first, last, owner, NO_ACCOUNT)]
    lot, price, buyer = int(str(row["listing"])), int(str(row["price"])), str(row["buyer"])
    listed = Listed(lot, batch, start, end, owner, price, 1)
    if row["act"] == "listed":
        return [listed]
    sold = Traded(int(str(row["trade"])), lot, batch, start, end, owner, buyer, price, PLATFORM, 1)
    return [listed, sold, ConsecutiveTransfer(first, last, owner, buyer)]
