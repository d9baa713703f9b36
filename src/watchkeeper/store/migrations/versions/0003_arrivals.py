"""When each model's newest predictions came, and how regularly."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the arrivals; models fill theirs with what comes next."""
    op.create_table(
        "arrivals",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("newest_time", sa.Integer, nullable=False),
        sa.Column("received_at", sa.Integer, nullable=False),
        sa.Column("gap_seconds", sa.Float),
    )
