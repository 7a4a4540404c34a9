"""Requests that were relayed: what became of each.

Contracts without a relay are another deployment, so no projection that stands lacks rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "relayed",
        sa.Column("request", sa.String(length=66), nullable=False),
        sa.Column("signer", sa.String(length=42), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_relayed")),
    )
    op.create_index(op.f("ix_relayed_position"), "relayed", ["position"], unique=False)
    op.create_index(op.f("ix_relayed_signer_position"), "relayed", ["signer", "position"], unique=False)


def downgrade() -> None:
    op.drop_table("relayed")
