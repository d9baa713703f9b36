"""Writing down what a watch found, inside a transaction of the caller."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.errors import BusyError
from watchkeeper.store.audit import append_entry
from watchkeeper.store.checkpoints import keep_checkpoints
from watchkeeper.store.decisions import next_bucket
from watchkeeper.store.incident_feed import note_change
from watchkeeper.store.judgements import Judgement, SavedIncident, SavedProgress
from watchkeeper.store.kept_buckets import keep
from watchkeeper.store.tables import closed_buckets, incidents, progress


def progress_of(connection: sa.Connection, model: str) -> SavedProgress | None:
    """Return where a model's watch stands."""
    row = connection.execute(sa.select(progress).where(progress.c.model == model)).first()
    if row is None:
        return None
    return SavedProgress(
        baseline_version=row.baseline_version, next_index=row.next_index, state=row.state
    )


def require_progress(
    connection: sa.Connection, model: str, following: SavedProgress | None
) -> None:
    """Raise a `BusyError` unless a watch stands where the caller went on from."""
    if progress_of(connection, model) != following:
        raise BusyError(f"another watch of {model!r} got ahead; leave it to that one")


def keep_judgement(
    connection: sa.Connection, model: str, version: int, judgement: Judgement, now: datetime
) -> None:
    """Keep all of a judgement; its buckets and those after are not there yet."""
    own = {"model": model, "baseline_version": version}
    if judgement.buckets:
        rows = [own | msgspec.structs.asdict(bucket) for bucket in judgement.buckets]
        connection.execute(sa.insert(closed_buckets), rows)
    keep(connection, model, version, judgement.kept)
    keep_checkpoints(connection, model, version, judgement.checkpoints)
    for incident in judgement.changed:
        upsert_incident(connection, model, version, incident, "watch", now)
    following = next_bucket(connection, model, version)
    go_on(connection, model, version, following, judgement.state)


def go_on(
    connection: sa.Connection, model: str, version: int, next_index: int, state: bytes
) -> None:
    """Note where a watch stands now."""
    own = progress.c.model == model
    revision = connection.execute(sa.select(progress.c.revision).where(own)).scalar() or 0
    connection.execute(sa.delete(progress).where(own))
    connection.execute(
        sa.insert(progress).values(
            model=model,
            baseline_version=version,
            next_index=next_index,
            state=state,
            revision=revision + 1,
        )
    )


def upsert_incident(
    connection: sa.Connection,
    model: str,
    baseline_version: int,
    incident: SavedIncident,
    actor: str,
    now: datetime,
    *,
    action: str | None = None,
) -> None:
    """Keep an incident as it is told now, audited, by default as what changed of it."""
    c = incidents.c
    same = (
        (c.model == model)
        & (c.baseline_version == baseline_version)
        & (c.incident_id == incident.incident_id)
    )
    before = connection.execute(sa.select(c.closed_bucket).where(same)).first()
    connection.execute(sa.delete(incidents).where(same))
    connection.execute(
        sa.insert(incidents).values(
            model=model,
            baseline_version=baseline_version,
            **msgspec.structs.asdict(incident),
        )
    )
    note_change(connection, model, baseline_version, incident.incident_id, now=now)
    if action is None:
        action = "incident.open" if before is None else "incident.update"
        if incident.closed_bucket is not None:
            action = "incident.close"
    details = {"model": model, "incident": incident.incident_id}
    append_entry(connection, actor, action, details, now=now)
