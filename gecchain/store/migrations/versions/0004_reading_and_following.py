"""Reading and following: indexes for every filter of the lists, who is named in an event, which blocks were undone.

Nothing begins anew: what the new tables hold of the past is read out of the events that are there.
"""

import re
from collections.abc import Iterator
from itertools import islice

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ADDRESS = re.compile(r"0x[0-9a-f]{40}")
NOBODY = "0x" + "00" * 20
AT_ONCE = 5_000
INDEXES = (
    ("ix_batches_holder_position", "batches", ("holder", "position")),
    ("ix_batches_project_id", "batches", (sa.text("(id >> 16)"), "id")),
    ("ix_batches_province_month_id", "batches", (sa.text("(id >> 36 & 127)"), "month", "id")),
    ("ix_batches_technology_month_id", "batches", (sa.text("(id >> 55 & 31)"), "month", "id")),
    ("ix_segments_state_batch_start", "segments", ("state", "batch", "start")),
    ("ix_retirements_project_position", "retirements", (sa.text("(batch >> 16)"), "position")),
    ("ix_retirements_month_position", "retirements", (sa.text("(batch >> 4 & 4095)"), "position")),
    ("ix_trades_platform_id", "trades", ("platform", "id")),
    ("ix_trades_project_id", "trades", (sa.text("(batch >> 16)"), "id")),
    ("ix_trades_month_id", "trades", (sa.text("(batch >> 4 & 4095)"), "id")),
    ("ix_projects_province_id", "projects", (sa.text("(id >> 20 & 127)"), "id")),
    ("ix_projects_technology_id", "projects", (sa.text("(id >> 39 & 31)"), "id")),
    ("ix_filings_state_project_version", "filings", ("state", "project", "version")),
    ("ix_events_kind_position", "events", ("kind", "position")),
)
TRADED = sa.text("trade != 0")


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(op.f(name), table, list(columns), unique=False)
    op.create_index(
        op.f("ix_segments_traded"), "segments", ["batch", "start"], sqlite_where=TRADED, postgresql_where=TRADED
    )
    mentions = op.create_table(
        "mentions",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("account", "position", name=op.f("pk_mentions")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "orphans",
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("fork", BIG, nullable=False),
        sa.Column("fork_hash", sa.String(length=66), nullable=False),
        sa.Column("fork_time", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_orphans")),
    )
    named = named_so_far()
    while part := list(islice(named, AT_ONCE)):
        op.bulk_insert(mentions, part)


def named_so_far() -> Iterator[dict[str, object]]:
    """Every account that an event of the past names, a part of the events at a time."""
    last = -1
    query = sa.text("SELECT position, document FROM events WHERE position > :last ORDER BY position LIMIT :many")
    while rows := op.get_bind().execute(query, {"last": last, "many": AT_ONCE}).all():
        for position, document in rows:
            values = orjson.loads(document).values()
            accounts = {value for value in values if isinstance(value, str) and ADDRESS.fullmatch(value)}
            yield from ({"account": account, "position": position} for account in sorted(accounts - {NOBODY}))
        last = rows[-1].position


def downgrade() -> None:
    op.drop_table("orphans")
    op.drop_table("mentions")
    op.drop_index(op.f("ix_segments_traded"), table_name="segments")
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(op.f(name), table_name=table)
