"""The projection's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("province", sa.SmallInteger(), nullable=False),
        sa.Column("operator", sa.String(length=42), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("freeze_reason", sa.Text(), nullable=False),
        sa.Column("platform", sa.SmallInteger(), nullable=False),
        sa.Column("opened", BIG, nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_kind_province"), "accounts", ["kind", "province"], unique=False)
    op.create_index(op.f("ix_accounts_operator_kind"), "accounts", ["operator", "kind"], unique=False)
    op.create_table(
        "balances",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("holding", BIG, nullable=False),
        sa.Column("retired", BIG, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_balances")),
    )
    op.create_table(
        "batches",
        sa.Column("id", BIG, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("commitment", sa.Integer(), nullable=False),
        sa.Column("leaf", sa.Integer(), nullable=False),
        sa.Column("filing", sa.SmallInteger(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_table(
        "blocks",
        sa.Column("number", BIG, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("parent", sa.String(length=66), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("eventful", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_blocks")),
    )
    op.create_table(
        "chunks",
        sa.Column("commitment", sa.Integer(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("issued", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("commitment", "chunk", name=op.f("pk_chunks")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "commitments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=42), nullable=False),
        sa.Column("declared", sa.Boolean(), nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.Column("total_wh", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=66), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitments")),
    )
    op.create_index(op.f("ix_commitments_month"), "commitments", ["month"], unique=False)
    op.create_table(
        "cursor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deployment", sa.Text(), nullable=False),
        sa.Column("block", BIG, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("time", BIG, nullable=False),
        sa.Column("head", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cursor")),
    )
    op.create_table(
        "events",
        sa.Column("position", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("transaction", sa.String(length=66), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=True),
        sa.Column("project", BIG, nullable=True),
        sa.Column("batch", BIG, nullable=True),
        sa.Column("commitment", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_account_position"), "events", ["account", "position"], unique=False)
    op.create_index(op.f("ix_events_batch_position"), "events", ["batch", "position"], unique=False)
    op.create_index(op.f("ix_events_commitment_position"), "events", ["commitment", "position"], unique=False)
    op.create_index(op.f("ix_events_project_position"), "events", ["project", "position"], unique=False)
    op.create_table(
        "filings",
        sa.Column("project", BIG, nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("in_operation", sa.Integer(), nullable=False),
        sa.Column("capacity_kw", BIG, nullable=False),
        sa.Column("market_based", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("reviewer", sa.String(length=42), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("submitted", BIG, nullable=False),
        sa.Column("reviewed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("project", "version", name=op.f("pk_filings")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "lanes",
        sa.Column("project", BIG, nullable=False),
        sa.Column("electricity", sa.SmallInteger(), nullable=False),
        sa.Column("lane", sa.BigInteger(), nullable=False),
        sa.Column("metered_wh", BIG, nullable=False),
        sa.Column("issued", BIG, nullable=False),
        sa.PrimaryKeyConstraint("project", "electricity", name=op.f("pk_lanes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("seller", sa.String(length=42), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("platforms", sa.BigInteger(), nullable=False),
        sa.Column("left", BIG, nullable=False),
        sa.Column("left_end", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("closed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
    )
    op.create_index(op.f("ix_listings_batch_closed_left"), "listings", ["batch", "closed", "left"], unique=False)
    op.create_index(op.f("ix_listings_closed_id"), "listings", ["closed", "id"], unique=False)
    op.create_index(op.f("ix_listings_seller_id"), "listings", ["seller", "id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", BIG, nullable=False),
        sa.Column("latest", sa.SmallInteger(), nullable=False),
        sa.Column("approved", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("in_operation", sa.Integer(), nullable=False),
        sa.Column("market_based", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_owner_id"), "projects", ["owner", "id"], unique=False)
    op.create_table(
        "retirements",
        sa.Column("position", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("reason", sa.SmallInteger(), nullable=False),
        sa.Column("beneficiary", sa.Text(), nullable=False),
        sa.Column("purpose", sa.SmallInteger(), nullable=False),
        sa.Column("period_start", sa.Integer(), nullable=False),
        sa.Column("period_end", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_retirements")),
        sa.UniqueConstraint("batch", "start", name=op.f("uq_retirements_batch_start")),
    )
    op.create_index(op.f("ix_retirements_holder_position"), "retirements", ["holder", "position"], unique=False)
    op.create_table(
        "segments",
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("traded", sa.Boolean(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.PrimaryKeyConstraint("batch", "start", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_segments_owner_batch_start"), "segments", ["owner", "batch", "start"], unique=False)
    op.create_table(
        "steps",
        sa.Column("position", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("previous", BIG, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_steps")),
    )
    op.create_table(
        "tallies",
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("province", sa.SmallInteger(), nullable=False),
        sa.Column("technology", sa.SmallInteger(), nullable=False),
        sa.Column("electricity", sa.SmallInteger(), nullable=False),
        sa.Column("tradable", sa.Boolean(), nullable=False),
        sa.Column("issued", BIG, nullable=False),
        sa.Column("traded", BIG, nullable=False),
        sa.Column("retired", BIG, nullable=False),
        sa.PrimaryKeyConstraint("month", "province", "technology", "electricity", "tradable", name=op.f("pk_tallies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "totals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("metered_wh", sa.Text(), nullable=False),
        sa.Column("carry_wh", sa.Text(), nullable=False),
        sa.Column("issued", BIG, nullable=False),
        sa.Column("retired", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totals")),
    )
    op.create_table(
        "trades",
        sa.Column("id", BIG, nullable=False),
        sa.Column("listing", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("seller", sa.String(length=42), nullable=False),
        sa.Column("buyer", sa.String(length=42), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("platform", sa.String(length=42), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trades")),
        sa.UniqueConstraint("batch", "start", name=op.f("uq_trades_batch_start")),
        sa.UniqueConstraint("position", name=op.f("uq_trades_position")),
    )
    op.create_index(op.f("ix_trades_buyer_id"), "trades", ["buyer", "id"], unique=False)
    op.create_index(op.f("ix_trades_seller_id"), "trades", ["seller", "id"], unique=False)
    op.create_table(
        "undo",
        sa.Column("block", BIG, nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block", name=op.f("pk_undo")),
    )


def downgrade() -> None:
    op.drop_table("undo")
    op.drop_index(op.f("ix_trades_seller_id"), table_name="trades")
    op.drop_index(op.f("ix_trades_buyer_id"), table_name="trades")
    op.drop_table("trades")
    op.drop_table("totals")
    op.drop_table("tallies")
    op.drop_table("steps")
    op.drop_index(op.f("ix_segments_owner_batch_start"), table_name="segments")
    op.drop_table("segments")
    op.drop_index(op.f("ix_retirements_holder_position"), table_name="retirements")
    op.drop_table("retirements")
    op.drop_index(op.f("ix_projects_owner_id"), table_name="projects")
    op.drop_table("projects")
    op.drop_index(op.f("ix_listings_seller_id"), table_name="listings")
    op.drop_index(op.f("ix_listings_closed_id"), table_name="listings")
    op.drop_index(op.f("ix_listings_batch_closed_left"), table_name="listings")
    op.drop_table("listings")
    op.drop_table("lanes")
    op.drop_table("filings")
    op.drop_index(op.f("ix_events_project_position"), table_name="events")
    op.drop_index(op.f("ix_events_commitment_position"), table_name="events")
    op.drop_index(op.f("ix_events_batch_position"), table_name="events")
    op.drop_index(op.f("ix_events_account_position"), table_name="events")
    op.drop_table("events")
    op.drop_table("cursor")
    op.drop_index(op.f("ix_commitments_month"), table_name="commitments")
    op.drop_table("commitments")
    op.drop_table("chunks")
    op.drop_table("blocks")
    op.drop_table("batches")
    op.drop_table("balances")
    op.drop_index(op.f("ix_accounts_operator_kind"), table_name="accounts")
    op.drop_index(op.f("ix_accounts_kind_province"), table_name="accounts")
    op.drop_table("accounts")
