"""No list walks a whole table where its filter leaves little: the plan of every combination, on both databases."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Boolean, Connection, Engine, Select, create_engine
from sqlalchemy.dialects import postgresql, sqlite

from gecchain.ledger import ENTITIES, FilingState
from gecchain.store import connected, migrate, open_engine
from gecchain.store.feed import feed_query
from gecchain.store.keyed import rows_of
from gecchain.store.lists.batches import BatchFilter, batch_query
from gecchain.store.lists.plants import ProjectFilter, project_query
from gecchain.store.lists.ranges import RangeFilter, range_query
from gecchain.store.lists.settled import RetirementFilter, TradeFilter, retirement_query, trade_query
from gecchain.store.tables import ENTITY_TABLES
from gecchain.store.tracing import _story
from tests.store import country

PAGE = 51
FEW_ROWS = 2_000  # what may be sorted: the rows of one owner or project, never those of the registry
BIG = {"segments", "batches", "trades", "retirements", "projects", "filings", "events", "mentions"}
TRADED = "INDEX ix_segments_traded"  # it holds nothing else than what is asked for
KEY = country.project(4321) << 16 | 1505 << 4 | 1
MONTHS = {"first_month": country.FIRST_MONTH + 3, "last_month": country.FIRST_MONTH + 5}
PARTS: dict[str, dict[str, Any]] = {
    "owner": {"owner": country.owner(17)},
    "project": {"project": country.project(4321)},
    "months": MONTHS,
    "class": {"electricity": 0, "tradable": True},
    "province": {"province": country.PROVINCE},
    "technology": {"technology": country.TECHNOLOGY},
    "listed": {"state": 2},
    "traded": {"traded": True},
}
TRADES: dict[str, dict[str, Any]] = {
    "buyer": {"buyer": country.owner(17)},
    "seller": {"seller": country.owner(18)},
    "platform": {"platform": "0x7"},
    "project": {"project": country.project(4321)},
    "month": {"month": 1505},
    "since": {"since_block": 59_900},
}
RETIREMENTS = {"holder": {"holder": country.owner(17)}} | {name: TRADES[name] for name in ("project", "month", "since")}
PROJECTS: dict[str, dict[str, Any]] = {
    "owner": PARTS["owner"],
    "province": PARTS["province"],
    "technology": PARTS["technology"],
    "state": {"state": FilingState.SUBMITTED},
}
EVENTS: dict[str, dict[str, Any]] = {
    "account": {"account": country.owner(17)},
    "project": PARTS["project"],
    "kinds": {"kinds": ("Frozen", "Issued")},
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('country') / 'country.db'}")
    else:
        url = request.getfixturevalue("postgres_url")
        admin = create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as db:
            db.exec_driver_sql("CREATE DATABASE country")
        admin.dispose()
        engine = open_engine(url.rsplit("/", 1)[0] + "/country")
    migrate(engine)
    country.settle(engine)
    yield engine
    engine.dispose()


def combinations(parts: dict[str, dict[str, Any]], *, unselective: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Every one, two and three filters, and all of them, if at least one leaves little."""
    for size in (1, 2, 3, len(parts)):
        for names in itertools.combinations(parts, size):
            if set(names) - set(unselective):
                yield {key: value for name in names for key, value in parts[name].items()}


def plan(db: Connection, query: Select[Any], *, bounded: bool = False) -> list[str]:
    """What is wrong with a plan: walks over whole tables, and sorts of more than a few rows.

    `bounded`: the outermost part has few rows, since each source of it was cut off before, so it may be sorted.
    """
    dialect: Any = postgresql.dialect() if db.dialect.name == "postgresql" else sqlite.dialect()
    text = str(query.limit(PAGE).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    if db.dialect.name == "postgresql":
        (found,) = db.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}").scalars()
        tree = found if isinstance(found, list) else json.loads(found)
        return list(postgresql_faults(tree[0]["Plan"]))
    return [row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}") if sqlite_fault(row, bounded)]


def sqlite_fault(row: Any, bounded: bool) -> bool:
    if "TEMP B-TREE FOR ORDER BY" in row.detail:
        return not (bounded and row.parent == 0)
    word, _, rest = row.detail.partition(" ")
    return word == "SCAN" and rest.split(" ")[0] in BIG and not rest.endswith(TRADED)


def postgresql_faults(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" and node.get("Relation Name") in BIG:
        yield f"Seq Scan on {node['Relation Name']}"
    if node["Node Type"] == "Sort" and node["Plan Rows"] > FEW_ROWS:
        yield f"Sort of {node['Plan Rows']} rows"
    for child in node.get("Plans", ()):
        yield from postgresql_faults(child)


def check(
    engine: Engine,
    wanted: Iterator[dict[str, Any]],
    query: Callable[[dict[str, Any]], Select[Any]],
    *,
    bounded: bool = False,
) -> None:
    with connected(engine) as db:
        faults = {str(one): found for one in wanted if (found := plan(db, query(one), bounded=bounded))}
    assert faults == {}


@pytest.mark.parametrize("start", [None, (KEY, 100)])
def test_ranges(large: Engine, start: tuple[int, int] | None) -> None:
    check(large, combinations(PARTS, unselective=("class",)), lambda one: range_query(RangeFilter(**one), start))


@pytest.mark.parametrize("after", [None, KEY])
def test_batches(large: Engine, after: int | None) -> None:
    parts = {name: PARTS[name] for name in ("owner", "project", "months", "class", "province", "technology")}
    check(large, combinations(parts, unselective=("class",)), lambda one: batch_query(BatchFilter(**one), after))


@pytest.mark.parametrize("after", [0, country.project(4321)])
def test_projects(large: Engine, after: int) -> None:
    check(large, combinations(PROJECTS), lambda one: project_query(ProjectFilter(**one), after))


@pytest.mark.parametrize("after", [0, 30_000])
def test_trades(large: Engine, after: int) -> None:
    check(large, combinations(TRADES), lambda one: trade_query(TradeFilter(**one), after))


@pytest.mark.parametrize("after", [0, 30_000 << 24])
def test_retirements(large: Engine, after: int) -> None:
    check(large, combinations(RETIREMENTS), lambda one: retirement_query(RetirementFilter(**one), after))


@pytest.mark.parametrize("after", [-1, 30_000 << 24])
def test_events(large: Engine, after: int) -> None:
    def query(one: dict[str, Any]) -> Select[Any]:
        return feed_query(frozenset(one.get("kinds", ())), one.get("project"), one.get("account"), after, PAGE)

    check(large, combinations(EVENTS), query, bounded=True)


def test_a_list_without_a_filter_is_read_in_the_order_of_an_index(large: Engine) -> None:
    """It may walk the table, since the page is full at once, but it must not sort it."""
    with connected(large) as db:
        for query in (range_query(RangeFilter(), None), range_query(RangeFilter(electricity=0), (KEY, 100))):
            assert [fault for fault in plan(db, query) if "SCAN segments" not in fault] == []


def test_what_events_touch_is_found_by_key(large: Engine) -> None:
    """Also where a key has several columns, for which SQLite would walk the table if it were handed a list of them."""
    if large.dialect.name != "sqlite":
        return
    asked: list[str] = []
    with connected(large) as db:
        driver: Any = db.connection.dbapi_connection
        for kind, (_shape, names) in ENTITIES.items():
            columns = [ENTITY_TABLES[kind].c[name] for name in names]
            key = tuple(True if isinstance(one.type, Boolean) else 1 for one in columns)
            driver.set_trace_callback(asked.append)
            list(rows_of(db, kind, [key if len(names) > 1 else 1] * 2))
            driver.set_trace_callback(None)
        assert len(asked) >= len(ENTITIES)
        for statement in asked:
            (found,) = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            assert found.detail.startswith("SEARCH"), (statement, found.detail)


def test_a_trace_goes_by_keys(large: Engine) -> None:
    """Also past the trades of a large project, among which its choices between certificates and CCER are few."""
    with connected(large) as db:
        for whole in (False, True):
            query = _story(whole=whole).params(batch=KEY, project=KEY >> 16, serial=100)
            assert plan(db, query) == []
        text = str(query.compile(db, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN QUERY PLAN" if db.dialect.name == "sqlite" else "EXPLAIN"
        assert "ix_events_ccer_chosen" in str(db.exec_driver_sql(f"{how} {text}").all())


def test_a_fault_is_found(large: Engine) -> None:
    """A filter that no index serves: what this file looks for is there to be found."""
    with connected(large) as db:
        wrong = range_query(RangeFilter(), None).order_by(None).where(batch_query(BatchFilter(), None).exists())
        assert plan(db, wrong.order_by("since"))
