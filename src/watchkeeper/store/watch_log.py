"""What a watch has decided so far: baselines, closed buckets, incidents, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from watchkeeper.errors import BusyError
from watchkeeper.store.audit import append_entry
from watchkeeper.store.database import Database
from watchkeeper.store.decisions import last_adoption, next_bucket
from watchkeeper.store.incident_feed import note_change
from watchkeeper.store.tables import baselines, closed_buckets, incidents, progress


class SavedBaseline(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a model's baseline; ``payload`` is what the watch gave to keep."""

    model: str
    version: int
    created_at: str
    note: str
    payload: bytes


class SavedProgress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a watch stands: its state after bucket ``next_index - 1``."""

    baseline_version: int
    next_index: int
    state: bytes


class ClosedBucket(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket that was judged, with the rows that had arrived by then.

    ``closed_at_sequence`` is the last journal entry that it saw; ``evidence`` a multiple of the
    threshold.
    """

    number: int
    start: str | None
    end: str | None
    rows: int
    closed_at_sequence: int
    evidence: float


class SavedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as last told, as canonical JSON."""

    incident_id: str
    opened_bucket: int
    closed_bucket: int | None
    payload: bytes


class WatchLog:
    """The part of the state database that belongs to watches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_baseline(
        self,
        model: str,
        payload: bytes,
        *,
        note: str,
        actor: str,
        now: datetime,
        closed: Sequence[SavedIncident] = (),
    ) -> int:
        """Keep a new version, audited, and return its number (from 1).

        Parameters
        ----------
        closed
            Incidents of the version before that its adoption closes, in the same transaction.
        """
        with self._database.writing() as connection:
            latest = connection.execute(
                sa.select(sa.func.max(baselines.c.version)).where(baselines.c.model == model)
            ).scalar()
            version = int(latest or 0) + 1
            connection.execute(
                sa.insert(baselines).values(
                    model=model,
                    version=version,
                    created_at=now.isoformat(),
                    note=note,
                    payload=payload,
                )
            )
            details = {"model": model, "version": version, "note": note}
            append_entry(connection, actor, "baseline.save", details, now=now)
            for incident in closed:
                _upsert_incident(connection, model, version - 1, incident, actor, now)
            return version

    def baseline(self, model: str, version: int | None = None) -> SavedBaseline | None:
        """Return a version of a baseline, by default the newest."""
        query = sa.select(baselines).where(baselines.c.model == model)
        if version is not None:
            query = query.where(baselines.c.version == version)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(baselines.c.version.desc()).limit(1)).first()
        return None if row is None else SavedBaseline(**row._mapping)

    def watched(self) -> dict[str, int]:
        """Return the models that have a baseline, each with the number of its newest."""
        query = sa.select(baselines.c.model, sa.func.max(baselines.c.version))
        with self._database.reading() as connection:
            rows = connection.execute(query.group_by(baselines.c.model).order_by("model"))
            return {str(model): int(version) for model, version in rows}

    def judged(self) -> int:
        """Return a number that grows whenever buckets are judged, of any model."""
        with self._database.reading() as connection:
            newest = connection.exec_driver_sql("SELECT max(rowid) FROM closed_buckets").scalar()
        return int(newest or 0)

    def progress(self, model: str) -> SavedProgress | None:
        """Return where the model's watch stands."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(progress).where(progress.c.model == model)).first()
        if row is None:
            return None
        return SavedProgress(
            baseline_version=row.baseline_version, next_index=row.next_index, state=row.state
        )

    def record(
        self,
        model: str,
        baseline_version: int,
        buckets: Sequence[ClosedBucket],
        *,
        state: bytes,
        changed: Sequence[SavedIncident],
        now: datetime,
        adoptions_up_to: int = 0,
    ) -> bool:
        """Keep judged buckets, the state after them and what they changed, all or nothing.

        An incident that opens or closes is audited in the same transaction.

        Parameters
        ----------
        adoptions_up_to
            Number of the newest adoption that the buckets were judged with.

        Returns
        -------
        Whether they were kept. They were not if another adoption was decided meanwhile: judge them
        again with it.

        Raises
        ------
        BusyError
            If the first bucket was judged already, by another watch of the model.
        """
        with self._database.writing() as connection:
            if last_adoption(connection, model, baseline_version) != adoptions_up_to:
                return False
            following = next_bucket(connection, model, baseline_version)
            if buckets and buckets[0].number < following:
                message = (
                    f"bucket {buckets[0].number} of {model!r} was judged already, by another watch;"
                    " leave it to that one"
                )
                raise BusyError(message)
            for bucket in buckets:
                connection.execute(
                    sa.insert(closed_buckets).values(
                        model=model,
                        baseline_version=baseline_version,
                        **msgspec.structs.asdict(bucket),
                    )
                )
            for incident in changed:
                _upsert_incident(connection, model, baseline_version, incident, "watch", now)
            connection.execute(sa.delete(progress).where(progress.c.model == model))
            connection.execute(
                sa.insert(progress).values(
                    model=model,
                    baseline_version=baseline_version,
                    next_index=buckets[-1].number + 1 if buckets else following,
                    state=state,
                )
            )
            return True

    def buckets(self, model: str, baseline_version: int) -> list[ClosedBucket]:
        """Return the judged buckets, in order."""
        c = closed_buckets.c
        query = (
            sa.select(c.number, c.start, c.end, c.rows, c.closed_at_sequence, c.evidence)
            .where(c.model == model, c.baseline_version == baseline_version)
            .order_by(c.number)
        )
        with self._database.reading() as connection:
            return [ClosedBucket(**row._mapping) for row in connection.execute(query)]

    def last_bucket(self, model: str, baseline_version: int) -> ClosedBucket | None:
        """Return the bucket that was judged last, ``None`` if none was."""
        c = closed_buckets.c
        query = (
            sa.select(c.number, c.start, c.end, c.rows, c.closed_at_sequence, c.evidence)
            .where(c.model == model, c.baseline_version == baseline_version)
            .order_by(c.number.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else ClosedBucket(**row._mapping)

    def incidents(self, model: str, baseline_version: int) -> list[SavedIncident]:
        """Return the incidents as last told, in the order they opened."""
        c = incidents.c
        query = (
            sa.select(c.incident_id, c.opened_bucket, c.closed_bucket, c.payload)
            .where(c.model == model, c.baseline_version == baseline_version)
            .order_by(c.opened_bucket, c.incident_id)
        )
        with self._database.reading() as connection:
            return [SavedIncident(**row._mapping) for row in connection.execute(query)]


def _upsert_incident(
    connection: sa.Connection,
    model: str,
    baseline_version: int,
    incident: SavedIncident,
    actor: str,
    now: datetime,
) -> None:
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
    action = "incident.open" if before is None else "incident.update"
    if incident.closed_bucket is not None:
        action = "incident.close"
    details: Mapping[str, object] = {"model": model, "incident": incident.incident_id}
    append_entry(connection, actor, action, details, now=now)
