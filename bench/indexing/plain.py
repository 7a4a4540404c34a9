"""The plain web3.py loop: `python -m bench.indexing.plain RPC DEPLOYMENT DATABASE`; see bench/indexing.

Logs in ranges of blocks, each decoded by its contract's event (web3.py, "Events and Logs"), rows changed in a session
(SQLAlchemy, "ORM Quick Start"), one commit a range. It goes on after the last block that it has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import BigInteger, Engine, String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from web3 import Web3

from bench.indexing.history import contracts_of
from bench.indexing.telling import tell
from gecchain.chain.contracts import artifact
from gecchain.chain.deployment import Deployment, load_deployment

__all__ = ["SPAN", "Held", "follow", "owners", "prepare"]

SPAN: Final = 50
"""Blocks asked for at once: some 10,000 events of our history."""
_NOBODY: Final = "0x" + "0" * 40


class _Base(DeclarativeBase):
    pass


class Held(_Base):
    """Serials `[start, end)` of a batch and who owns them; what is retired has no row."""

    __tablename__ = "held"

    batch: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    start: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    end: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[str] = mapped_column(String(42))


class At(_Base):
    """The last block whose events are in."""

    __tablename__ = "at"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(BigInteger)


def prepare(engine: Engine) -> None:
    """Make the tables."""
    _Base.metadata.create_all(engine)


def follow(w3: Web3, deployment: Deployment, engine: Engine) -> int:
    """Index up to the chain's head; how many events that were."""
    known = _events_of(w3, deployment)
    addresses = [Web3.to_checksum_address(address) for address in contracts_of(deployment).values()]
    done = 0
    with Session(engine) as session:
        at = session.get(At, 1) or At(id=1, block=-1)
        session.add(at)
        head = w3.eth.block_number
        while at.block < head:
            last = min(at.block + SPAN, head)
            logs = w3.eth.get_logs({"address": addresses, "fromBlock": at.block + 1, "toBlock": last})
            for log in logs:
                event = known[log["address"], log["topics"][0].hex()].process_log(log)
                if event["event"] == "ConsecutiveTransfer":
                    _moved(session, event["args"])
            at.block, done = last, done + len(logs)
            session.commit()
    return done


def _events_of(w3: Web3, deployment: Deployment) -> dict[tuple[str, str], Any]:
    """Every event of every contract, by the contract's address and the event's topic."""
    return {
        (contract.address, event.topic.removeprefix("0x")): event
        for name, address in contracts_of(deployment).items()
        for contract in [w3.eth.contract(address=Web3.to_checksum_address(address), abi=artifact(name).abi)]
        for event in (contract.events[one["name"]]() for one in artifact(name).abi if one["type"] == "event")
    }


def _moved(session: Session, moved: Mapping[str, Any]) -> None:
    """Tokens `fromTokenId … toTokenId` from one owner to another: issued from nobody, retired to nobody."""
    batch, start = moved["fromTokenId"] >> 32, moved["fromTokenId"] & 0xFFFFFFFF
    end = (moved["toTokenId"] & 0xFFFFFFFF) + 1
    if moved["fromAddress"] != _NOBODY:
        _cut(session, batch, start, end)
    if moved["toAddress"] != _NOBODY:
        session.add(Held(batch=batch, start=start, end=end, owner=moved["toAddress"].lower()))


def _cut(session: Session, batch: int, start: int, end: int) -> None:
    """Take the serials out of the row that has them; what stays on either side keeps its owner."""
    inside = select(Held).where(Held.batch == batch, Held.start <= start).order_by(Held.start.desc()).limit(1)
    row = session.scalars(inside).one()
    rest, owner = row.end, row.owner
    if row.start == start:
        session.delete(row)
        session.flush()
    else:
        row.end = start
    if end < rest:
        session.add(Held(batch=batch, start=end, end=rest, owner=owner))


def owners(engine: Engine) -> Iterator[tuple[int, int, int, str]]:
    """What it ended with, in order."""
    with Session(engine) as session:
        for row in session.scalars(select(Held).order_by(Held.batch, Held.start)):
            yield row.batch, row.start, row.end, row.owner


def main() -> int:
    """One run, as a process of its own."""
    rpc, deployment, database = sys.argv[1:4]
    engine = create_engine(database)
    w3, contracts = Web3(Web3.HTTPProvider(rpc)), load_deployment(Path(deployment))
    tell(lambda: follow(w3, contracts, engine))
    engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
