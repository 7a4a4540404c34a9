"""Approvals of commitments, and how many are needed.

Contracts without approvals are another deployment, so no projection that stands lacks rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNTED = (("commitments", "approvals"), ("parameters", "quorum"))


def upgrade() -> None:
    for table, column in COUNTED:
        op.add_column(table, sa.Column(column, sa.SmallInteger(), server_default="0", nullable=False))
    op.create_table(
        "approvals",
        sa.Column("commitment", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=42), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("commitment", "officer", name=op.f("pk_approvals")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("approvals")
    for table, column in COUNTED:
        op.drop_column(table, column)
