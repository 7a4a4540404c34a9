"""Fills a database with what the fold would have written, in bulk: COPY on PostgreSQL, executemany on SQLite.

Accounts, filings, readings and batches are folded, as they come to thousands; what happened to the batches comes to
millions and is written as rows. `tests/bench/test_load.py` holds the rows to the fold: all tables alike, to the last
field.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain as chained
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Engine, Table, delete, insert, select, text, update

from bench.load.story import BENEFICIARY, MONTHS, PLATFORM, START, STATEMENT, World, block_hash
from gecchain.ledger.counting import consumption_key, turnover_key
from gecchain.ledger.ranges import tally_key
from gecchain.rules import CertificateState
from gecchain.store import connected, migrate
from gecchain.store.indexing import KEPT_BLOCKS, Cursor, Header, Projection
from gecchain.store.tables import (
    balances,
    blocks,
    consumptions,
    cursor,
    events,
    listings,
    mentions,
    retirements,
    segments,
    steps,
    tallies,
    totals,
    trades,
    turnovers,
)

__all__ = ["Filled", "fill"]

TOGETHER: Final = 8  # blocks of the founding in one transaction
BATCHES: Final = 5_000
BULK: Final = (blocks, events, mentions, segments, steps, retirements, listings, trades)
HELD, LISTED, RETIRED = CertificateState.HELD.value, CertificateState.LISTED.value, CertificateState.RETIRED.value
DEPLOYMENT: Final = "load"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a database holds, and how long it took, seconds."""

    certificates: int
    ranges: int
    batches: int
    events: int
    founding: float
    loading: float
    indexing: float


def fill(engine: Engine, world: World, told: Callable[[str], None] = lambda _words: None) -> Filled:
    """Fill an empty database."""
    migrate(engine)
    began = time.perf_counter()
    at = found(engine, world)
    told(f"{len(world.batches):,} batches are issued")
    first_block = at.block + 1
    founded = time.perf_counter()
    count = _load(engine, world, first_block, told)
    loaded = time.perf_counter()
    _index(engine)
    return Filled(
        certificates=sum(one.count for one in world.batches),
        ranges=count["segments"],
        batches=len(world.batches),
        events=count["events"],
        founding=founded - began,
        loading=loaded - founded,
        indexing=time.perf_counter() - loaded,
    )


def found(engine: Engine, world: World) -> Cursor:
    """Fold what the registry stands on."""
    projection = Projection(engine)
    at = projection.start(DEPLOYMENT, Header(0, block_hash(0), block_hash(0), 0))
    parts: list[Any] = []
    for part in chained(world.founding(), [None]):
        if part is not None:
            parts.append(part)
        if parts and (part is None or len(parts) == TOGETHER):
            at = projection.extend(at, parts, parts[-1][0].number, undoable=False)
            parts = []
    return at


def _load(engine: Engine, world: World, first_block: int, told: Callable[[str], None]) -> dict[str, int]:
    sums = Sums()
    count = dict.fromkeys((table.name for table in BULK), 0)
    with connected(engine, writes=True) as db:
        for index in _secondary():
            db.execute(text(f"DROP INDEX {index.name}"))
        db.execute(delete(segments))
    for begin in range(0, len(world.batches), BATCHES):
        acts = world.acts(first_block, begin, min(begin + BATCHES, len(world.batches)))
        sums.add(acts)
        with connected(engine, writes=True) as db:
            for table, rows in rows_of(acts):
                write(db, table, rows)
                count[table.name] += len(rows)
        told(f"{min(begin + BATCHES, len(world.batches)):,} of {len(world.batches):,} batches are loaded")
    last = first_block + len(world.batches) - 1
    with connected(engine, writes=True) as db:
        sums.save(db, last)
    return count


def _index(engine: Engine) -> None:
    with connected(engine, writes=True) as db:
        for index in _secondary():
            index.create(db)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("VACUUM ANALYZE" if db.dialect.name == "postgresql" else "ANALYZE"))


def _secondary() -> list[Any]:
    return [index for table in BULK for index in table.indexes]


# Rows


def rows_of(acts: pl.DataFrame) -> Iterator[tuple[Table, pl.DataFrame]]:
    """What some acts come to, table by table."""
    yield blocks, _blocks(acts)
    yield events, _events(acts)
    yield segments, _segments(acts)
    yield steps, _steps(acts)
    yield mentions, _mentions(acts)
    yield retirements, _retirements(acts.filter(pl.col("act") == "retired"))
    yield listings, _listings(acts.filter(pl.col("act") != "retired"))
    yield trades, _trades(acts.filter(pl.col("act") == "traded"))


def _hash(mark: str, width: int) -> pl.Expr:
    return pl.lit(mark) + pl.col("block").map_elements(lambda one: f"{one:0{width}x}", return_dtype=pl.String)


def _blocks(acts: pl.DataFrame) -> pl.DataFrame:
    frame = acts.select("block").unique(maintain_order=True)
    before = frame.select(block=pl.col("block") - 1)
    return frame.select(
        number="block",
        hash=_hash("0xb10c", 60),
        parent=before.select(_hash("0xb10c", 60)).to_series(),
        time=START + pl.col("block"),
        eventful=pl.lit(True),
    )


def _events(acts: pl.DataFrame) -> pl.DataFrame:
    hashes = acts.select("block").unique(maintain_order=True).with_columns(transaction=_hash("0x7a", 62))
    acts = acts.join(hashes, on="block", maintain_order="left")
    listed = acts.filter(pl.col("act") != "retired")
    traded = acts.filter(pl.col("act") == "traded")
    parts = [
        _told(acts.filter(pl.col("act") == "retired"), "Retired", "made", _retired_document()),
        _told(listed, "Listed", "made", _listed_document()),
        _told(traded, "Traded", "sold", _traded_document()),
    ]
    return pl.concat(parts).sort("position")


def _told(acts: pl.DataFrame, kind: str, position: str, document: pl.Expr) -> pl.DataFrame:
    none = pl.lit(None)
    return acts.select(
        position=position,
        kind=pl.lit(kind),
        transaction="transaction",
        account=none.cast(pl.String),
        project=pl.col("batch") // 2**16,
        batch="batch",
        commitment=none.cast(pl.Int64),
        case_id=none.cast(pl.Int64),
        subject=none.cast(pl.String),
        document=document,
    )


def _document(fields: str, *columns: str) -> pl.Expr:
    """JSON without its outer braces, which `pl.format` would take for a place to fill; claims have `<` and `>`."""
    inner = pl.format(fields, *columns).str.replace_many(["<", ">"], ["{", "}"])
    return pl.concat_str(pl.lit("{"), inner, pl.lit("}"))


def _retired_document() -> pl.Expr:
    month = MONTHS[-1].index
    claim = f'"beneficiary":"{BENEFICIARY}","purpose":[],"from":{month},"to":{month + 1},"statement":"{STATEMENT}"'
    fields = f'"batch":"[]","start":[],"end":[],"holder":"[]","reason":2,"claim":<{claim}>'
    return _document(fields.replace("[]", "{}"), "batch", "start", "end", "owner", "purpose")


def _listed_document() -> pl.Expr:
    fields = '"listing":"{}","batch":"{}","start":{},"end":{},"seller":"{}","price":"{}","platforms":"1"'
    return _document(fields, "listing", "batch", "start", "end", "owner", "price")


def _traded_document() -> pl.Expr:
    sides = f'"seller":"[]","buyer":"[]","price":"[]","platform":"{PLATFORM}","way":1'
    fields = f'"trade":"[]","listing":"[]","batch":"[]","start":[],"end":[],{sides}'
    columns = ("trade", "listing", "batch", "start", "end", "owner", "buyer", "price")
    return _document(fields.replace("[]", "{}"), *columns)


def _segments(acts: pl.DataFrame) -> pl.DataFrame:
    """The pieces that were acted on, and what lies between them."""
    state = pl.col("act").replace_strict({"retired": RETIRED, "listed": LISTED, "traded": HELD}, return_dtype=pl.Int64)
    is_sold = pl.col("act") == "traded"
    acted = acts.select(
        batch="batch",
        start="start",
        end="end",
        owner=pl.when(is_sold).then("buyer").otherwise("owner"),
        state=state,
        trade=pl.when(is_sold).then("trade").otherwise(0),
        since=pl.when(is_sold).then("sold").otherwise("made"),
    )
    kept = {"owner": pl.col("owner"), "state": pl.lit(HELD, dtype=pl.Int64), "trade": pl.lit(0, dtype=pl.Int64)}
    before = pl.col("end").shift(1, fill_value=0).over("batch")
    between = acts.select(batch="batch", start=before, end="start", **kept, since="issued")
    last = acts.group_by("batch", maintain_order=True).last()
    after = last.select(batch="batch", start="end", end="count", **kept, since="issued")
    return pl.concat([acted, between, after]).sort("batch", "start")


def _steps(acts: pl.DataFrame) -> pl.DataFrame:
    made = acts.select(position="made", batch="batch", start="start", end="end", previous="issued")
    traded = acts.filter(pl.col("act") == "traded")
    sold = traded.select(position="sold", batch="batch", start="start", end="end", previous="made")
    return pl.concat([made, sold]).sort("position")


def _mentions(acts: pl.DataFrame) -> pl.DataFrame:
    traded = acts.filter(pl.col("act") == "traded")
    return pl.concat(
        [
            acts.select(account="owner", position="made"),
            traded.select(account="owner", position="sold"),
            traded.select(account="buyer", position="sold"),
            traded.select(account=pl.lit(PLATFORM), position="sold"),
        ]
    )


def _retirements(acts: pl.DataFrame) -> pl.DataFrame:
    month = MONTHS[-1].index
    return acts.select(
        position="made",
        batch="batch",
        start="start",
        end="end",
        holder="owner",
        reason=pl.lit(2),
        beneficiary=pl.lit(BENEFICIARY),
        purpose="purpose",
        period_start=pl.lit(month),
        period_end=pl.lit(month + 1),
        statement=pl.lit(STATEMENT),
        undone=pl.lit(0),
    )


def _listings(acts: pl.DataFrame) -> pl.DataFrame:
    is_sold = pl.col("act") == "traded"
    return acts.select(
        id="listing",
        batch="batch",
        start="start",
        end="end",
        seller="owner",
        price="price",
        platforms=pl.lit(1),
        left=pl.when(is_sold).then("end").otherwise("start"),
        left_end="end",
        position="made",
        closed=pl.when(is_sold).then("sold").otherwise(0),
    )


def _trades(acts: pl.DataFrame) -> pl.DataFrame:
    return acts.select(
        id="trade",
        listing="listing",
        batch="batch",
        start="start",
        end="end",
        seller="owner",
        buyer="buyer",
        price="price",
        platform=pl.lit(PLATFORM),
        position="sold",
        way=pl.lit(1),
        undone=pl.lit(0),
    )


# Sums


class Sums:
    """What acts add to balances, tallies and totals."""

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = []

    def add(self, acts: pl.DataFrame) -> None:
        """Count some acts."""
        amount = pl.col("end") - pl.col("start")
        worth = amount * pl.col("price")
        part = acts.filter(pl.col("act") != "listed").with_columns(
            buyer=pl.when(pl.col("act") == "traded").then("buyer")
        )
        keys = [part[name] for name in ("act", "owner", "buyer", "batch")]
        self._parts.append(
            part.group_by([one.name for one in keys], maintain_order=True).agg(amount=amount.sum(), fen=worth.sum())
        )

    def save(self, db: Connection, last: int) -> None:
        """Write the sums, and the cursor at block `last`."""
        frame = pl.concat(self._parts)
        retired, traded = frame.filter(pl.col("act") == "retired"), frame.filter(pl.col("act") == "traded")
        self._balances(db, retired, traded)
        self._consumptions(db, retired)
        self._tallies(db, retired, traded)
        month_keys: dict[tuple[int, ...], list[int]] = {}
        for batch, amount, fen in traded.group_by("batch").agg(pl.col("amount").sum(), pl.col("fen").sum()).iter_rows():
            known = month_keys.setdefault(turnover_key(batch, 1, START + last), [0, 0])
            known[0] += amount
            known[1] += fen
        names = ("month", "province", "technology", "way")
        rows = [
            dict(zip(names, key, strict=True)) | {"certificates": a, "fen": f} for key, (a, f) in month_keys.items()
        ]
        db.execute(insert(turnovers), rows)
        ended = int(retired["amount"].sum())
        db.execute(update(totals).values(retired=totals.c.retired + ended))
        place = {"block": last, "hash": block_hash(last), "time": START + last, "head": last}
        db.execute(update(cursor).values(**place))
        oldest = db.scalar(select(blocks.c.number).where(blocks.c.number <= last - KEPT_BLOCKS).limit(1))
        if oldest is not None:
            db.execute(delete(blocks).where(blocks.c.number < last - KEPT_BLOCKS, blocks.c.eventful.is_(False)))

    @staticmethod
    def _balances(db: Connection, retired: pl.DataFrame, traded: pl.DataFrame) -> None:
        changes: dict[str, list[int]] = {}
        for frame, name, holding, ended in (
            (retired, "owner", -1, 1),
            (traded, "owner", -1, 0),
            (traded, "buyer", 1, 0),
        ):
            for account, amount in frame.group_by(name).agg(pl.col("amount").sum()).iter_rows():
                known = changes.setdefault(account, [0, 0])
                known[0] += holding * amount
                known[1] += ended * amount
        before = {row.account: row for row in db.execute(select(balances))}
        rows = [
            {
                "account": account,
                "holding": held + (before[account].holding if account in before else 0),
                "retired": ended + (before[account].retired if account in before else 0),
                "deducted": 0,
            }
            for account, (held, ended) in changes.items()
        ]
        db.execute(delete(balances).where(balances.c.account.in_(select(balances.c.account))))
        untouched = [row._asdict() for account, row in before.items() if account not in changes]
        db.execute(insert(balances), rows + untouched)

    @staticmethod
    def _consumptions(db: Connection, retired: pl.DataFrame) -> None:
        found: dict[tuple[str, int], int] = {}
        for owner, batch, amount in retired.select("owner", "batch", "amount").iter_rows():
            key = consumption_key(owner, batch)
            found[key] = found.get(key, 0) + amount
        db.execute(
            insert(consumptions),
            [{"account": account, "year": year, "certificates": amount} for (account, year), amount in found.items()],
        )

    @staticmethod
    def _tallies(db: Connection, retired: pl.DataFrame, traded: pl.DataFrame) -> None:
        for frame, name in ((retired, "retired"), (traded, "traded")):
            found: dict[tuple[Any, ...], int] = {}
            for batch, amount in frame.group_by("batch").agg(pl.col("amount").sum()).iter_rows():
                found[tally_key(batch)] = found.get(tally_key(batch), 0) + amount
            for key, amount in found.items():
                columns = (tallies.c.month, tallies.c.province, tallies.c.technology, tallies.c.electricity)
                mine = [column == part for column, part in zip((*columns, tallies.c.tradable), key, strict=True)]
                db.execute(update(tallies).where(*mine).values({name: tallies.c[name] + amount}))


# Writing


def write(db: Connection, table: Table, rows: pl.DataFrame) -> None:
    """Put rows into a table, whose columns they have in its order."""
    assert rows.columns == [column.name for column in table.c], table.name
    names = ", ".join(f'"{name}"' for name in rows.columns)
    if db.dialect.name == "postgresql":
        content = BytesIO()
        rows.write_csv(content, include_header=False, null_value="\\N", quote_style="non_numeric")
        driver = db.connection.driver_connection
        assert driver is not None
        with driver.cursor() as at, at.copy(f"COPY {table.name} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')") as copy:
            copy.write(content.getvalue())
        return
    marks = ", ".join("?" * len(rows.columns))
    driver = db.connection.driver_connection
    assert driver is not None
    driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows.iter_rows())
