"""Choices between certificates and CCER, found by project past all its trades."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHOSEN = sa.text("kind = 'CcerChosen'")


def upgrade() -> None:
    op.create_index(
        op.f("ix_events_ccer_chosen"), "events", ["project", "position"], sqlite_where=CHOSEN, postgresql_where=CHOSEN
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_events_ccer_chosen"), table_name="events")
