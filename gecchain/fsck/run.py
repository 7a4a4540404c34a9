"""The order of the checks: history first, then what follows from it."""

from collections.abc import Callable, Iterator

from gecchain.chain.reader import Reader
from gecchain.errors import BrokenProof
from gecchain.fsck.contracts import Contracts
from gecchain.fsck.invariants import covers, energy, holdings, owed, trades_once
from gecchain.fsck.proceedings import Proceedings
from gecchain.fsck.replay import Replay
from gecchain.fsck.report import Check, Progress, Report, run_check
from gecchain.fsck.shelves import NEAR, Shelves, shelves
from gecchain.fsck.tables import same_rows
from gecchain.ledger import ENTITIES
from gecchain.store.indexing import Cursor, Projection

__all__ = ["check"]


def check(
    reader: Reader,
    projection: Projection,
    *,
    sample: int | None = None,
    near: int = NEAR,
    progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Compares chain, SQL and contracts as of the block that is indexed.

    `sample` bounds how many things of each kind the contracts are asked about; None asks about all. `near` of each kind
    are in memory at a time, the rest lies in a scratch file of the folder for temporary files. Unavailable if node
    or database is out of reach, BrokenProof if nothing is indexed. Keep the indexer still meanwhile: rows that move
    under the comparison are reported as differences.
    """
    tell = progress or (lambda _progress: None)
    at = projection.cursor()
    if at is None:
        raise BrokenProof("Nothing is indexed yet.", where="cursor", remedy="Run gec index.")
    with shelves(near) as room:
        return _checked(reader, projection, at, room, sample, tell)


def _checked(
    reader: Reader,
    projection: Projection,
    at: Cursor,
    room: Shelves,
    sample: int | None,
    tell: Callable[[Progress], None],
) -> Report:
    state = room.state()
    replay = Replay(reader, projection, state)
    checks = [
        run_check("block", _same_block(reader, at.block, at.hash), tell),
        run_check("events", replay.findings(at.block), tell),
    ]
    if all(done.passed for done in checks):
        checks += [run_check(f"table {kind}", same_rows(state, projection, kind), tell) for kind in ENTITIES]
    contracts = Contracts(reader, state, at.block, sample=sample)
    proceedings = Proceedings(reader, state, at.block, sample=sample)
    follow: tuple[tuple[str, Iterator[str | None]], ...] = (
        ("committed leaves", replay.commitments()),
        ("I2 segments cover", covers(state)),
        ("I3 issued = held + retired + deducted", holdings(state, room.sums)),
        ("I4 metered = issued + carry", energy(state)),
        ("I5 traded once", trades_once(state, room.sums)),
        ("owed after cases", owed(state)),
        ("contract: registry", contracts.registry()),
        ("contract: readings", contracts.readings()),
        ("contract: lanes", contracts.lanes()),
        ("contract: batches", contracts.batches()),
        ("contract: balances", contracts.balances()),
        ("contract: market", contracts.market()),
        ("contract: actors", proceedings.actors()),
        ("contract: CCER", proceedings.ccer()),
        ("contract: declarations", proceedings.declarations()),
        ("contract: orders", proceedings.orders()),
        ("contract: additions", proceedings.added()),
        ("contract: cases", proceedings.cases()),
        ("contract: relay", proceedings.requests()),
    )
    if all(done.passed for done in checks[:2]):
        checks += [run_check(name, findings, tell) for name, findings in follow]
    return _report(at.block, checks, replay)


def _same_block(reader: Reader, block: int, block_hash: str) -> Iterator[str | None]:
    reader.require_chain()
    found = reader.blocks([block])[0].hash
    yield None if found == block_hash else f"block {block}: the chain has {found}, SQL has {block_hash}"


def _report(block: int, checks: list[Check], replay: Replay) -> Report:
    totals = replay.state.totals[1]
    ended = (totals.retired, totals.deducted, totals.owed)
    return Report(block, tuple(checks), totals.metered_wh, totals.issued, totals.carry_wh, *ended)
