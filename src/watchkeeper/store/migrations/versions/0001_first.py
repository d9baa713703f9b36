"""First version: journal, sealed files, watch state, audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "journal",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("codec", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("blob", sa.LargeBinary, nullable=False),
        sa.Column("last_time", sa.Integer, nullable=False),
        sa.Column("received_at", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "recent_keys",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("keys", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "settled_keys",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "column_types",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
    )
    op.create_table(
        "sealed_files",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, nullable=False, index=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("first_sequence", sa.Integer, nullable=False),
        sa.Column("last_sequence", sa.Integer, nullable=False),
        sa.Column("first_time", sa.Integer, nullable=False),
        sa.Column("last_time", sa.Integer, nullable=False),
        sa.Column("sealed_at", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
    )
    _create_watch_tables()
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("time", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Integer, primary_key=True),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )


def _create_watch_tables() -> None:
    op.create_table(
        "baselines",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "progress",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, nullable=False),
        sa.Column("next_index", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "closed_buckets",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("start", sa.Text),
        sa.Column("end", sa.Text),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("closed_at_sequence", sa.Integer, nullable=False),
        sa.Column("evidence", sa.Float, nullable=False),
    )
    op.create_table(
        "incidents",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("baseline_version", sa.Integer, primary_key=True),
        sa.Column("incident_id", sa.Text, primary_key=True),
        sa.Column("opened_bucket", sa.Integer, nullable=False),
        sa.Column("closed_bucket", sa.Integer),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
