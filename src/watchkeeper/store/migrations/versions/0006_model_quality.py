"""What stands beside labels: estimates, the watch over a model's loss, outliers."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
