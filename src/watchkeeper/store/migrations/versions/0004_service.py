"""What the service keeps: judged profiles, decisions, service cells, settings, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; what was judged before has no profile kept."""
    _create_history()
    _create_service()
    op.create_table(
        "settings",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("scope", sa.Text, nullable=False, index=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "erasures",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("erased_at", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notices",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("incident_key", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("due_at", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("batch", sa.Integer),
        sa.Column("sent_at", sa.Text),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("incident_key", "event", "channel"),
        sqlite_autoincrement=True,
    )
    op.create_index("notices_by_status", "notices", ["status", "channel", "due_at"])
    op.create_table(
        "incident_changes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("baseline_version", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    same = ["model", "baseline_version", "incident_id"]
    op.create_index("incident_changes_of", "incident_changes", same)
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
    )


def _create_history() -> None:
    op.add_column("journal", sa.Column("first_time", sa.Integer))
    op.create_index(
        "journal_times", "journal", ["model", "kind", "sequence", "first_time", "last_time"]
    )
    op.add_column("progress", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "bucket_profiles",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("late_rows", sa.Integer, nullable=False),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("revised_at_sequence", sa.Integer),
        sa.Column("readings", sa.LargeBinary, nullable=False),
        sa.Column("profile", sa.LargeBinary, nullable=False),
        sa.Column("late", sa.LargeBinary),
    )
    op.create_table(
        "checkpoints",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, primary_key=True),
        sa.Column("next_index", sa.Integer, primary_key=True),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "decisions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("baseline_version", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("until", sa.Text),
        sa.Column("at_bucket", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_service() -> None:
    op.create_table(
        "service_cells",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("level_seconds", sa.Integer, primary_key=True),
        sa.Column("dimension", sa.Text, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("predictions", sa.Integer, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("costed", sa.Integer, nullable=False),
        sa.Column("cost_nano_usd", sa.Integer, nullable=False),
        sa.Column("latencies", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "service_progress",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("newest", sa.Integer, nullable=False),
    )
    op.create_table(
        "service_incidents",
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, nullable=False, index=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("objective", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("opened_at", sa.Text, nullable=False),
        sa.Column("closed_at", sa.Text),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
