"""Reading and following: indexes for every filter of the lists, who is named in an event, which blocks were undone.

The next migration begins the projection anew, so nothing of the past is read into the new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
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
    op.create_table(
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


def downgrade() -> None:
    op.drop_table("orphans")
    op.drop_table("mentions")
    op.drop_index(op.f("ix_segments_traded"), table_name="segments")
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(op.f(name), table_name=table)
