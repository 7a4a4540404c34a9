"""The rest of a certificate's life: mandates, CCER, declarations, orders, settlements, disputes.

The projection begins anew: it is rebuilt from the chain, and what the new columns hold only the events know.
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE = "gecchain.store.migrations.versions.0001_projection"
TABLES = (
    "accounts",
    "additions",
    "balances",
    "batches",
    "blocks",
    "cases",
    "ccer_months",
    "ccer_registrations",
    "chunks",
    "commitments",
    "cursor",
    "deals",
    "declarations",
    "deductions",
    "doubts",
    "events",
    "expiry_warnings",
    "filings",
    "lanes",
    "listings",
    "mandates",
    "parameters",
    "projects",
    "retirements",
    "segments",
    "settlements",
    "steps",
    "tallies",
    "totals",
    "trades",
    "undo",
    "undone_retirements",
    "undone_trades",
)


def upgrade() -> None:
    import_module(BEFORE).downgrade()
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
        sa.Column("closed", BIG, nullable=False),
        sa.Column("close_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_accounts")),
    )
    op.create_index(op.f("ix_accounts_closed"), "accounts", ["closed"], unique=False)
    op.create_index(op.f("ix_accounts_kind_province"), "accounts", ["kind", "province"], unique=False)
    op.create_index(op.f("ix_accounts_operator_kind"), "accounts", ["operator", "kind"], unique=False)
    op.create_table(
        "additions",
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=66), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("batch", "start", name=op.f("pk_additions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_additions_case_id"), "additions", ["case_id"], unique=False)
    op.create_table(
        "balances",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("holding", BIG, nullable=False),
        sa.Column("retired", BIG, nullable=False),
        sa.Column("deducted", BIG, nullable=False),
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
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index(op.f("ix_batches_month_id"), "batches", ["month", "id"], unique=False)
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
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("claimant", sa.String(length=42), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.SmallInteger(), nullable=False),
        sa.Column("owed", BIG, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("watt_hours", BIG, nullable=False),
        sa.Column("evidence", sa.String(length=66), nullable=False),
        sa.Column("certificates", BIG, nullable=False),
        sa.Column("opened", BIG, nullable=False),
        sa.Column("closed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_batch_id"), "cases", ["batch", "id"], unique=False)
    op.create_index(op.f("ix_cases_claimant_id"), "cases", ["claimant", "id"], unique=False)
    op.create_index(op.f("ix_cases_stage_id"), "cases", ["stage", "id"], unique=False)
    op.create_table(
        "ccer_months",
        sa.Column("project", BIG, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", "month", name=op.f("pk_ccer_months")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ccer_registrations",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("project", BIG, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ccer_registrations")),
    )
    op.create_index(
        op.f("ix_ccer_registrations_project_start"), "ccer_registrations", ["project", "start"], unique=False
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
        "deals",
        sa.Column("id", sa.String(length=66), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("first_trade", BIG, nullable=False),
        sa.Column("last_trade", BIG, nullable=False),
        sa.Column("paid_on_platform", sa.Boolean(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_by", sa.String(length=42), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
    )
    op.create_index(op.f("ix_deals_first_trade"), "deals", ["first_trade"], unique=False)
    op.create_index(op.f("ix_deals_position"), "deals", ["position"], unique=False)
    op.create_table(
        "declarations",
        sa.Column("id", sa.String(length=66), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("leaf", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=66), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("caller", sa.String(length=42), nullable=False),
        sa.Column("declared", BIG, nullable=False),
        sa.Column("checker", sa.String(length=42), nullable=False),
        sa.Column("checked", BIG, nullable=False),
        sa.Column("rechecker", sa.String(length=42), nullable=False),
        sa.Column("rechecked", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declarations")),
    )
    op.create_index(op.f("ix_declarations_commitment_index"), "declarations", ["commitment", "index"], unique=False)
    op.create_index(op.f("ix_declarations_owner_declared"), "declarations", ["owner", "declared"], unique=False)
    op.create_index(op.f("ix_declarations_stage_declared"), "declarations", ["stage", "declared"], unique=False)
    op.create_table(
        "deductions",
        sa.Column("position", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_deductions")),
    )
    op.create_index(op.f("ix_deductions_batch_start"), "deductions", ["batch", "start"], unique=False)
    op.create_index(op.f("ix_deductions_case_id"), "deductions", ["case_id"], unique=False)
    op.create_table(
        "doubts",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_doubts")),
        sqlite_with_rowid=False,
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
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=66), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_account_position"), "events", ["account", "position"], unique=False)
    op.create_index(op.f("ix_events_batch_position"), "events", ["batch", "position"], unique=False)
    op.create_index(op.f("ix_events_case_id_position"), "events", ["case_id", "position"], unique=False)
    op.create_index(op.f("ix_events_commitment_position"), "events", ["commitment", "position"], unique=False)
    op.create_index(op.f("ix_events_project_position"), "events", ["project", "position"], unique=False)
    op.create_index(op.f("ix_events_subject_position"), "events", ["subject", "position"], unique=False)
    op.create_table(
        "expiry_warnings",
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", BIG, nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_expiry_warnings")),
    )
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
        sa.Column("deducted", BIG, nullable=False),
        sa.Column("owed", BIG, nullable=False),
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
        "mandates",
        sa.Column("principal", sa.String(length=42), nullable=False),
        sa.Column("agent", sa.String(length=42), nullable=False),
        sa.Column("begins", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("document", sa.String(length=66), nullable=False),
        sa.Column("filed", BIG, nullable=False),
        sa.Column("revoked", BIG, nullable=False),
        sa.PrimaryKeyConstraint("principal", name=op.f("pk_mandates")),
    )
    op.create_index(op.f("ix_mandates_agent_principal"), "mandates", ["agent", "principal"], unique=False)
    op.create_table(
        "parameters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ccer_ends", sa.BigInteger(), nullable=False),
        sa.Column("proposal_days", sa.Integer(), nullable=False),
        sa.Column("check_days", sa.Integer(), nullable=False),
        sa.Column("decision_days", sa.Integer(), nullable=False),
        sa.Column("execution_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parameters")),
    )
    op.create_table(
        "projects",
        sa.Column("id", BIG, nullable=False),
        sa.Column("latest", sa.SmallInteger(), nullable=False),
        sa.Column("approved", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("in_operation", sa.Integer(), nullable=False),
        sa.Column("market_based", sa.Boolean(), nullable=False),
        sa.Column("ccer", sa.Boolean(), nullable=False),
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
        sa.Column("undone", BIG, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_retirements")),
    )
    op.create_index(op.f("ix_retirements_holder_position"), "retirements", ["holder", "position"], unique=False)
    op.create_table(
        "segments",
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("owner", sa.String(length=42), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("trade", BIG, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.PrimaryKeyConstraint("batch", "start", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_segments_owner_batch_start"), "segments", ["owner", "batch", "start"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("contract_id", sa.String(length=66), nullable=False),
        sa.Column("project", BIG, nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("first_trade", BIG, nullable=False),
        sa.Column("last_trade", BIG, nullable=False),
        sa.Column("contract_wh", sa.BigInteger(), nullable=False),
        sa.Column("fed_in_wh", sa.BigInteger(), nullable=False),
        sa.Column("consumed_wh", sa.BigInteger(), nullable=False),
        sa.Column("energy_price", sa.BigInteger(), nullable=False),
        sa.Column("exchange", sa.String(length=42), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("contract_id", "project", "month", name=op.f("pk_settlements")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_settlements_first_trade"), "settlements", ["first_trade"], unique=False)
    op.create_index(op.f("ix_settlements_position"), "settlements", ["position"], unique=False)
    op.create_index(op.f("ix_settlements_project_position"), "settlements", ["project", "position"], unique=False)
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
        sa.Column("deducted", BIG, nullable=False),
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
        sa.Column("deducted", BIG, nullable=False),
        sa.Column("owed", BIG, nullable=False),
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
        sa.Column("way", sa.SmallInteger(), nullable=False),
        sa.Column("undone", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trades")),
        sa.UniqueConstraint("position", name=op.f("uq_trades_position")),
    )
    op.create_index(op.f("ix_trades_batch_start"), "trades", ["batch", "start"], unique=False)
    op.create_index(op.f("ix_trades_buyer_id"), "trades", ["buyer", "id"], unique=False)
    op.create_index(op.f("ix_trades_seller_id"), "trades", ["seller", "id"], unique=False)
    op.create_table(
        "undo",
        sa.Column("block", BIG, nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block", name=op.f("pk_undo")),
    )
    op.create_table(
        "undone_retirements",
        sa.Column("position", BIG, nullable=False),
        sa.Column("retirement", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("holder", sa.String(length=42), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_undone_retirements")),
    )
    op.create_index(op.f("ix_undone_retirements_case_id"), "undone_retirements", ["case_id"], unique=False)
    op.create_index(op.f("ix_undone_retirements_retirement"), "undone_retirements", ["retirement"], unique=False)
    op.create_table(
        "undone_trades",
        sa.Column("position", BIG, nullable=False),
        sa.Column("trade", BIG, nullable=False),
        sa.Column("batch", BIG, nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("end", BIG, nullable=False),
        sa.Column("buyer", sa.String(length=42), nullable=False),
        sa.Column("seller", sa.String(length=42), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_undone_trades")),
    )
    op.create_index(op.f("ix_undone_trades_case_id"), "undone_trades", ["case_id"], unique=False)
    op.create_index(op.f("ix_undone_trades_trade"), "undone_trades", ["trade"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    import_module(BEFORE).upgrade()
