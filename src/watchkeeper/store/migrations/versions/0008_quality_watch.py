"""On which days labels came, and the days of business metrics, each as it was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; labels are taken up from their beginning."""
    op.create_table(
        "label_days",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("label_day", sa.Integer, primary_key=True),
        sa.Column("first_sequence", sa.Integer, nullable=False),
        sa.Column("last_sequence", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "label_coverage",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("after_sequence", sa.Integer, nullable=False),
        sa.Column("up_to_sequence", sa.Integer, nullable=False),
    )
    op.create_table(
        "lost_orphans",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("label_day", sa.Integer, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.drop_table("quality_orphans")
    op.create_table(
        "quality_orphans",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("prediction_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("label_day", sa.Integer, primary_key=True),
        sa.Column("first_sequence", sa.Integer, nullable=False),
        sa.Column("last_sequence", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("UPDATE quality_progress SET sequence = 0")
    op.create_table(
        "business_waits",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("recipe", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, primary_key=True),
        sa.Column("wait_days", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "business_days",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("recipe", sa.Text, primary_key=True),
        sa.Column("wait_days", sa.Integer, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("above", sa.Float, nullable=False),
        sa.Column("below", sa.Float, nullable=False),
        sa.Column("entities", sa.Integer, nullable=False),
        sa.Column("error", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
