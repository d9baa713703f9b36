"""What stands beside labels: estimates, the watch over a model's loss, outliers."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; feedback about ranked lists is taken up from its beginning."""
    op.execute(
        "UPDATE quality_progress SET sequence = 0 WHERE model IN"
        " (SELECT model FROM column_types WHERE name = 'output' AND type = 'texts')"
    )
