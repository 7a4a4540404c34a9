"""The leaf of each batch beside it, so that nobody has to read a whole chunk for one.

What a batch was issued from stands in the events already, so the rows are filled from them.
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 100
ISSUED = sa.text(
    "SELECT events.position, events.document, commitments.month"
    " FROM events JOIN commitments ON commitments.id = events.commitment"
    " WHERE events.kind = 'Issued' AND events.position > :after ORDER BY events.position LIMIT :most"
)
FILLED = sa.text("UPDATE batches SET word = :word WHERE id IN (:id, :id + 1) AND commitment = :commitment")


def upgrade() -> None:
    op.add_column("batches", sa.Column("word", sa.String(length=64), server_default="0", nullable=False))
    after = -1
    while rows := op.get_bind().execute(ISSUED, {"after": after, "most": AT_ONCE}).all():
        for row in rows:
            op.get_bind().execute(FILLED, list(issued(json.loads(row.document), row.month)))
        after = rows[-1].position
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("batches", "word", server_default=None)


def issued(event: dict[str, Any], month: int) -> Iterator[dict[str, object]]:
    """A batch's number by project, month and electricity; the last bit says whether it can be traded."""
    for place, text in enumerate(event["leaves"]):
        if int(event["issued"]) >> place & 1:
            word = int(text)
            number = word >> 208 << 16 | month << 4 | (word >> 200 & 0xFF) << 1
            yield {"word": f"{word:x}", "id": number, "commitment": event["commitment"]}


def downgrade() -> None:
    op.drop_column("batches", "word")
