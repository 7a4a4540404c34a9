"""What is leafed through, filtered, drawn and ranked is what a look at every row gives, on both databases."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from gecchain.errors import NotFound
from gecchain.events import AccountOpened, Claim, Listed, Retired, Traded
from gecchain.rules import CertificateState, Month
from gecchain.store import browsing, charting, connected, deals
from gecchain.store.browsing import LotWish
from tests.api.story import BUYER, HYDRO, OWNER, PLATFORM, SUN, WIND, address, batch_of, index, tell
from tests.store.test_indexing import FEW

AUGUST = "2026-08"
JULY = Month.parse("2026-07").index
PRICES = (350, 120, 120, 9_999, 350, 1)
OTHER, NOBODY = address(70), address(71)


@pytest.fixture
def db(new_engine: Callable[[], Engine]) -> Iterator[Connection]:
    """The story, more lots at chosen prices, a second buyer, and a person who consumes more than anybody."""
    story = tell()
    july, august = batch_of(WIND, "2026-07"), batch_of(WIND, AUGUST)
    story.log(AccountOpened(OTHER, 2, 0, OTHER, "另一家公司 Another Company"), AccountOpened(NOBODY, 2, 44, NOBODY, ""))
    for number, price in enumerate(PRICES, start=3):
        story.log(Listed(number, july, number * 10, number * 10 + 5, OWNER, price, 1))
    for trade, (start, end, buyer) in enumerate([(7000, 7030, OTHER), (7030, 8000, NOBODY)], start=2):
        story.over(Traded(trade, 0, august, start, end, OWNER, buyer, 200, PLATFORM, 2), OWNER, buyer)
        claim = Claim("某方", 4, Month.parse(AUGUST).index, Month.parse(AUGUST).index + 1, "")
        story.over(Retired(august, start, end, buyer, 2, claim), buyer, "0x" + "0" * 40)
    engine = new_engine()
    index(engine, story)
    with connected(engine) as found:
        yield found


def every_lot(db: Connection, wish: LotWish, order: browsing.LotOrder = "oldest", limit: int = 2) -> list[int]:
    found, after = [], None
    while True:
        page = browsing.lots(db, wish, order, after=after, limit=limit)
        found += [view.listing.id for view in page.items]
        after = page.next
        if after is None:
            return found


def test_lots_come_in_the_order_that_is_asked_for(db: Connection) -> None:
    prices = {1: 350} | dict(enumerate(PRICES, start=3))
    assert every_lot(db, LotWish()) == sorted(prices)
    assert every_lot(db, LotWish(), "newest") == sorted(prices, reverse=True)
    assert every_lot(db, LotWish(), "cheapest") == sorted(prices, key=lambda one: (prices[one], one))
    assert every_lot(db, LotWish(), "dearest") == sorted(prices, key=lambda one: (-prices[one], -one))


@FEW
@given(
    province=st.sampled_from([None, 15, 44]),
    technology=st.sampled_from([None, 1, 4]),
    first=st.sampled_from([None, JULY, JULY + 1]),
    last=st.sampled_from([None, JULY, JULY + 1]),
    price=st.sampled_from([None, 0, 1, 120, 349, 350, 10**9]),
    project=st.sampled_from(["", WIND.code, SUN.code, "ＷＩＮＤ 示例", "wind dam"]),
    order=st.sampled_from(["oldest", "newest", "cheapest", "dearest"]),
)
def test_every_filter_is_what_it_says(db: Connection, order: browsing.LotOrder, **asked: object) -> None:
    wish = LotWish(
        project=str(asked["project"]),
        province=asked["province"],  # type: ignore[arg-type]
        technology=asked["technology"],  # type: ignore[arg-type]
        first_month=asked["first"],  # type: ignore[arg-type]
        last_month=asked["last"],  # type: ignore[arg-type]
        price=asked["price"],  # type: ignore[arg-type]
    )
    expected = {
        lot.listing.id
        for lot in deals.open_listings(db, limit=100).items
        if wish.province in (None, lot.province)
        and wish.technology in (None, lot.technology)
        and (wish.first_month or 0) <= lot.month <= (wish.last_month or 4095)
        and (wish.price is None or lot.listing.price <= wish.price)
        and wish.project in ("", lot.project_code, "ＷＩＮＤ 示例")
    }
    found = every_lot(db, wish, order)
    assert set(found) == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("", {WIND.code, SUN.code, HYDRO.code, "waiting"}),
        (WIND.code, {WIND.code}),
        (WIND.code.lower(), {WIND.code}),
        (WIND.code[:4], {WIND.code}),
        ("示例 dam", {HYDRO.code}),
        ("EXAMPLE", {WIND.code, HYDRO.code, "waiting"}),
        ("100%", set()),
        ("_", set()),
        ("不存在", set()),
    ],
)
def test_projects_are_found_by_name_and_code(db: Connection, words: str, codes: set[str]) -> None:
    found = {item.named.code for item in browsing.find_projects(db, words).items}
    known = {WIND.code, SUN.code, HYDRO.code}
    assert {code if code in known else "waiting" for code in found} == codes


def test_a_page_of_projects_goes_on(db: Connection) -> None:
    found, after = [], None
    for _ in range(9):
        page = browsing.find_projects(db, after=after, limit=1)
        found += [item.named.project for item in page.items]
        after = page.next
        if after is None:
            break
    assert found == sorted(found)
    assert len(found) == 4


def test_a_batch_is_its_ranges(db: Connection) -> None:
    batch_id = batch_of(WIND, AUGUST)
    view = browsing.batch(db, batch_id, limit=500)
    ranges = [one.segment for one in view.ranges.items]
    assert [one.start for one in ranges] == [0, *(one.end for one in ranges[:-1])]
    assert ranges[-1].end == view.first.batch.count == sum(view.sums.values())
    for state, count in view.sums.items():
        assert count == sum(one.end - one.start for one in ranges if one.state == state)
    assert view.sums[CertificateState.RETIRED] == 30 + 1000
    few = browsing.batch(db, batch_id, limit=3)
    more = browsing.batch(db, batch_id, after=few.ranges.next, limit=500)
    assert [one.segment for one in (*few.ranges.items, *more.ranges.items)] == ranges


def test_a_batch_that_is_none_is_not_found(db: Connection) -> None:
    with pytest.raises(NotFound):
        browsing.batch(db, batch_of(WIND, "2026-06"))


def test_turnover_is_weighed_by_quantity(db: Connection) -> None:
    (month,) = charting.turnover(db)
    assert (month.certificates, month.fen) == (2000, 1000 * 350 + 1000 * 200)
    assert month.mean == 275
    assert charting.turnover(db, province=15, technology=1) == (month,)
    assert charting.turnover(db, province=44) == ()


def test_ranking_counts_declared_consumption_and_names_no_person(db: Connection) -> None:
    assert charting.consumption_years(db) == (2026,)
    found = charting.ranking(db, 2026)
    assert [(one.rank, one.address, one.certificates) for one in found] == [(1, OTHER, 30), (1, BUYER, 30)] or [
        (one.rank, one.address, one.certificates) for one in found
    ] == [(1, BUYER, 30), (1, OTHER, 30)]
    assert charting.ranking(db, 2023) == ()  # what expired was consumed by nobody


def test_what_expires_soon_is_told_three_months_before(db: Connection) -> None:
    old = Month.parse("2023-10")
    for now, found in (("2025-09", False), ("2025-10", True), ("2025-12", True), ("2026-01", False)):
        months = charting.expiring_months(db, Month.parse(now).begins_at)
        assert [(row.month, row.certificates) for row in months] == ([(old.index, 15)] if found else [])
