"""Aids beside a model: what tells its outliers, and how many there were."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outlier_scorers",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("baseline_version", sa.Integer, nullable=False),
        sa.Column("counted_sequence", sa.Integer, nullable=False),
        sa.Column("facts", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outlier_cells",
        sa.Column("scorer", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("scored", sa.Integer, nullable=False),
        sa.Column("outliers", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
