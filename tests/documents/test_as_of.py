"""A document of a block stays what it is: made then, or made again much later, it has the same data."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Connection, select

from gecchain.documenting import Read, parse_kind, read_document
from gecchain.documents import Chain, Kind
from gecchain.errors import BadInput, NotFound
from gecchain.rules import number_of, token_id
from gecchain.store import connected, migrate, open_engine
from gecchain.store.indexing import Header, Projection
from gecchain.store.tables import retirements, segments, trades
from tests.api.story import BUYER, PERSON, SUN, WIND, batch_of, number
from tests.ledger.history import START, hash_of, play, steps

CHAIN = Chain(1, "0x" + "ab" * 20)
SLOW = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
# A trade and a retirement, whatever comes after.
EVENTFUL = [(0, 0, 7, 777), (11, 0, 0, 0), (12, 1, 2, 9), (11, 0, 0, 0), (7, 0, 1, 2), (11, 0, 0, 0)]


def wanted(db: Connection) -> Iterator[tuple[Kind, str]]:
    """Every document there can be now: of each segment's first certificate, each trade, each retirement."""
    for batch, start in db.execute(select(segments.c.batch, segments.c.start)).all():
        yield Kind.CERTIFICATE, number_of(token_id(batch, start))
    for trade in db.scalars(select(trades.c.id)).all():
        yield Kind.VOUCHER, str(trade)
    for position in db.scalars(select(retirements.c.position)).all():
        yield Kind.RETIREMENT, str(position)


@SLOW
@given(steps(30))
def test_a_document_of_a_block_can_be_made_again_at_any_time(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int, int, int]]
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('history') / 'store.db'}")
    migrate(engine)
    projection = Projection(engine)
    at = projection.start("test", Header(0, hash_of(0), hash_of(-1), START))
    made: dict[tuple[Kind, str, int], tuple[bytes, int]] = {}
    for recorded in play([*EVENTFUL, *moves]).blocks:
        block = at.block + 1
        header = Header(block, hash_of(block), hash_of(block - 1), START + block)
        at = projection.extend(at, [(header, recorded)], block, undoable=False)
        with connected(engine) as db:
            for kind, code in wanted(db):
                read = read_document(db, CHAIN, kind, code)
                assert read.since == ()
                made[kind, code, block] = read.document.json, read.document.place.block
    assert made
    with connected(engine) as db:
        for (kind, code, block), (then, place) in made.items():
            for as_of in {block, place}:
                again = read_document(db, CHAIN, kind, code, as_of)
                if again.document.place.block == place:
                    assert again.document.json == then, (kind, code, as_of)
            marked = read_document(db, CHAIN, kind, code, place)
            assert (marked.document.json, marked.document.place.block) == (then, place), (kind, code, place)
    engine.dispose()


def read(db: Connection, chain: Chain, kind: Kind, code: str, as_of: int | None = None) -> Read:
    return read_document(db, chain, kind, code, as_of)


def test_a_certificate_of_before_its_retirement_says_who_held_it(db: Connection, chain: Chain) -> None:
    code = number(WIND, "2026-08", 120)
    now = read(db, chain, Kind.CERTIFICATE, code)
    assert now.document.data["certificate"]["state"] == "retired"
    assert now.document.data["certificate"]["holder"] is None
    traded = read(db, chain, Kind.VOUCHER, "1").document.place.block
    then = read(db, chain, Kind.CERTIFICATE, code, traded)
    assert then.document.data["certificate"]["state"] == "held"
    assert then.document.data["certificate"]["holder"]["address"] == BUYER
    assert then.document.data["certificate"]["trade"] == "1"
    assert [one.name for one in then.since] == ["retired"]
    listed = read(db, chain, Kind.CERTIFICATE, code, traded - 1)
    assert listed.document.data["certificate"]["state"] == "listed"


def test_a_voucher_names_buyer_quantity_and_energy_and_no_price(db: Connection, chain: Chain) -> None:
    data = read(db, chain, Kind.VOUCHER, "1").document.data
    assert data["voucher"]["buyer"] == BUYER
    assert (data["voucher"]["count"], data["voucher"]["energy_wh"]) == (1000, "1000000000")
    assert b"price" not in read(db, chain, Kind.VOUCHER, "1").document.json


def test_a_sheet_tells_the_whole_way(db: Connection, chain: Chain) -> None:
    position = db.scalar(select(retirements.c.position).where(retirements.c.reason == 2))
    sheet = read(db, chain, Kind.RETIREMENT, str(position)).document.data["retirement"]
    assert [step["event"] for step in sheet["ranges"][0]["history"]] == ["issued", "listed", "traded", "retired"]
    assert sheet["claim"]["purpose"] == "production"


def test_a_person_has_no_name_in_a_document(db: Connection, chain: Chain) -> None:
    from gecchain.documents.parts import party
    from gecchain.store.gathering import accounts_at

    assert party(PERSON, accounts_at(db, [PERSON], 1 << 30)) == {"address": PERSON, "name": "", "province": None}


@pytest.mark.parametrize(
    ("kind", "code", "as_of", "error"),
    [
        (Kind.VOUCHER, "999", None, NotFound),
        (Kind.VOUCHER, "x", None, BadInput),
        (Kind.VOUCHER, "3-1", None, BadInput),
        (Kind.VOUCHER, "1-", None, BadInput),
        (Kind.VOUCHER, "1", 3, NotFound),
        (Kind.VOUCHER, "1", 1 << 30, NotFound),
        (Kind.RETIREMENT, "0", None, NotFound),
        (Kind.RETIREMENT, str(1 << 63), None, BadInput),
        (Kind.CERTIFICATE, number(SUN, "2026-08", 77), None, NotFound),
        (Kind.CERTIFICATE, number(WIND, "2026-08", 0), 5, NotFound),
        (Kind.CERTIFICATE, "nothing", None, BadInput),
    ],
)
def test_what_there_is_not_is_told(
    db: Connection, chain: Chain, kind: Kind, code: str, as_of: int | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read(db, chain, kind, code, as_of)


def test_an_unknown_kind_is_told() -> None:
    with pytest.raises(BadInput, match="no document"):
        parse_kind("diploma")


def test_retirements_of_two_holders_are_no_one_sheet(db: Connection, chain: Chain) -> None:
    first, last = sorted(db.scalars(select(retirements.c.position)).all())[:2]
    with pytest.raises(BadInput, match="not one holder's"):
        read(db, chain, Kind.RETIREMENT, f"{first}-{last}")


def test_the_hash_of_a_certificate_is_its_own(db: Connection, chain: Chain) -> None:
    data = read(db, chain, Kind.CERTIFICATE, number(WIND, "2026-08", 7)).document.data["certificate"]
    assert data["hash"].startswith(f"0x{token_id(batch_of(WIND, '2026-08'), 7):024x}")
