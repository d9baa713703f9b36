"""Tables of the state database, as the newest migration leaves them."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

journal = sa.Table(
    "journal",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("codec", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("blob", sa.LargeBinary, nullable=False),
    sa.Column("last_time", sa.Integer, nullable=False),
    sa.Column("received_at", sa.Text, nullable=False),
    sa.Column("first_time", sa.Integer),
    sa.Index("journal_times", "model", "kind", "sequence", "first_time", "last_time"),
    sqlite_autoincrement=True,
)

recent_keys = sa.Table(
    "recent_keys",
    metadata,
    sa.Column("sequence", sa.Integer, primary_key=True),
    sa.Column("keys", sa.LargeBinary, nullable=False),
)

settled_keys = sa.Table(
    "settled_keys",
    metadata,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sqlite_with_rowid=False,
)

column_types = sa.Table(
    "column_types",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
)

sealed_files = sa.Table(
    "sealed_files",
    metadata,
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

arrivals = sa.Table(
    "arrivals",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("newest_time", sa.Integer, nullable=False),
    sa.Column("received_at", sa.Integer, nullable=False),
    sa.Column("gap_seconds", sa.Float),
)

baselines = sa.Table(
    "baselines",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

progress = sa.Table(
    "progress",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("baseline_version", sa.Integer, nullable=False),
    sa.Column("next_index", sa.Integer, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
)

closed_buckets = sa.Table(
    "closed_buckets",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("baseline_version", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("start", sa.Text),
    sa.Column("end", sa.Text),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("closed_at_sequence", sa.Integer, nullable=False),
    sa.Column("evidence", sa.Float, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("baseline_version", sa.Integer, primary_key=True),
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("opened_bucket", sa.Integer, nullable=False),
    sa.Column("closed_bucket", sa.Integer),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("one", sa.Integer, primary_key=True),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

access_keys = sa.Table(
    "access_keys",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("secret_sha256", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("most_records_per_second", sa.Integer),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text),
    sa.Column("revoked_at", sa.Text),
    sa.Column("last_used_at", sa.Text),
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("scope", sa.Text, nullable=False, index=True),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

notices = sa.Table(
    "notices",
    metadata,
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
    sa.Index("notices_by_status", "status", "channel", "due_at"),
    sqlite_autoincrement=True,
)

incident_changes = sa.Table(
    "incident_changes",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("baseline_version", sa.Integer, nullable=False),
    sa.Column("incident_id", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Index("incident_changes_of", "model", "baseline_version", "incident_id"),
    sqlite_autoincrement=True,
)

# Small columns come first: what lies behind a large value is slow to reach.
bucket_profiles = sa.Table(
    "bucket_profiles",
    metadata,
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

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("baseline_version", sa.Integer, primary_key=True),
    sa.Column("next_index", sa.Integer, primary_key=True),
    sa.Column("state", sa.LargeBinary, nullable=False),
)

decisions = sa.Table(
    "decisions",
    metadata,
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

service_cells = sa.Table(
    "service_cells",
    metadata,
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

service_progress = sa.Table(
    "service_progress",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("newest", sa.Integer, nullable=False),
)

service_incidents = sa.Table(
    "service_incidents",
    metadata,
    sa.Column("incident_id", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, nullable=False, index=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("objective", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("closed_at", sa.Text),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("expires_at", sa.Text, nullable=False),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("erased_at", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)

quality_cells = sa.Table(
    "quality_cells",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("level_seconds", sa.Integer, primary_key=True),
    sa.Column("dimension", sa.Text, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Column("predictions", sa.Integer, nullable=False),
    sa.Column("labelled", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

quality_progress = sa.Table(
    "quality_progress",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("plan", sa.LargeBinary, nullable=False),
)

quality_pending = sa.Table(
    "quality_pending",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# An outcome or feedback whose prediction has not come.
quality_orphans = sa.Table(
    "quality_orphans",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("prediction_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("label_day", sa.Integer, primary_key=True),
    sa.Column("first_sequence", sa.Integer, nullable=False),
    sa.Column("last_sequence", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

lost_orphans = sa.Table(
    "lost_orphans",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("label_day", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Days are numbers since 1970.
label_days = sa.Table(
    "label_days",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("label_day", sa.Integer, primary_key=True),
    sa.Column("first_sequence", sa.Integer, nullable=False),
    sa.Column("last_sequence", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

label_coverage = sa.Table(
    "label_coverage",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("after_sequence", sa.Integer, nullable=False),
    sa.Column("up_to_sequence", sa.Integer, nullable=False),
)

estimators = sa.Table(
    "estimators",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

estimate_cells = sa.Table(
    "estimate_cells",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("level_seconds", sa.Integer, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("predictions", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

estimate_progress = sa.Table(
    "estimate_progress",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

estimate_pending = sa.Table(
    "estimate_pending",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

item_traits = sa.Table(
    "item_traits",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

concept_states = sa.Table(
    "concept_states",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
)

outlier_scorers = sa.Table(
    "outlier_scorers",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("baseline_version", sa.Integer, nullable=False),
    sa.Column("counted_sequence", sa.Integer, nullable=False),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.LargeBinary),
    sqlite_autoincrement=True,
)

outlier_cells = sa.Table(
    "outlier_cells",
    metadata,
    sa.Column("scorer", sa.Integer, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("scored", sa.Integer, nullable=False),
    sa.Column("outliers", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

business_waits = sa.Table(
    "business_waits",
    metadata,
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("recipe", sa.Text, primary_key=True),
    sa.Column("baseline_version", sa.Integer, primary_key=True),
    sa.Column("wait_days", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)

business_days = sa.Table(
    "business_days",
    metadata,
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
