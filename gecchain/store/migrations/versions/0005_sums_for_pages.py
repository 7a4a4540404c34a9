"""Sums that pages rank, draw and search by, and listings in the order of their prices.

The projection begins anew: the sums are the fold's, so that they are rebuilt from the chain and not counted twice over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PROJECTED = (
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
    "mentions",
    "orphans",
    "parameters",
    "projects",
    "relayed",
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
    _forget()
    op.create_table(
        "consumptions",
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("certificates", BIG, nullable=False),
        sa.PrimaryKeyConstraint("account", "year", name=op.f("pk_consumptions")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_consumptions_year_certificates_account"),
        "consumptions",
        ["year", "certificates", "account"],
        unique=False,
    )
    op.create_table(
        "turnovers",
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("province", sa.SmallInteger(), nullable=False),
        sa.Column("technology", sa.SmallInteger(), nullable=False),
        sa.Column("way", sa.SmallInteger(), nullable=False),
        sa.Column("certificates", BIG, nullable=False),
        sa.Column("fen", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("month", "province", "technology", "way", name=op.f("pk_turnovers")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "project_names",
        sa.Column("project", BIG, nullable=False),
        sa.Column("code", sa.String(length=17), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_project_names")),
    )
    op.create_index(op.f("ix_project_names_code"), "project_names", ["code"], unique=False)
    op.create_index(op.f("ix_listings_closed_price_id_batch"), "listings", ["closed", "price", "id", "batch"])


def downgrade() -> None:
    _forget()
    op.drop_index(op.f("ix_listings_closed_price_id_batch"), table_name="listings")
    op.drop_table("project_names")
    op.drop_table("turnovers")
    op.drop_table("consumptions")


def _forget() -> None:
    for table in PROJECTED:
        op.execute(sa.delete(sa.table(table)))
