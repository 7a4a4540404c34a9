"""A registry as large as a plan needs to see: rows made by the database itself, of the shape that the indexer writes.

30,000 projects, 120,000 batches, 240,000 ranges, 60,000 trades and retirements. Planners decide by size and by
statistics, not by whether the events behind the rows were ever logged.
"""

from sqlalchemy import Connection, Engine
from sqlalchemy import text as sql

from gecchain.store import connected

PROJECTS, BATCHES, SETTLED = 30_000, 120_000, 60_000
FIRST_MONTH = 1500
PROVINCE, TECHNOLOGY = 44, 4
_PROJECT = "(1::b << 44 | (n.i % 12 + 1)::b << 39 | 1400::b << 27 | (11 + n.i * 7 % 40)::b << 20 | n.i)"
_OF_BATCH = (
    "(1::b << 44 | ((n.i / 4) % 12 + 1)::b << 39 | 1400::b << 27 | (11 + (n.i / 4) * 7 % 40)::b << 20 | (n.i / 4))"
)
_BATCH = f"({_OF_BATCH} << 16 | (1500 + n.i % 4 * 6 + (n.i / 4) % 6) << 4 | 1)"
_OWNER = "('0x' || substr('0000000000000000000000000000000000000000' || ({} % 600), -40))"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) "
STATEMENTS = (
    (PROJECTS, f"INSERT INTO projects SELECT {_PROJECT}, 1, 1, {_OWNER.format('n.i')}, 1400, TRUE, FALSE FROM n"),
    (
        PROJECTS,
        f"INSERT INTO filings SELECT {_PROJECT}, 1, {_OWNER.format('n.i')}, 1400, 1000, TRUE, '{{}}',"
        " CASE WHEN n.i % 500 = 0 THEN 0 ELSE 1 END, '0x', '', n.i, n.i FROM n",
    ),
    (
        BATCHES,
        f"INSERT INTO batches SELECT {_BATCH}, 1000, 1, n.i, 1, (n.i / 200) << 24, 1500 + n.i % 4 * 6 + (n.i / 4) % 6,"
        f" {_OWNER.format('n.i / 4')}, 0, '0' FROM n",
    ),
    (
        BATCHES * 2,
        "INSERT INTO segments SELECT b.id, h.i * 500, h.i * 500 + 500, b.holder,"
        " CASE WHEN b.leaf % 400 = 0 THEN 2 WHEN b.leaf % 3 = 0 THEN 4 ELSE 1 END,"
        " CASE WHEN b.leaf % 50 = 7 THEN b.leaf ELSE 0 END, b.position"
        " FROM batches b, (SELECT 0 AS i UNION ALL SELECT 1) h",
    ),
    (
        SETTLED,
        f"INSERT INTO trades SELECT n.i + 1, 1, {_BATCH}, 0, 100, {_OWNER.format('n.i')}, {_OWNER.format('n.i * 7')},"
        " 350, '0x' || (n.i % 40), n.i << 24, 1, 0 FROM n",
    ),
    (
        SETTLED,
        f"INSERT INTO retirements SELECT n.i << 24, {_BATCH}, 0, 100, {_OWNER.format('n.i')}, 2, '', 1, 0, 0, '', 0"
        " FROM n",
    ),
    (
        SETTLED,
        "INSERT INTO events SELECT n.i << 24, CASE WHEN n.i % 300 = 0 THEN 'Frozen' ELSE 'Traded' END, '0x', NULL,"
        f" {_OF_BATCH}, NULL, NULL, NULL, NULL, '{{}}' FROM n",
    ),
    (SETTLED, "INSERT INTO blocks SELECT n.i, '0x', '0x', n.i, TRUE FROM n"),
    (SETTLED, f"INSERT INTO mentions SELECT {_OWNER.format('n.i')}, n.i << 24 FROM n"),
)


def project(number: int) -> int:
    """The id of the project that was made with this number."""
    return 1 << 44 | (number % 12 + 1) << 39 | 1400 << 27 | (11 + number * 7 % 40) << 20 | number


def owner(number: int) -> str:
    return "0x" + str(number % 600).rjust(40, "0")


def settle(engine: Engine) -> None:
    """Fills the tables. PostgreSQL learns its statistics; SQLite plans without any, as it does in production."""
    with connected(engine, writes=True) as db:
        for count, statement in STATEMENTS:
            with_numbers = "INSERT INTO segments" not in statement
            _run(db, statement, NUMBERS.format(count=count) if with_numbers else "")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("VACUUM ANALYZE")


def _run(db: Connection, statement: str, numbers: str) -> None:
    head, _, body = statement.partition(" SELECT ")
    text = f"{head} {numbers}SELECT {body}"
    if db.dialect.name == "postgresql":
        text = text.replace("::b", "::bigint").replace("n.i << 24", "n.i::bigint << 24")
        text = (
            text.replace("(n.i / 200) <<", "(n.i / 200)::bigint <<")
            .replace("substr(", "right(")
            .replace(", -40", ", 40")
        )
    else:
        text = text.replace("::b", "")
    db.execute(sql(text))
